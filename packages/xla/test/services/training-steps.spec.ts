import { loadNativeAddon } from '@pixelis/native';
import * as tf from '@tensorflow/tfjs';
import { compileStep, type HostValues, type StepFunction, type Tensors } from '../../src/index';
import {
  ADAPTER,
  adaptedLossOf,
  adapterParameters,
  batch,
  given,
  initialParameters,
  trainingState,
  trainingStep,
} from './vision-step';

const STEPS = 100;

beforeAll(() => {
  loadNativeAddon({ device: 'cpu' });
});

function hostValues(tensors: Tensors): Record<string, HostValues> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      { shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) },
    ]),
  );
}

/** Largest difference relative to the largest of the expected values. */
function difference(actual: tf.Tensor, expected: tf.Tensor): number {
  const [now, wanted] = [actual, expected].map((tensor) => Float32Array.from(tensor.dataSync()));
  if (now === undefined || wanted === undefined) return Number.NaN;
  const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30);
  const furthest = wanted.reduce(
    (most, value, index) => Math.max(most, Math.abs((now[index] ?? Number.NaN) - value)),
    0,
  );
  return furthest / largest;
}

function disposeAll(tensors: Tensors): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}

/** Runs both from the same state, step by step; the eager one moves the state on. */
function compareSteps(
  step: StepFunction,
  initial: Tensors,
): { loss: number; gradient: number; state: number } {
  const compiled = compileStep(step, { state: initial });
  const worst = { loss: 0, gradient: 0, state: 0 };
  let state = initial;
  for (let index = 0; index < STEPS; index += 1) {
    compiled.writeState(hostValues(state));
    const inputs = batch(index);
    const expected = tf.tidy(() => {
      const { state: next, outputs } = step(state, inputs);
      return { next: { ...next }, outputs: { ...outputs } };
    });
    const outputs = compiled.run(inputs);
    for (const [name, wanted] of Object.entries(expected.outputs)) {
      const kind = name.startsWith('gradient/') ? 'gradient' : 'loss';
      worst[kind] = Math.max(worst[kind], difference(given(outputs, name), wanted));
    }
    state = expected.next;
    disposeAll(outputs);
  }
  expect(compiled.fallback).toBeUndefined();
  expect(compiled.compilations).toBe(1);
  compiled.dispose();
  return worst;
}

describe('compileStep', () => {
  const parameters = (): Record<string, tf.Tensor> => initialParameters();
  const names = [
    'embed',
    'position',
    'queries',
    'attended',
    'wide',
    'narrow',
    'head',
    'bias',
    'scale',
    'shift',
  ];

  it('gives the loss and gradients of the eager step from the same state, for a transformer under AdamW', () => {
    const worst = compareSteps(trainingStep(names), trainingState(parameters(), names));
    expect(worst.loss).toBeLessThanOrEqual(1e-5);
    expect(worst.gradient).toBeLessThanOrEqual(1e-4);
  });

  it('gives the loss and gradients of the eager step from the same state, for low-rank adapters of frozen weights', () => {
    const worst = compareSteps(
      trainingStep(ADAPTER, adaptedLossOf),
      trainingState({ ...parameters(), ...adapterParameters() }, ADAPTER),
    );
    expect(worst.loss).toBeLessThanOrEqual(1e-5);
    expect(worst.gradient).toBeLessThanOrEqual(1e-4);
  });

  it('follows the eager loss curve when both run free', async () => {
    const step = trainingStep(names);
    const initial = trainingState(parameters(), names);
    const compiled = compileStep(step, { state: initial });
    let state: Tensors = initial;
    for (let index = 0; index < STEPS; index += 1) {
      const inputs = batch(index % 4);
      const eager = tf.tidy(() => {
        const result = step(state, inputs);
        return { state: { ...result.state }, outputs: { ...result.outputs } };
      });
      const outputs = compiled.run(inputs);
      expect(difference(given(outputs, 'loss'), given(eager.outputs, 'loss'))).toBeLessThanOrEqual(
        1e-3,
      );
      state = eager.state;
    }
    expect((await compiled.readState()).steps?.data[0]).toBe(STEPS);
    compiled.dispose();
  });

  it('leaves frozen weights as they are, bit by bit, and the tensors that it was given', async () => {
    const state = trainingState({ ...parameters(), ...adapterParameters() }, ADAPTER);
    const before = hostValues(state);
    const compiled = compileStep(trainingStep(ADAPTER, adaptedLossOf), { state });
    for (let index = 0; index < 5; index += 1) disposeAll(compiled.run(batch(index)));
    const after = await compiled.readState();
    for (const name of names) expect(after[name]).toEqual(before[name]);
    expect(after.up).not.toEqual(before.up);
    expect(hostValues(state)).toEqual(before);
    compiled.dispose();
  });

  it('keeps one state over batches of several sizes, and compiles once for each size', () => {
    const step = trainingStep(names);
    const initial = trainingState(parameters(), names);
    const compiled = compileStep(step, { state: initial });
    let state: Tensors = initial;
    for (const [index, size] of [4, 3, 4, 4, 2, 3].entries()) {
      const inputs = batch(index, size);
      const eager = step(state, inputs);
      const outputs = compiled.run(inputs);
      expect(difference(given(outputs, 'loss'), given(eager.outputs, 'loss'))).toBeLessThanOrEqual(
        1e-4,
      );
      state = eager.state;
    }
    expect(compiled.compilations).toBe(3);
    compiled.dispose();
  });

  it('gives the same bits in every run of the program', async () => {
    const states: Record<string, HostValues>[] = [];
    for (let run = 0; run < 2; run += 1) {
      const compiled = compileStep(trainingStep(names), {
        state: trainingState(parameters(), names),
      });
      for (let index = 0; index < 10; index += 1) disposeAll(compiled.run(batch(index)));
      states.push(await compiled.readState());
      compiled.dispose();
    }
    expect(states[1]).toEqual(states[0]);
  });

  it('rounds the factors of products alone with precision bf16', () => {
    const state = trainingState(parameters(), names);
    const exact = compileStep(trainingStep(names), { state });
    const rounded = compileStep(trainingStep(names), { state, precision: 'bf16' });
    const [f32, bf16] = [exact.run(batch(0)), rounded.run(batch(0))];
    expect(rounded.fallback).toBeUndefined();
    expect(given(bf16, 'loss').dtype).toBe('float32');
    const loss = difference(given(bf16, 'loss'), given(f32, 'loss'));
    expect(loss).toBeGreaterThan(1e-6);
    expect(loss).toBeLessThan(0.02);
    for (const name of names)
      expect(
        difference(given(bf16, `gradient/${name}`), given(f32, `gradient/${name}`)),
      ).toBeLessThan(0.1);
    exact.dispose();
    rounded.dispose();
  });
});
