import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Generator } from '@pixelis/reproducibility';
import * as tf from '@tensorflow/tfjs';
import { loadBackend } from '../../src/backends/load-backend';
import { loadWebgpuBackend, probeWebgpu } from '../../src/backends/webgpu-backend';
import {
  classificationObjective,
  type ClassificationShard,
} from '../../src/classification/classification-objective';
import { imageClassifierSpecs } from '../../src/models/image-classifier';
import { initialiseParameters } from '../../src/parameters';
import { createTrainer } from '../../src/trainer/create-trainer';
import type { StepResult } from '../../src/trainer/trainer';
import { layerCases, layerOf, titleOf } from '../support/layers';
import { decode, relativeError, valueAndGradients, valuesOf } from '../support/tensors';

/** Relative difference of a loss from that of the reference backend over a few steps. */
const LOSS_TOLERANCE = 1e-5;
/** Parts of the largest entry of the tensor, against PyTorch. */
const FORWARD_TOLERANCE = 2e-6;
const GRADIENT_TOLERANCE = 1e-5;

describe('probeWebgpu()', () => {
  it('names the software device, and leaves nothing behind', async () => {
    const globals = Object.getOwnPropertyNames(globalThis);

    expect(await probeWebgpu()).toMatchObject({
      isAvailable: true,
      isSoftware: true,
      adapter: { vendor: 'google', architecture: 'swiftshader', isSoftware: true },
    });
    expect(Object.getOwnPropertyNames(globalThis)).toEqual(globals);
    expect(tf.findBackendFactory('webgpu')).toBeNull();
  });
});

describe('loadWebgpuBackend()', () => {
  it('makes webgpu ready and says that the device is software', async () => {
    const backend = await loadWebgpuBackend();

    expect(backend).toMatchObject({ name: 'webgpu', threads: 1 });
    expect(backend.description).toMatch(/SwiftShader.*software device/);
    expect(tf.getBackend()).toBe('webgpu');
    expect(await tf.matMul([[1, 2]], [[3], [4]]).array()).toEqual([[11]]);
  });
});

describe('layers on webgpu against PyTorch', () => {
  beforeAll(() => loadWebgpuBackend());

  it.each(layerCases.map((each) => [titleOf(each), each] as const))('%s', async (_, each) => {
    const inputs = Object.fromEntries(
      Object.entries(each.inputs).map(([name, tensor]) => [name, decode(tensor)]),
    );
    const before = tf.memory().numTensors;
    const upstream = decode(each.upstream);
    const { value, gradients, shapes } = await valueAndGradients(layerOf(each), inputs, upstream);
    upstream.dispose();

    expect(shapes).toEqual([
      each.value.shape,
      ...Object.values(each.inputs).map(({ shape }) => shape),
    ]);
    const errors: Record<string, number> = { value: relativeError(value, valuesOf(each.value)) };
    for (const [name, expected] of Object.entries(each.gradients)) {
      errors[name] = relativeError(gradients[name]!, valuesOf(expected));
    }
    expect(tf.memory().numTensors).toBe(before);
    expect(errors['value']).toBeLessThanOrEqual(FORWARD_TOLERANCE);
    expect(Math.max(...Object.values(errors))).toBeLessThanOrEqual(GRADIENT_TOLERANCE);
    tf.dispose(inputs);
  });
});

describe('training on webgpu', () => {
  it('follows the reference backend, and holds no more memory after many steps than after two', async () => {
    await loadBackend('reference');
    const { results: expected } = await trainClassifier(4);
    await loadWebgpuBackend();
    const { results, bytes } = await trainClassifier(12);

    for (const [index, { loss, gradientNorm }] of expected.entries()) {
      expect(Math.abs(results[index]!.loss / loss - 1)).toBeLessThan(LOSS_TOLERANCE);
      expect(Math.abs(results[index]!.gradientNorm / gradientNorm - 1)).toBeLessThan(1e-4);
    }
    expect(results.at(-1)!.loss).toBeLessThan(results[0]!.loss);
    expect(new Set(bytes.slice(1)).size).toBe(1);
  });

  it('ends with the error of the device, and starts anew once the backend was removed', async () => {
    await loadWebgpuBackend();
    const x = tf.ones([4]);
    const tooLarge = tf.fill([2 ** 31], 0);

    await expect(tf.add(x, 1).data()).rejects.toMatchObject({
      code: expect.stringMatching(/^GPU_/) as string,
      exitCode: 3,
    });
    expect(tooLarge.size).toBe(2 ** 31);

    tf.removeBackend('webgpu');
    await loadWebgpuBackend();
    expect([...(await tf.add(tf.ones([2]), 1).data())]).toEqual([2, 2]);
  });
});

describe('a program on webgpu', () => {
  it.each([
    ['its work is done', 'finish', 0],
    ['it sets an exit code', 'set-exit-code', 4],
    ['it exits while commands are pending', 'exit-pending', 5],
    ['it fails with an exception while commands are pending', 'throw-pending', 1],
    ['the device was destroyed', 'destroy', 6],
  ])('ends by itself with its exit code when %s', (_, mode, status) => {
    const program = join(__dirname, 'webgpu-program.cjs');

    const ended = spawnSync(process.execPath, [program, mode], {
      encoding: 'utf8',
      timeout: 60_000,
    });

    expect({ status: ended.status, signal: ended.signal, out: ended.stdout }).toEqual({
      status,
      signal: null,
      out: 'trained\n',
    });
  });
});

// Helpers

/** A few steps of a small vision transformer, with what they measured and the bytes that they left on the device. */
async function trainClassifier(
  steps: number,
): Promise<{ results: StepResult[]; bytes: unknown[] }> {
  const shape = { dim: 12, heads: 2, mlpRatio: 2, layers: 1 };
  const config = { ...shape, patches: 4, patchValues: 3, classes: 5 };
  const specs = imageClassifierSpecs(config);
  const parameters = initialiseParameters(specs, Generator.fromSeed(7));
  const objective = classificationObjective(config);
  const trainer = createTrainer<ClassificationShard>(
    { parameters },
    { specs, objective, optimizer: { weightDecay: 0.1 }, gradientClipNorm: 1 },
  );
  tf.dispose(parameters);
  const patches = Float32Array.from({ length: 36 }, (_, index) => Math.sin(index));
  const shards = [0, 1].map((shift) => ({ patches, labels: Int32Array.of(3, 1, shift) }));
  const results: StepResult[] = [];
  const bytes: unknown[] = [];
  for (let step = 0; step < steps; step++) {
    results.push(await trainer.update(shards, 0.01));
    await trainer.weights();
    const { numTensors, ...memory } = tf.memory();
    bytes.push(`${numTensors} ${'numBytesInGPU' in memory ? String(memory.numBytesInGPU) : ''}`);
  }
  await trainer.dispose();
  return { results, bytes };
}
