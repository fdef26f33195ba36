import * as tf from '@tensorflow/tfjs';
import type { StepFunction, Tensors } from '../../src/index';

/** Sizes of a transformer that is small enough for a test and has one of everything. */
const SIZES = { width: 16, heads: 2, tokens: 5, patch: 6, classes: 3, rank: 2 } as const;

const DECAY = 0.01;
const LARGEST_NORM = 0.5;

/** The tensor by its name. */
export function given(tensors: Tensors, name: string): tf.Tensor {
  const tensor = tensors[name];
  if (tensor === undefined) throw new TypeError(`Cannot run a step: it must be given ${name}`);
  return tensor;
}

/** Numbers that look random and are the same in every run. */
export function noise(
  shape: number[],
  { seed, scale }: { seed: number; scale: number },
): tf.Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  let word = Math.imul(seed + 1, 0x9e3779b1);
  const data = Float32Array.from({ length: size }, () => {
    word = Math.imul(word ^ (word >>> 15), 0x85ebca6b) + 0x6d2b79f5;
    return scale * (((word >>> 8) / 2 ** 24) * 2 - 1);
  });
  return tf.tensor(data, shape);
}

/** Parameters of the model; its weights are matrices, its biases and scales vectors. */
export function initialParameters(): Record<string, tf.Tensor> {
  const { width, tokens, patch, classes } = SIZES;
  const shapes: Record<string, number[]> = {
    embed: [patch, width],
    position: [tokens, width],
    queries: [width, 3 * width],
    attended: [width, width],
    wide: [width, 4 * width],
    narrow: [4 * width, width],
    head: [width, classes],
  };
  const matrices = Object.entries(shapes).map(([name, shape], seed): [string, tf.Tensor] => [
    name,
    noise(shape, { seed, scale: 0.3 }),
  ]);
  return {
    ...Object.fromEntries(matrices),
    bias: noise([4 * width], { seed: 20, scale: 0.1 }),
    scale: tf.ones([width]),
    shift: tf.zeros([width]),
  };
}

/** A batch whose labels depend on its numbers, with the learning rate of the step. */
export function batch(step: number, size = 4): Record<string, tf.Tensor> {
  const { tokens, patch, classes } = SIZES;
  const labels = Int32Array.from({ length: size }, (_, index) => (index * 7 + step * 3) % classes);
  return {
    patches: noise([size, tokens, patch], { seed: 100 + step, scale: 1 }),
    labels: tf.tensor1d(labels, 'int32'),
    learningRate: tf.scalar(0.01 / (1 + step / 50)),
  };
}

function layerNorm(x: tf.Tensor, parameters: Tensors): tf.Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  return x
    .sub(mean)
    .mul(variance.add(1e-5).rsqrt())
    .mul(given(parameters, 'scale'))
    .add(given(parameters, 'shift'));
}

function gelu(x: tf.Tensor): tf.Tensor {
  return x.mul(x.mul(Math.SQRT1_2).erf().add(1)).mul(0.5);
}

function linear(x: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  const [rows, columns] = [x.shape.slice(0, -1), weight.shape.slice(1)];
  return tf
    .matMul(x.reshape([-1, ...weight.shape.slice(0, 1)]), weight)
    .reshape([...rows, ...columns]);
}

function attention(x: tf.Tensor, parameters: Tensors): tf.Tensor {
  const [size = 1, tokens = 1, width = 1] = x.shape;
  const { heads } = SIZES;
  const split = linear(x, given(parameters, 'queries')).reshape([
    size,
    tokens,
    3,
    heads,
    width / heads,
  ]);
  const [query, key, value] = tf.unstack(split.transpose([2, 0, 3, 1, 4]), 0);
  if (query === undefined || key === undefined || value === undefined)
    throw new TypeError('Cannot attend');
  const weights = tf.softmax(tf.matMul(query, key, false, true).mul(1 / Math.sqrt(width / heads)));
  const attended = tf.matMul(weights, value).transpose([0, 2, 1, 3]).reshape([size, tokens, width]);
  return linear(attended, given(parameters, 'attended'));
}

