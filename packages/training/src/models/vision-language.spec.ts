import * as tf from '@tensorflow/tfjs';
import { Generator } from '@pixelis/reproducibility';
import { BACKENDS, setBackend } from '../../test/support/backends';
import { modelFixture, modelInput, modelTargets } from '../../test/support/models';
import { decode, numbers, relativeError, valuesOf } from '../../test/support/tensors';
import { tensorOf, toBackend } from '../host-tensors';
import {
  crossEntropyLabels,
  type CrossEntropyLabels,
  crossEntropySum,
} from '../layers/cross-entropy';
import { adamWStep, initialAdamWState } from '../optimizers/adamw';
import { clipByGlobalNorm } from '../optimizers/clip-by-global-norm';
import { initialiseParameters, ParameterLayout, weightDecayMask } from '../parameters';
import {
  defaultVisionLanguageConfig,
  imageInput,
  visionLanguageInputs,
  visionLanguageLogits,
  visionLanguageSpecs,
  type VisionLanguageInput,
} from './vision-language';

/** Parts of the largest entry of the tensor. */
const FORWARD_TOLERANCE = 2e-6;
const GRADIENT_TOLERANCE = 1e-5;

const { config } = modelFixture;

describe.each(BACKENDS)('visionLanguageLogits() on %s', (backend) => {
  let parameters: Record<string, tf.Tensor>;

  beforeAll(async () => {
    await setBackend(backend);
    parameters = Object.fromEntries(
      Object.entries(modelFixture.parameters).map(([name, tensor]) => [name, decode(tensor)]),
    );
  });
  afterAll(() => tf.dispose(parameters));

  it('gives the logits of PyTorch', async () => {
    const logits = visionLanguageLogits(parameters, inputsOf(modelInput), config);

    expect(logits.shape).toEqual(modelFixture.logits.shape);
    expect(relativeError(await numbers(logits), valuesOf(modelFixture.logits))).toBeLessThanOrEqual(
      FORWARD_TOLERANCE,
    );
    logits.dispose();
  });

  it('gives the loss and every gradient of PyTorch', async () => {
    const names = Object.keys(parameters);
    const { value, grads } = lossAndGradients(parameters, (tree) =>
      crossEntropySum(
        visionLanguageLogits(tree, inputsOf(modelInput), config),
        labels(modelTargets),
      ),
    );

    expect(names.sort()).toEqual(Object.keys(visionLanguageSpecs(config)).sort());
    expect(relativeError(await numbers(value), [modelFixture.loss])).toBeLessThanOrEqual(
      FORWARD_TOLERANCE,
    );
    for (const [name, expected] of Object.entries(modelFixture.gradients)) {
      expect(grads[name]!.shape).toEqual(expected.shape);
      const error = relativeError(await numbers(grads[name]!), valuesOf(expected));
      expect({ name, isWithin: error <= GRADIENT_TOLERANCE }).toEqual({ name, isWithin: true });
    }
    tf.dispose([value, grads]);
  });

  it('gives at chosen positions the same loss and gradients as at all of them', async () => {
    const positions = Int32Array.from(
      [...modelTargets.targets.keys()].filter((row) => modelTargets.targets[row] !== -1),
    );
    const all = lossAndGradients(parameters, (tree) =>
      crossEntropySum(
        visionLanguageLogits(tree, inputsOf(modelInput), config),
        labels(modelTargets),
      ),
    );
    const chosen = lossAndGradients(parameters, (tree) =>
      crossEntropySum(
        visionLanguageLogits(tree, inputsOf(modelInput, positions), config),
        labels({
          targets: positions.map((row) => modelTargets.targets[row]!),
          weights: Float32Array.from(positions, (row) => modelTargets.weights[row]!),
        }),
      ),
    );

    expect(relativeError(await numbers(chosen.value), await numbers(all.value))).toBeLessThan(1e-6);
    for (const name of Object.keys(parameters)) {
      expect(
        relativeError(await numbers(chosen.grads[name]!), await numbers(all.grads[name]!)),
      ).toBeLessThan(GRADIENT_TOLERANCE);
    }
    tf.dispose([all, chosen]);
  });

  it('adds up over shards of a batch to the whole batch', async () => {
    const whole = lossAndGradients(parameters, (tree) =>
      crossEntropySum(
        visionLanguageLogits(tree, inputsOf(modelInput), config),
        labels(modelTargets),
      ),
    );
    const shards = [0, 1, 2].map((sequence) => {
      const { input, targets, weights } = shardOf(sequence);
      return lossAndGradients(parameters, (tree) =>
        crossEntropySum(
          visionLanguageLogits(tree, inputsOf(input), config),
          labels({ targets, weights }),
        ),
      );
    });

    for (const name of Object.keys(parameters)) {
      const sum = tf.addN(shards.map(({ grads }) => grads[name]!));
      expect(relativeError(await numbers(sum), await numbers(whole.grads[name]!))).toBeLessThan(
        GRADIENT_TOLERANCE,
      );
      sum.dispose();
    }
    tf.dispose([whole, shards]);
  });

  it('does not look ahead: a later token changes no earlier logits', async () => {
    const changed = Int32Array.from(modelInput.tokens);
    changed[5] = 2;
    const before = await logitsOf(modelInput);
    const after = await logitsOf({ ...modelInput, tokens: changed });

    const { vocabularySize } = config;
    expect(after.slice(0, 5 * vocabularySize)).toEqual(before.slice(0, 5 * vocabularySize));
    expect(after.slice(5 * vocabularySize, 6 * vocabularySize)).not.toEqual(
      before.slice(5 * vocabularySize, 6 * vocabularySize),
    );
  });

  it('sees the images: another image changes the logits of its own sequence alone', async () => {
    const images = Uint8Array.from(modelInput.images);
    images.fill(255, 0, config.imageSize ** 2);
    const before = await logitsOf(modelInput);
    const after = await logitsOf({ ...modelInput, images });

    const perSequence = modelInput.length * config.vocabularySize;
    expect(after.slice(0, perSequence)).not.toEqual(before.slice(0, perSequence));
    expect(after.slice(perSequence)).toEqual(before.slice(perSequence));
  });

  it('refuses arrays that do not fit', () => {
    const misfit = { ...modelInput, length: 9 };
    expect(() => visionLanguageInputs(misfit, { config })).toThrow(RangeError);
    expect(() => imageInput(new Uint8Array(35), 6)).toThrow(RangeError);
    expect(() => imageInput(new Uint8Array(0), 6)).toThrow(RangeError);
  });

  async function logitsOf(input: VisionLanguageInput): Promise<Float32Array> {
    const logits = visionLanguageLogits(parameters, inputsOf(input), config);
    const values = await numbers(logits);
    logits.dispose();
    return values;
  }
});

