import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TrainingConfig } from '@pixelis/config';
import * as tf from '@tensorflow/tfjs';
import { FINAL_WEIGHTS_PATH } from '../../src/checkpoints/checkpoint';
import { trainSft } from '../../src/sft/train-sft';
import { setBackend } from '../support/backends';
import { MemoryRecorder } from '../support/memory-recorder';
import { tinyConfig } from '../support/tiny-run';

const TIMEOUT_MS = 50_000;

describe('trainSft() on threads', () => {
  beforeAll(() => setBackend('wasm with kernels'));

  it('records and ends with the same bits as on one', async () => {
    const before = tf.memory().numTensors;
    const [one, three] = [new MemoryRecorder(), new MemoryRecorder()];
    const outcome = await trainSft({ config: onThreads(1), recorder: one });

    expect(await trainSft({ config: onThreads(3), recorder: three })).toEqual(outcome);
    expect(three.texts['metrics']).toBe(one.texts['metrics']);
    expect(three.texts['epochs']).toBe(one.texts['epochs']);
    expect(three.files.get(FINAL_WEIGHTS_PATH)).toEqual(one.files.get(FINAL_WEIGHTS_PATH));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a process that trains on threads', () => {
  it.each([
    ['whose trainer nobody disposes of', '', 0],
    ['that has disposed of it', 'await trainer.dispose();', 0],
    [
      'that stops in the middle of a step',
      'void trainer.update(shards, 0.01); setTimeout(() => process.exit(5), 20);',
      5,
    ],
    [
      'whose thread dies',
      `await trainer.update([...shards, { ...shards[0], deed: 'exit' }], 0.01)
         .catch(({ code, exitCode }) => { if (code === 'WORKER_LOST') process.exitCode = exitCode; });`,
      3,
    ],
  ])(
    '%s ends',
    (_, then, exitCode) => {
      const { status, signal, stderr } = runProgram(then);

      expect({ status, signal, stderr }).toEqual({ status: exitCode, signal: null, stderr: '' });
    },
    TIMEOUT_MS,
  );
});

// Helpers

function onThreads(threads: number): TrainingConfig {
  const config = tinyConfig({ training: { shards: 4 } });
  return { ...config, hardware: { ...config.hardware, threads } };
}

/** Makes a trainer on two threads in a process of its own, takes a step and does what is said then. */
function runProgram(then: string) {
  const program = `
    const tf = require('@tensorflow/tfjs');
    const { createTrainer, loadBackend } = require('./dist/index.js');
    const objectives = require('./test/support/worker-objective.cjs');
    (async () => {
      await loadBackend('wasm');
      const shapes = { first: [40, 8], bias: [8], last: [8, 8], gain: [] };
      const specs = Object.fromEntries(
        Object.entries(shapes).map(([name, shape]) => [name, { shape, isDecayed: true }]),
      );
      const parameters = Object.fromEntries(
        Object.entries(shapes).map(([name, shape]) => [name, tf.fill(shape, 0.1)]),
      );
      const options = { scale: 1 };
      const path = require.resolve('./test/support/worker-objective.cjs');
      const trainer = createTrainer({ parameters }, {
        specs,
        objective: objectives.network(options),
        objectiveModule: { path, factory: 'network', options },
        optimizer: {},
        gradientClipNorm: 1,
        threads: 2,
      });
      const shards = [1, 2].map((value) => ({ rows: new Float32Array(400).fill(value) }));
      await trainer.update(shards, 0.01);
      ${then}
    })();`;
  return spawnSync(process.execPath, ['-e', program], {
    cwd: join(__dirname, '../..'),
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
}