/** Mean cross-entropy of the classifier. */
export function lossOf(parameters: Tensors, inputs: Tensors): tf.Scalar {
  const embedded = linear(given(inputs, 'patches'), given(parameters, 'embed')).add(
    given(parameters, 'position'),
  );
  const attended = embedded.add(attention(layerNorm(embedded, parameters), parameters));
  const widened = gelu(
    linear(layerNorm(attended, parameters), given(parameters, 'wide')).add(
      given(parameters, 'bias'),
    ),
  );
  const features = layerNorm(
    attended.add(linear(widened, given(parameters, 'narrow'))),
    parameters,
  ).mean(1);
  const logits = tf.logSoftmax(linear(features, given(parameters, 'head')));
  const labels = tf.oneHot(given(inputs, 'labels').toInt().as1D(), SIZES.classes);
  return logits.mul(labels).sum().neg().div(labels.sum()).asScalar();
}

/** State of AdamW: the parameters that are trained, both moments of each, and the number of steps. */
export function trainingState(
  parameters: Tensors,
  trained: readonly string[],
): Record<string, tf.Tensor> {
  const moments = trained.flatMap((name): [string, tf.Tensor][] => [
    [`first/${name}`, tf.zerosLike(given(parameters, name))],
    [`second/${name}`, tf.zerosLike(given(parameters, name))],
  ]);
  return { ...parameters, ...Object.fromEntries(moments), steps: tf.scalar(0) };
}

/** One step of AdamW with gradients clipped by their common norm; the gradients are outputs. */
export function trainingStep(trained: readonly string[], loss = lossOf): StepFunction {
  return (state, inputs) => {
    const { value, grads } = tf.valueAndGrads((...parameters: tf.Tensor[]) =>
      loss(
        {
          ...state,
          ...Object.fromEntries(
            trained.map((name, index) => [name, parameters[index] ?? given(state, name)]),
          ),
        },
        inputs,
      ),
    )(trained.map((name) => given(state, name)));
    const norm = tf.addN(grads.map((grad) => grad.square().sum())).sqrt();
    const clip = tf.minimum(1, tf.scalar(LARGEST_NORM).div(norm.add(1e-6)));
    const steps = given(state, 'steps').add(1);
    const next: Record<string, tf.Tensor> = { ...state, steps };
    for (const [index, name] of trained.entries()) {
      const grad = (grads[index] ?? tf.scalar(Number.NaN)).mul(clip);
      const first = given(state, `first/${name}`).mul(0.9).add(grad.mul(0.1));
      const second = given(state, `second/${name}`).mul(0.999).add(grad.square().mul(0.001));
      const unbiased = second
        .div(tf.sub(1, tf.pow(0.999, steps)))
        .sqrt()
        .add(1e-8);
      const update = first
        .div(tf.sub(1, tf.pow(0.9, steps)))
        .div(unbiased)
        .add(given(state, name).mul(DECAY));
      Object.assign(next, {
        [name]: given(state, name).sub(update.mul(given(inputs, 'learningRate'))),
        [`first/${name}`]: first,
        [`second/${name}`]: second,
      });
    }
    const gradients = Object.fromEntries(
      trained.map((name, index) => [`gradient/${name}`, grads[index] ?? norm]),
    );
    return { state: next, outputs: { loss: value, norm, ...gradients } };
  };
}

/** Names of the adapter's two factors. */
export const ADAPTER = ['down', 'up'] as const;

/** Low-rank factors for the attention's queries, keys and values. */
export function adapterParameters(): Record<string, tf.Tensor> {
  const { width, rank } = SIZES;
  return { down: noise([width, rank], { seed: 50, scale: 0.3 }), up: tf.zeros([rank, 3 * width]) };
}

/** The loss with the adapter added to the frozen weights. */
export function adaptedLossOf(parameters: Tensors, inputs: Tensors): tf.Scalar {
  const adapted = given(parameters, 'queries').add(
    tf.matMul(
      given(parameters, 'down').as2D(SIZES.width, SIZES.rank),
      given(parameters, 'up').as2D(SIZES.rank, 3 * SIZES.width),
    ),
  );
  return lossOf({ ...parameters, queries: adapted }, inputs);
}
