import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { loadNativeAddon } from '@pixelis/native';
import * as tf from '@tensorflow/tfjs';
import { compileStep, type FallbackReason, type StepFunction } from '../../src/index';
import { given } from './vision-step';

/** `PIXELIS_XLA_STEPS` asks for more. */
const STEPS = Number(process.env.PIXELIS_XLA_STEPS ?? 10_000);

const MOST_GROWTH_BYTES = 32 * 2 ** 20;

beforeAll(() => {
  loadNativeAddon({ device: 'cpu' });
});

/** Gradient descent on a linear map of 100,000 weights. */
const descend: StepFunction = (state, inputs) => {
  const x = given(inputs, 'x');
  const { value, grad } = tf.valueAndGrad((w: tf.Tensor) => tf.matMul(x, w).square().mean())(
    given(state, 'w'),
  );
  return {
    state: {
      w: given(state, 'w').sub(grad.mul(0.1)),
      steps: given(state, 'steps').add(tf.scalar(1, 'int32')),
    },
    outputs: { loss: value },
  };
};

function initialState(): Record<string, tf.Tensor> {
  return { w: tf.ones([100, 1000]), steps: tf.scalar(0, 'int32') };
}

function temporaryFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('pixelis-xla-'));
}

function numberOfTensors(): number {
  const backend: unknown = tf.backend();
  if (!isCounting(backend)) throw new TypeError('Cannot count: the backend must count its tensors');
  return backend.getNumOfTFTensors();
}

function isCounting(backend: unknown): backend is { getNumOfTFTensors: () => number } {
  return (
    typeof backend === 'object' &&
    backend !== null &&
    'getNumOfTFTensors' in backend &&
    typeof backend.getNumOfTFTensors === 'function'
  );
}

describe('compileStep', () => {
  it(`holds its memory over ${STEPS} steps`, async () => {
    const x = tf.ones([4, 100]);
    const step = compileStep(descend, { state: initialState() });
    const run = (times: number): void => {
      for (let index = 0; index < times; index += 1) step.run({ x }).loss?.dispose();
    };
    run(Math.ceil(STEPS / 10));
    const before = {
      tensors: [tf.memory().numTensors, numberOfTensors()],
      bytes: process.memoryUsage().rss,
    };
    run(STEPS - Math.ceil(STEPS / 10));
    expect([tf.memory().numTensors, numberOfTensors()]).toEqual(before.tensors);
    expect(process.memoryUsage().rss - before.bytes).toBeLessThan(MOST_GROWTH_BYTES);
    expect((await step.readState()).steps?.data).toEqual(Int32Array.of(STEPS));
    step.dispose();
  });

  it('leaves no tensor, session or file behind after dispose', async () => {
    const folders = temporaryFolders();
    const state = initialState();
    const inputs = [tf.ones([4, 100]), tf.ones([2, 100])];
    // A tensor reaches TensorFlow with the first operation that takes it.
    for (const tensor of [...Object.values(state), ...inputs]) tensor.neg().dispose();
    const before = [tf.memory().numTensors, numberOfTensors()];
    const step = compileStep(descend, { state });
    for (const x of inputs) step.run({ x }).loss?.dispose();
    step.writeState({ steps: { shape: [], data: Int32Array.of(5) } });
    step.run({ x: inputs[0] ?? tf.scalar(0) }).loss?.dispose();
    expect((await step.readState()).steps?.data).toEqual(Int32Array.of(6));
    step.dispose();
    expect([tf.memory().numTensors, numberOfTensors()]).toEqual(before);
    expect(temporaryFolders()).toEqual(folders);
  });

  it('runs eagerly, from where the state is, once it meets what it cannot compile', async () => {
    const reasons: FallbackReason[] = [];
    const fickle: StepFunction = (state, inputs) => {
      const result = descend(state, inputs);
      const isWide = given(inputs, 'x').size > 400;
      return isWide
        ? { ...result, outputs: { loss: given(result.outputs, 'loss').add(tf.randomUniform([])) } }
        : result;
    };
    const step = compileStep(fickle, {
      state: initialState(),
      onFallback: (reason) => reasons.push(reason),
    });
    step.run({ x: tf.ones([4, 100]) });
    expect(step.fallback).toBeUndefined();
    const before = tf.memory().numTensors;
    const outputs = step.run({ x: tf.ones([8, 100]) });
    expect(step.fallback?.op).toBe('Add');
    expect(step.fallback?.message).toContain('changes from call to call');
    expect(reasons).toEqual([step.fallback]);
    for (let index = 0; index < 3; index += 1) step.run({ x: tf.ones([4, 100]) }).loss?.dispose();
    expect(outputs.loss?.dtype).toBe('float32');
    expect((await step.readState()).steps?.data).toEqual(Int32Array.of(5));
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before + 8);
    step.dispose();
  });

  it('exchanges entries of the state, compiled and eagerly', async () => {
    for (const isEager of [false, true]) {
      const step = compileStep(
        ({ a = tf.scalar(0), b = tf.scalar(0) }) => {
          if (isEager) a.dataSync();
          return { state: { a: b, b: a }, outputs: {} };
        },
        { state: { a: tf.scalar(1), b: tf.scalar(2) } },
      );
      step.run({});
      const after = await step.readState();
      expect([after.a?.data[0], after.b?.data[0], step.fallback?.op]).toEqual([
        2,
        1,
        isEager ? 'a' : undefined,
      ]);
      step.run({});
      expect((await step.readState()).a?.data[0]).toBe(1);
      step.dispose();
    }
  });

  it('lets errors of the step itself pass, and goes on from the state before', async () => {
    const step = compileStep(
      (state, inputs) => {
        if ('broken' in inputs) throw new RangeError('a mistake of the step');
        return { state: { n: given(state, 'n').add(1) }, outputs: {} };
      },
      { state: { n: tf.scalar(0) } },
    );
    step.run({});
    expect(() => step.run({ broken: tf.scalar(1) })).toThrow(RangeError);
    step.run({});
    expect((await step.readState()).n?.data[0]).toBe(2);
    step.dispose();
  });
});