describe('a training step on wasm with kernels', () => {
  beforeAll(() => setBackend('wasm with kernels'));

  it('learns the fixture batch, and holds as many tensors after 300 steps as before', async () => {
    const specs = visionLanguageSpecs(config);
    const layout = new ParameterLayout(specs);
    const decayMask = weightDecayMask(specs, layout);
    const tree = initialiseParameters(specs, Generator.fromSeed(3));
    let flat = layout.flatten(tree);
    tf.dispose(tree);
    let state = initialAdamWState(layout.size);
    const losses: number[] = [];
    const counts = new Set<number>();
    for (let step = 0; step < 300; step++) {
      counts.add(tf.memory().numTensors);
      const current = layout.unflatten(flat);
      const { value, grads } = lossAndGradients(current, (named) =>
        crossEntropySum(
          visionLanguageLogits(named, inputsOf(modelInput), config),
          labels(modelTargets),
        ),
      );
      const gradients = layout.flatten(grads);
      const clipped = clipByGlobalNorm(gradients, 1);
      const next = adamWStep(
        { parameters: flat, gradients: clipped.gradients, state, learningRate: 3e-3 },
        { decayMask },
      );
      losses.push((await numbers(value))[0]!);
      const { gradients: scaled, norm } = clipped;
      tf.dispose([current, value, grads, gradients, scaled, norm, flat, state.m, state.v]);
      flat = next.parameters;
      state = next.state;
    }
    tf.dispose([flat, state.m, state.v, decayMask]);

    expect(counts.size).toBe(1);
    expect(losses[0]).toBeGreaterThan(5);
    expect(losses.at(-1)).toBeLessThan(0.05);
  });
});

describe('visionLanguageSpecs()', () => {
  it('declares the default model with about as many parameters as the probe that learned the task', () => {
    const specs = visionLanguageSpecs({
      ...defaultVisionLanguageConfig,
      vocabularySize: 24,
      maximumLength: 48,
    });

    expect(new ParameterLayout(specs).size).toBe(210_584);
  });

  it.each([{ heads: 5 }, { patchSize: 5 }, { dim: 0 }, { encoderLayers: 1.5 }, { heads: NaN }])(
    'refuses the impossible shape %p',
    (change) => {
      expect(() => visionLanguageSpecs({ ...config, ...change })).toThrow(RangeError);
    },
  );
});

// Helpers

/** A batch on the backend; inside of what is tidied it goes with it. */
function inputsOf(input: VisionLanguageInput, positions?: Int32Array): Record<string, tf.Tensor> {
  return toBackend(
    visionLanguageInputs(input, { config, ...(positions === undefined ? {} : { positions }) }),
  );
}

function labels(targets: Parameters<typeof crossEntropyLabels>[0]): CrossEntropyLabels {
  const arrays = crossEntropyLabels(targets, config.vocabularySize);
  return { targets: tensorOf(arrays.targets), weights: tensorOf(arrays.weights) };
}

function lossAndGradients(
  parameters: Record<string, tf.Tensor>,
  loss: (tree: Record<string, tf.Tensor>) => tf.Scalar,
): { value: tf.Tensor; grads: Record<string, tf.Tensor> } {
  const names = Object.keys(parameters);
  const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) =>
    loss(Object.fromEntries(names.map((name, index) => [name, tensors[index]!]))),
  )(Object.values(parameters));
  return { value, grads: Object.fromEntries(names.map((name, i) => [name, grads[i]!])) };
}

/** One sequence of the fixture, with the images that it holds. */
function shardOf(sequence: number): {
  input: VisionLanguageInput;
  targets: Int32Array;
  weights: Float32Array;
} {
  const { length, images, tokens, patches } = modelInput;
  const [from, to] = [sequence * length, (sequence + 1) * length];
  const [firstImage, imageCount] = [
    [0, 1],
    [1, 2],
    [3, 1],
  ][sequence] as [number, number];
  const pixels = config.imageSize ** 2;
  const patchesPerImage = (config.imageSize / config.patchSize) ** 2;
  return {
    input: {
      images: images.slice(firstImage * pixels, (firstImage + imageCount) * pixels),
      tokens: tokens.slice(from, to),
      patches: patches
        .slice(from, to)
        .map((patch) => (patch < 0 ? -1 : patch - firstImage * patchesPerImage)),
      batch: 1,
      length,
    },
    targets: modelTargets.targets.slice(from, to),
    weights: modelTargets.weights.slice(from, to),
  };
}
