import { Generator } from '@pixelis/reproducibility';
import * as tf from '@tensorflow/tfjs';
import {
  classificationObjective,
  type ClassificationShard,
} from '../../src/classification/classification-objective';
import { imageClassifierSpecs } from '../../src/models/image-classifier';
import { initialiseParameters } from '../../src/parameters';
import { trainSft } from '../../src/sft/train-sft';
import { createTrainer } from '../../src/trainer/create-trainer';
import { setBackend } from '../support/backends';
import { MemoryRecorder } from '../support/memory-recorder';
import { tinyConfig } from '../support/tiny-run';

/** What docs/determinism.md says is left: it gives entries another shape and computes nothing. */
const HARMLESS = ['Reshape'];

describe('the kernels of TensorFlow.js itself', () => {
  let ran: Set<string>;

  beforeAll(async () => {
    await setBackend('wasm');
    ran = recordStockKernels();
    tf.tidy(() => tf.add(1, 2));
    expect([...ran]).toEqual(['Add']);
    await setBackend('wasm with kernels');
  });

  beforeEach(() => ran.clear());

  it('have no part in fine-tuning: steps, evaluation, checkpoints, test', async () => {
    const config = tinyConfig();
    const hardware = { ...config.hardware, threads: 1 };
    await trainSft({ config: { ...config, hardware }, recorder: new MemoryRecorder() });

    expect([...ran]).toEqual(HARMLESS);
  });

  it('have no part in training a vision transformer', async () => {
    const shape = { dim: 8, heads: 2, mlpRatio: 2, layers: 1 };
    const config = { ...shape, patches: 4, patchValues: 3, classes: 5 };
    const specs = imageClassifierSpecs(config);
    const parameters = initialiseParameters(specs, Generator.fromSeed(7));
    const objective = classificationObjective(config);
    const trainer = createTrainer<ClassificationShard>(
      { parameters },
      { specs, objective, optimizer: { weightDecay: 0.1 }, gradientClipNorm: 1 },
    );
    const patches = Float32Array.from({ length: 24 }, (_, index) => index / 24);
    await trainer.update([{ patches, labels: Int32Array.of(3, 1) }], 0.01);
    await trainer.dispose();

    expect([...ran]).toEqual(HARMLESS);
  });
});

// Helpers

/** The names, from now on, of the kernels of TensorFlow.js's wasm backend that ran. */
function recordStockKernels(): Set<string> {
  const ran = new Set<string>();
  for (const config of tf.getKernelsForBackend('wasm')) {
    tf.unregisterKernel(config.kernelName, 'wasm');
    tf.registerKernel({
      ...config,
      kernelFunc: (call) => {
        ran.add(config.kernelName);
        return config.kernelFunc(call);
      },
    });
  }
  return ran;
}
