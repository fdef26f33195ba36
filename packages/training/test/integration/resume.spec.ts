import { DataError, digestParts, type StepDigests, UsageError } from '@pixelis/core';
import * as tf from '@tensorflow/tfjs';
import { type Checkpoint, FINAL_WEIGHTS_PATH } from '../../src/checkpoints/checkpoint';
import { decodeSafetensors } from '../../src/checkpoints/safetensors';
import { checkSft, type SftOutcome, trainSft } from '../../src/sft/train-sft';
import { setBackend } from '../support/backends';
import { MemoryRecorder } from '../support/memory-recorder';
import { useTemporaryFolder } from '../support/temporary-folder';
import { thrownBy } from '../support/thrown-by';
import { tinyConfig } from '../support/tiny-run';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readNewestCheckpoint } from '../../src/checkpoints/checkpoint';

const temporaryFolder = useTemporaryFolder();

beforeAll(() => setBackend('wasm with kernels'));

describe('trainSft()', () => {
  const whole = new MemoryRecorder();
  let outcome: SftOutcome;

  beforeAll(async () => {
    outcome = await trainSft({ config: tinyConfig(), recorder: whole });
  });

  it('records each step, saves where it should, and measures on test in the end', () => {
    expect(outcome).toMatchObject({
      status: 'completed',
      results: {
        'accuracy/simple': expect.any(Number) as number,
        'accuracy/medium': expect.any(Number) as number,
        'accuracy/hard': expect.any(Number) as number,
      },
    });
    expect(whole.lines('metrics').map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(whole.lines('metrics').map(({ stage }) => stage)).toEqual([0, 0, 1, 1, 1, 1, 1, 1]);
    expect(whole.lines('chain').map(({ step }) => step)).toEqual([0, 3, 6, 8]);
    expect([...whole.files.keys()]).toEqual([
      'checkpoints/step-00000003.safetensors',
      'checkpoints/step-00000006.safetensors',
      'checkpoints/step-00000008.safetensors',
      FINAL_WEIGHTS_PATH,
    ]);
    expect(decodeSafetensors(whole.files.get(FINAL_WEIGHTS_PATH)!).metadata).toEqual({});
    expect(whole.events.map(({ type }) => type)).toEqual([
      ...Array.from({ length: 4 }, () => 'curriculum'),
      'tested',
    ]);
  });

  it('takes all of its tensors back', async () => {
    const before = tf.memory().numTensors;
    await trainSft({ config: tinyConfig(), recorder: new MemoryRecorder() });

    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([1, 2, 3, 4, 5, 7])(
    'interrupted after step %i, goes on to the same bits',
    async (step) => {
      const controller = new AbortController();
      const recorder = new MemoryRecorder();
      const first = await trainSft({
        config: tinyConfig(),
        recorder,
        signal: controller.signal,
        callbacks: [
          { afterStep: (report) => (report.step === step ? controller.abort() : undefined) },
        ],
      });
      expect(first).toEqual({ status: 'interrupted', step });
      expect(recorder.files.has(FINAL_WEIGHTS_PATH)).toBe(false);

      const second = await trainSft({
        config: tinyConfig(),
        recorder,
        checkpoint: newestOf(recorder),
      });

      expectSame({ recorder, outcome: second }, { recorder: whole, outcome });
    },
  );

  it('killed at any step, goes on from its newest checkpoint to the same bits', async () => {
    const left: MemoryRecorder[] = [];
    const recorder = new MemoryRecorder();
    await trainSft({
      config: tinyConfig(),
      recorder,
      callbacks: [{ afterStep: () => void left.push(recorder.copy()) }],
    });

    for (const killed of [left[2]!, left[4]!, left[7]!]) {
      const checkpoint = newestOf(killed);
      const resumed = await trainSft({ config: tinyConfig(), recorder: killed, checkpoint });
      expectSame({ recorder: killed, outcome: resumed }, { recorder: whole, outcome });
    }
  });

  it('digests every step without changing one, or none', async () => {
    for (const [hash_every, steps] of [
      [1, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
      [100, [0, 8]],
      [0, []],
    ] as const) {
      const recorder = new MemoryRecorder();
      await trainSft({ config: tinyConfig({ training: { hash_every } }), recorder });
      const lines = recorder.texts['chain'].split('\n').slice(0, -1);
      expect(lines.map((line) => (JSON.parse(line) as { step: number }).step)).toEqual(steps);
      expect(recorder.texts['metrics']).toBe(whole.texts['metrics']);
      const last = JSON.parse(lines.at(-1) ?? '{}') as Partial<StepDigests>;
      expect(last.weights).toBe(steps.length === 0 ? undefined : digestOfWeights(whole));
    }
  });

  it('gives other bits with another seed, and with another number of shards', async () => {
    for (const training of [{ seed: 0 }, { shards: 4 }]) {
      const recorder = new MemoryRecorder();
      await trainSft({ config: tinyConfig({ training }), recorder });
      expect(weightsOf(recorder).equals(weightsOf(whole))).toBe(false);
    }
  });

  it('passes a full disk on, with no final weights written and nothing left open', async () => {
    const before = tf.memory().numTensors;
    const recorder = new MemoryRecorder();
    recorder.writeFile = () => {
      throw new DataError('cannot write: no space is left', { code: 'DISK_FULL', remedy: 'free' });
    };

    await expect(
      trainSft({ config: tinyConfig({ data: { num_workers: 1 } }), recorder }),
    ).rejects.toMatchObject({ code: 'DISK_FULL', exitCode: 4 });

    expect(recorder.lines('metrics').at(-1)).toMatchObject({ step: 3 });
    expect(recorder.files.size).toBe(0);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    ['in a step', { learning_rate: 1e30, evaluate_every: 2 }],
    ['in an evaluation', { learning_rate: 1e30, evaluate_every: 1 }],
    ['in its last step', { learning_rate: 1e300, evaluate_every: 100, steps: 1 }],
  ])('ends a training that diverges %s, and saves none of it', async (_, changes) => {
    const recorder = new MemoryRecorder();
    const training = { ...changes, warmup_steps: 0, checkpoint_every: 100 };

    await expect(trainSft({ config: tinyConfig({ training }), recorder })).rejects.toMatchObject({
      code: 'TRAINING_DIVERGED',
    });

    expect(recorder.files.size).toBe(0);
  });

  it('refuses a checkpoint of another model', async () => {
    const config = tinyConfig({ model: { dim: 16 } });
    const before = tf.memory().numTensors;

    await expect(
      trainSft({ config, recorder: new MemoryRecorder(), checkpoint: newestOf(whole) }),
    ).rejects.toMatchObject({ code: 'CHECKPOINT_BROKEN', exitCode: 5 });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('checkSft()', () => {
  it('gives the data set’s card', () => {
    expect(checkSft(tinyConfig())).toMatchObject({ name: 'digits-reasoning' });
  });

  it.each([
    ['another data set', { data: { dataset: 'mnist' } }, 'DATASET_UNSUITABLE'],
    ['an unknown data set', { data: { dataset: 'digit-reasoning' } }, 'DATASET_UNSUITABLE'],
    ['a batch larger than the data', { data: { batch_size: 55_001 } }, 'EXAMPLES_MISSING'],
    [
      'more questions than val has',
      { training: { evaluation_examples: 5001 } },
      'EXAMPLES_MISSING',
    ],
    [
      'more examples in a shard than fit into memory',
      { training: { shards: 1 }, data: { batch_size: 513 } },
      'SHARD_TOO_LARGE',
    ],
    ['more questions than test has', { training: { test_examples: 10_001 } }, 'EXAMPLES_MISSING'],
  ])('refuses %s', (_, changes, code) => {
    const error = thrownBy(() => checkSft(tinyConfig(changes)));

    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ code });
  });

  it('refuses a folder without the data', () => {
    const error = thrownBy(() => checkSft(tinyConfig({ data: { directory: temporaryFolder() } })));

    expect(error).toBeInstanceOf(DataError);
  });
});

// Helpers

/** The newest checkpoint, by the way over a disk. */
function newestOf({ files }: MemoryRecorder): Checkpoint {
  const run = temporaryFolder();
  for (const [path, content] of files) {
    mkdirSync(dirname(join(run, path)), { recursive: true });
    writeFileSync(join(run, path), content);
  }
  const checkpoint = readNewestCheckpoint(run);
  if (checkpoint === undefined) throw new Error('There is no checkpoint');
  return checkpoint;
}

function weightsOf({ files }: MemoryRecorder): Buffer {
  return Buffer.from(files.get(FINAL_WEIGHTS_PATH)!);
}

/** As a chain says it of the weights in a file, whose tensors lie in the order of their names. */
function digestOfWeights({ files }: MemoryRecorder): string {
  const { tensors } = decodeSafetensors(files.get(FINAL_WEIGHTS_PATH)!);
  return digestParts(Object.values(tensors).map(({ data }) => data)).digest;
}

interface Ended {
  readonly recorder: MemoryRecorder;
  readonly outcome: SftOutcome;
}

function expectSame(found: Ended, expected: Ended): void {
  expect(found.recorder.texts['metrics']).toBe(expected.recorder.texts['metrics']);
  expect(found.recorder.texts['chain']).toBe(expected.recorder.texts['chain']);
  expect(found.recorder.texts['epochs']).toBe(expected.recorder.texts['epochs']);
  expect(found.recorder.lines('timings')).toHaveLength(8);
  expect(weightsOf(found.recorder).equals(weightsOf(expected.recorder))).toBe(true);
  expect(found.outcome).toEqual(expected.outcome);
}
