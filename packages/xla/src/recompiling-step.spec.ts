import * as tf from '@tensorflow/tfjs';
import { FakeTensorflow } from '../test/fake-tensorflow';
import type { FallbackReason, StepFunction, Tensors } from './graph/record-graph';
import { RecompilingStep } from './recompiling-step';

beforeAll(async () => {
  jest.spyOn(console, 'warn').mockImplementation();
  await tf.setBackend('cpu');
});

function given(tensors: Tensors, name: string): tf.Tensor {
  const tensor = tensors[name];
  if (tensor === undefined) throw new TypeError(`Cannot run a step: it must be given ${name}`);
  return tensor;
}

/** Adds the input to the sum and counts the steps. */
function accumulate(backend: FakeTensorflow): StepFunction {
  const run = (op: string, ...inputs: tf.Tensor[]): tf.Tensor =>
    backend.executeSingleOutput(op, [], inputs);
  return (state, inputs) => {
    const sum = run('Add', given(state, 'sum'), given(inputs, 'x'));
    return {
      state: { sum, steps: run('Add', given(state, 'steps'), tf.scalar(1)) },
      outputs: { twice: run('Mul', sum, tf.scalar(2)) },
    };
  };
}

const initial = (): Record<string, tf.Tensor> => ({ sum: tf.zeros([2]), steps: tf.scalar(0) });

