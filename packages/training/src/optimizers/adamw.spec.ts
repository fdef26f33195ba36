import * as tf from '@tensorflow/tfjs';
import { BACKENDS, setBackend } from '../../test/support/backends';
import {
  decode,
  numbers,
  readFixture,
  relativeError,
  valuesOf,
  type EncodedTensor,
} from '../../test/support/tensors';
import { ParameterLayout, weightDecayMask, type ParameterSpecs } from '../parameters';
import {
  adamWStep,
  initialAdamWState,
  momentsByName,
  stateFromMoments,
  type AdamWState,
} from './adamw';
import { clipByGlobalNorm } from './clip-by-global-norm';
import { learningRateAt, type LearningRateSchedule } from './learning-rate-schedule';

interface OptimizerFixture {
  readonly schedule: LearningRateSchedule;
  readonly weight_decay: number;
  readonly decayed: string[];
  readonly maximum_norm: number;
  readonly start: Record<string, EncodedTensor>;
  readonly steps: {
    readonly learning_rate: number;
    readonly norm: number;
    readonly gradients: Record<string, EncodedTensor>;
    readonly weights?: Record<string, EncodedTensor>;
  }[];
  readonly moments: Record<string, EncodedTensor>;
}

/** Parts of the largest weight. */
const TOLERANCE = 1e-6;

const fixture = readFixture('optimizer') as OptimizerFixture;
const specs: ParameterSpecs = Object.fromEntries(
  Object.entries(fixture.start).map(([name, { shape }]) => [
    name,
    {
      shape,
      initializer: { kind: 'constant', value: 0 },
      isDecayed: fixture.decayed.includes(name),
    },
  ]),
);
const layout = new ParameterLayout(specs);

describe.each(BACKENDS)('adamWStep() on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  it('takes the 100 steps of PyTorch, with clipping and schedule', async () => {
    const decayMask = weightDecayMask(specs, layout);
    let flat = flattenEncoded(fixture.start);
    let state = initialAdamWState(layout.size);
    for (const [index, step] of fixture.steps.entries()) {
      const learningRate = learningRateAt(index, fixture.schedule);
      const { gradients, norm } = clipByGlobalNorm(
        flattenEncoded(step.gradients),
        fixture.maximum_norm,
      );
      const next = adamWStep(
        { parameters: flat, gradients, state, learningRate },
        { weightDecay: fixture.weight_decay, decayMask },
      );
      flat = next.parameters;
      state = next.state;

      expect(Math.abs(learningRate - step.learning_rate)).toBeLessThan(1e-15);
      expect(relativeError(await numbers(norm), [step.norm])).toBeLessThanOrEqual(TOLERANCE);
      if (step.weights !== undefined) {
        const expected = flattenEncoded(step.weights);
        expect(relativeError(await numbers(flat), await numbers(expected))).toBeLessThanOrEqual(
          TOLERANCE,
        );
      }
    }

    expect(state.step).toBe(100);
    const moments = momentsByName(state, layout);
    expect(Object.keys(moments).sort()).toEqual(Object.keys(fixture.moments).sort());
    for (const [name, expected] of Object.entries(fixture.moments)) {
      expect(moments[name]!.shape).toEqual(expected.shape);
      expect(relativeError(await numbers(moments[name]!), valuesOf(expected))).toBeLessThanOrEqual(
        TOLERANCE,
      );
    }
  });

  it('goes on from named moments to the same bits as without the detour', async () => {
    const parameters = flattenEncoded(fixture.start);
    const gradients = fixture.steps.map((step) => flattenEncoded(step.gradients));
    const take = (start: tf.Tensor1D, state: AdamWState, from: number, to: number) => {
      let current = { parameters: start, state };
      for (const gradient of gradients.slice(from, to)) {
        current = adamWStep({ ...current, gradients: gradient, learningRate: 0.01 });
      }
      return current;
    };
    const straight = take(parameters, initialAdamWState(layout.size), 0, 10);
    const half = take(parameters, initialAdamWState(layout.size), 0, 5);
    const restored = stateFromMoments(
      { step: half.state.step, moments: momentsByName(half.state, layout) },
      layout,
    );
    const resumed = take(half.parameters, restored, 5, 10);

    expect(await numbers(resumed.parameters)).toEqual(await numbers(straight.parameters));
    expect(await numbers(resumed.state.v)).toEqual(await numbers(straight.state.v));
  });

  it('makes three tensors a step and leaves what it was given alone', () => {
    const parameters = tf.ones<tf.Rank.R1>([3]);
    const state = initialAdamWState(3);
    const before = tf.memory().numTensors;
    const next = adamWStep({ parameters, gradients: parameters, state, learningRate: 0.1 });

    expect(tf.memory().numTensors - before).toBe(3);
    expect(parameters.isDisposed || state.m.isDisposed || state.v.isDisposed).toBe(false);
    tf.dispose([parameters, state.m, state.v, next.parameters, next.state.m, next.state.v]);
  });
});

describe('adamWStep() on functions of known optimum', () => {
  beforeAll(() => setBackend('cpu'));

  it.each([
    {
      name: 'a parabola',
      start: [-1, 10, 1],
      optimum: [1, -2, 3],
      loss: (x: tf.Tensor) => tf.sum(tf.square(tf.sub(x, tf.tensor1d([1, -2, 3])))),
    },
    {
      name: 'the valley of Rosenbrock',
      start: [0, 0],
      optimum: [1, 1],
      loss: (x: tf.Tensor) => {
        const [a, b] = tf.split(x, 2) as [tf.Tensor, tf.Tensor];
        const valley = tf.mul(100, tf.square(tf.sub(b, tf.square(a))));
        return tf.sum(tf.add(tf.square(tf.sub(1, a)), valley));
      },
    },
  ])('reaches the optimum of $name', async ({ start, optimum, loss }) => {
    const gradientOf = tf.grad((x) => loss(x));
    let parameters = tf.tensor1d(start);
    let state = initialAdamWState(start.length);
    const steps = 1500;
    for (let step = 0; step < steps; step++) {
      const gradients = gradientOf(parameters).as1D();
      const learningRate = learningRateAt(step, { peak: 0.1, warmupSteps: 0, totalSteps: steps });
      const next = adamWStep({ parameters, gradients, state, learningRate }, { weightDecay: 0 });
      tf.dispose([parameters, gradients, state.m, state.v]);
      parameters = next.parameters;
      state = next.state;
    }

    expect(relativeError(await numbers(parameters), optimum)).toBeLessThan(1e-3);
  });
});

function flattenEncoded(tree: Record<string, EncodedTensor>): tf.Tensor1D {
  return tf.tidy(() =>
    layout.flatten(
      Object.fromEntries(Object.entries(tree).map(([name, tensor]) => [name, decode(tensor)])),
    ),
  );
}
