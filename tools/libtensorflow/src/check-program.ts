import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadNativeAddon, openNativeInstallation } from '@pixelis/native';
import type * as Tf from '@tensorflow/tfjs-node-gpu';
import { writeSavedModel } from './saved-model';

/**
 * Runs in a process of its own, since a library that does not fit may end it: `check-program.js DEVICE [FOLDER]` loads the installation
 * in a folder, or without one the package's own binary, and prints a line of JSON for each thing that it computes.
 */
async function main([device, folder]: readonly string[]): Promise<void> {
  const installation = folder === undefined ? undefined : openNativeInstallation(folder);
  const addon = loadNativeAddon({ device: device === 'gpu' ? 'gpu' : 'cpu', installation });
  // The same module, from now on with its types.
  const tf = await import('@tensorflow/tfjs-node-gpu');
  report(
    'load',
    `TensorFlow ${addon.tensorflowVersion} on ${addon.isUsingGpu ? 'the GPU' : 'the CPU'}`,
    {
      is_using_gpu: addon.isUsingGpu,
      origin: addon.origin,
    },
  );
  report('product', product(tf));
  report('gradient', gradient(tf));
  report('saved_model', await savedModel(tf));
}

function product(tf: typeof Tf): string {
  const values = tf.tidy(() => [
    ...tf
      .matMul(
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      )
      .dataSync(),
  ]);
  expect(values, [19, 22, 43, 50]);
  return 'the product of two matrices is right';
}

function gradient(tf: typeof Tf): string {
  const cube = tf.grad((x: Tf.Tensor) => tf.sum(tf.mul(x, tf.mul(x, x))));
  expect(
    tf.tidy(() => [...cube(tf.tensor1d([1, 2, 3])).dataSync()]),
    [3, 12, 27],
  );
  return 'the gradient of a sum of cubes is right';
}

async function savedModel(tf: typeof Tf): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'pixelis-saved-model-'));
  try {
    writeSavedModel(folder);
    const model = await tf.node.loadSavedModel(folder, ['serve'], 'serving_default');
    const outputs = model.predict({ x: tf.tensor1d([1, 2]) });
    if (!('y' in outputs)) throw new Error('the SavedModel gives no y');
    expect([...(await outputs.y.data())], [2, 4]);
    model.dispose();
    return 'a SavedModel loads and runs';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function expect(found: readonly number[], wanted: readonly number[]): void {
  if (found.length === wanted.length && found.every((value, index) => value === wanted[index]))
    return;
  throw new Error(`expected ${wanted.join(', ')}, found ${found.join(', ')}`);
}

function report(check: string, says: string, facts: object = {}): void {
  process.stdout.write(`${JSON.stringify({ check, says, ...facts })}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stdout.write(
    `${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`,
  );
  process.exitCode = 1;
});