describe('RecompilingStep', () => {
  it('runs the step in the session alone once it is compiled', async () => {
    const backend = new FakeTensorflow();
    const step = new RecompilingStep(accumulate(backend), { state: initial(), backend });
    expect([...given(step.run({ x: tf.tensor1d([1, 2]) }), 'twice').dataSync()]).toEqual([2, 4]);
    const executed = backend.executed.length;
    expect([...given(step.run({ x: tf.tensor1d([3, 4]) }), 'twice').dataSync()]).toEqual([8, 12]);
    expect(backend.executed).toHaveLength(executed);
    expect(step.compilations).toBe(1);
    expect(await step.readState()).toEqual({
      sum: { shape: [2], data: Float32Array.of(4, 6) },
      steps: { shape: [], data: Float32Array.of(2) },
    });
  });

  it('reads the entries that are named, as numbers and as tensors that the next step leaves alone', async () => {
    const backend = new FakeTensorflow();
    const step = new RecompilingStep(accumulate(backend), { state: initial(), backend });
    const x = tf.tensor1d([1, 2]);
    for (let run = 0; run < 2; run++) {
      const { sum } = step.readTensors(['sum']);
      step.run({ x });
      expect([...(sum?.dataSync() ?? [])]).toEqual([run, 2 * run]);
      sum?.dispose();
    }
    expect(Object.keys(await step.readState(['steps']))).toEqual(['steps']);
    expect(() => step.readTensors(['mean'])).toThrow(
      'Cannot read the state: its entries must be of sum, steps: current value is mean',
    );
    await expect(step.readState(['mean'])).rejects.toThrow(RangeError);
  });

  it('tells entries and inputs apart that share one tensor, and tensors that the step holds', async () => {
    const backend = new FakeTensorflow();
    const zeros = tf.zeros([2]);
    const run = (op: string, ...inputs: tf.Tensor[]): tf.Tensor =>
      backend.executeSingleOutput(op, [], inputs);
    const step = new RecompilingStep(
      (state, inputs) => ({
        state: {
          a: run('Add', given(state, 'a'), given(inputs, 'x')),
          b: run('Sub', run('Add', given(state, 'b'), zeros), given(inputs, 'y')),
        },
        outputs: {},
      }),
      { state: { a: zeros, b: zeros }, backend },
    );
    const one = tf.tensor1d([1, 1]);
    for (const y of [one, tf.tensor1d([5, 5])]) step.run({ x: one, y });
    expect(step.compilations).toBe(1);
    const { a, b } = await step.readState();
    expect([a?.data, b?.data]).toEqual([Float32Array.of(2, 2), Float32Array.of(-6, -6)]);
  });

  it('makes one program for each kind of inputs, with one state for all', async () => {
    const backend = new FakeTensorflow();
    const step = new RecompilingStep(accumulate(backend), { state: initial(), backend });
    const inputs = [tf.tensor1d([1, 2]), tf.scalar(10), tf.tensor1d([1, 2]), tf.scalar(10)];
    for (const x of inputs) step.run({ x });
    expect(step.compilations).toBe(2);
    expect(backend.openSessions).toBe(2);
    expect(backend.heldVariables).toBe(2);
    const { sum, steps } = await step.readState();
    expect([sum?.data, steps?.data]).toEqual([Float32Array.of(22, 24), Float32Array.of(4)]);
  });

  it('sets entries of the state between steps and leaves the others', async () => {
    const backend = new FakeTensorflow();
    const step = new RecompilingStep(accumulate(backend), { state: initial(), backend });
    step.writeState({ sum: { shape: [2], data: Float32Array.of(5, 5) } });
    step.run({ x: tf.scalar(1) });
    step.writeState({ sum: { shape: [2], data: Float32Array.of(7, 8) } });
    step.run({ x: tf.scalar(1) });
    const { sum, steps } = await step.readState();
    expect([sum?.data, steps?.data]).toEqual([Float32Array.of(8, 9), Float32Array.of(2)]);
  });

  it.each([
    ['an unknown name', { other: { shape: [], data: Float32Array.of(1) } }],
    ['another size', { sum: { shape: [3], data: Float32Array.of(1, 2, 3) } }],
    ['another type', { sum: { shape: [2], data: Int32Array.of(1, 2) } }],
  ])('refuses a state of %s', (_, values) => {
    const backend = new FakeTensorflow();
    const step = new RecompilingStep(accumulate(backend), { state: initial(), backend });
    expect(() => step.writeState(values)).toThrow(RangeError);
  });

  it('runs eagerly what the graph cannot hold, and says why once', async () => {
    const backend = new FakeTensorflow();
    const reasons: FallbackReason[] = [];
    let calls = 0;
    const step = new RecompilingStep(
      (state, inputs) => {
        calls += 1;
        const factor = tf.scalar(calls);
        const sum = backend.executeSingleOutput('Mul', [], [given(inputs, 'x'), factor]);
        return { state: { ...state, sum }, outputs: { sum } };
      },
      { state: initial(), backend, onFallback: (reason) => reasons.push(reason) },
    );
    step.run({ x: tf.tensor1d([1, 2]) });
    step.run({ x: tf.tensor1d([1, 2]) });
    expect(step.fallback?.op).toBe('Mul');
    expect(step.fallback?.message).toContain('constant of shape []');
    expect(reasons).toEqual([step.fallback]);
    expect(step.compilations).toBe(0);
    expect((await step.readState()).sum?.data).toEqual(Float32Array.of(4, 8));
  });

  it('falls back with the name of the operation that TensorFlow cannot compile, from the state before', async () => {
    const backend = new FakeTensorflow();
    const step = new RecompilingStep(
      (state, inputs) => {
        const isOdd = given(inputs, 'x').shape.length === 0;
        const sum = backend.executeSingleOutput(
          'Add',
          [],
          [given(state, 'sum'), given(inputs, 'x')],
        );
        return {
          state: { ...state, sum: isOdd ? backend.executeSingleOutput('Erf', [], [sum]) : sum },
          outputs: {},
        };
      },
      { state: initial(), backend },
    );
    step.run({ x: tf.tensor1d([1, 2]) });
    expect(step.fallback).toBeUndefined();
    step.run({ x: tf.scalar(3) });
    expect(step.fallback?.op).toBe('Erf');
    expect(backend.openSessions).toBe(0);
    expect((await step.readState()).sum?.data).toEqual(Float32Array.of(4, 5));
  });

  it('frees tensors and sessions when it is disposed of', () => {
    const backend = new FakeTensorflow();
    const state = initial();
    const x = tf.tensor1d([1, 2]);
    const before = tf.memory().numTensors;
    const step = new RecompilingStep(accumulate(backend), { state, backend });
    given(step.run({ x }), 'twice').dispose();
    step.writeState({ steps: { shape: [], data: Float32Array.of(1) } });
    step.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(backend.openSessions).toBe(0);
    expect(() => step.run({ x })).toThrow(TypeError);
  });

  it('refuses a state that is neither float32 nor int32', () => {
    const backend = new FakeTensorflow();
    const state = { flag: tf.scalar(true) };
    expect(() => new RecompilingStep(accumulate(backend), { state, backend })).toThrow(TypeError);
  });
});
