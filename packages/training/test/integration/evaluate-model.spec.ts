import { DataError, UsageError } from '@pixelis/core';
import * as tf from '@tensorflow/tfjs';
import { FINAL_WEIGHTS_PATH } from '../../src/checkpoints/checkpoint';
import { evaluateModel, type EvaluateModelOptions } from '../../src/evaluation/evaluate-model';
import { trainSft } from '../../src/sft/train-sft';
import { setBackend } from '../support/backends';
import { MemoryRecorder } from '../support/memory-recorder';
import { tinyConfig } from '../support/tiny-run';

beforeAll(() => setBackend('wasm with kernels'));

describe('evaluateModel()', () => {
  const recorder = new MemoryRecorder();
  const { model, training } = tinyConfig();
  let results: Readonly<Record<string, number>>;

  beforeAll(async () => {
    const outcome = await trainSft({ config: tinyConfig(), recorder });
    results = outcome.status === 'completed' ? outcome.results : {};
  });

  it('scores final weights as training did, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const scores = await evaluateModel(optionsOf(FINAL_WEIGHTS_PATH));
    expect(tf.memory().numTensors).toBe(before);
    expect(
      Object.fromEntries(scores.map(({ level, accuracy }) => [`accuracy/${level}`, accuracy])),
    ).toEqual(results);
  });

  it('takes the weights out of a checkpoint', async () => {
    const last = await evaluateModel(optionsOf('checkpoints/step-00000008.safetensors'));
    expect(last.map(({ accuracy }) => accuracy)).toEqual(Object.values(results));
  });

  it('ends after the present level when it is told to', async () => {
    const controller = new AbortController();
    const scores = await evaluateModel({
      ...optionsOf(FINAL_WEIGHTS_PATH),
      signal: controller.signal,
      onLevel: (level) => level === 'medium' && controller.abort(),
    });
    expect(scores.map(({ level }) => level)).toEqual(['simple', 'medium']);
  });

  it('names what does not fit weights of another shape, and how to mend it', async () => {
    const wide = { ...optionsOf(FINAL_WEIGHTS_PATH), model: { ...model, dim: 16 } };
    await expect(evaluateModel(wide)).rejects.toThrow(UsageError);
    await expect(evaluateModel(wide)).rejects.toMatchObject({
      code: 'MODEL_SHAPE_DIFFERS',
      message: expect.stringMatching(
        /^These weights are of another model: "[\w.]+" and \d+ more have another shape$/,
      ) as string,
    });
    const deep = { ...optionsOf(FINAL_WEIGHTS_PATH), model: { ...model, decoder_layers: 2 } };
    await expect(evaluateModel(deep)).rejects.toThrow(/^[^:]+: "decoder\.blocks\.1\..* lack$/);
  });

  it('refuses what is no safetensors file', async () => {
    const weights = Buffer.from('no weights at all');
    await expect(evaluateModel({ ...optionsOf(FINAL_WEIGHTS_PATH), weights })).rejects.toThrow(
      DataError,
    );
  });

  function optionsOf(path: string): EvaluateModelOptions {
    const weights = recorder.files.get(path);
    if (weights === undefined) throw new Error(`There is no ${path}`);
    const levels = ['simple', 'medium', 'hard'] as const;
    return { weights, model, levels, split: 'test', examples: training.test_examples };
  }
});
