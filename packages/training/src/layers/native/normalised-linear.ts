import * as tf from '@tensorflow/tfjs';
import { LAYER_NORM_EPSILON, type LayerNormParameters } from '../layer-norm';
import type { LinearParameters } from '../linear';
import { scaled, type TensorFlowOperations } from './tensorflow-operations';

/** The tensors of {@link normalisedLinear}. */
export interface NormalisedLinearOptions {
  readonly norm: LayerNormParameters;
  readonly linear: LinearParameters;
  /** Multiplies the value. */
  readonly scale: number;
}

/** What {@link normalisedLinear} computed; all but the value is for its gradient. */
export interface NormalisedLinear {
  /** `[rows, out]` */
  readonly value: tf.Tensor;
  /** `[rows, in]`: the rows with mean 0 and variance 1. */
  readonly normalised: tf.Tensor;
  /** `[rows, 1]` */
  readonly inverseDeviation: tf.Tensor;
  /** `[in, out]`: the weight of the linear layer that reads `normalised`. */
  readonly folded: tf.Tensor;
}

/**
 * `scale` times the linear layer of the layer normalisation. The weight w and bias b of the normalisation go into the
 * linear layer, (x̂·diag(w) + b)·W + c = x̂·(diag(w)·W) + (b·W + c), so that they cost nothing that grows with the rows.
 *
 * @param x `[rows, in]`
 */
export function normalisedLinear(
  on: TensorFlowOperations,
  x: tf.Tensor,
  { norm, linear, scale }: NormalisedLinearOptions,
): NormalisedLinear {
  const width = norm.weight.size;
  const { normalised, inverseDeviation } = normalise(on, x);
  const folded = on.multiply(linear.weight, scaled(on, on.reshape(norm.weight, [width, 1]), scale));
  const shift = on.add(on.product(on.reshape(norm.bias, [1, width]), linear.weight), linear.bias);
  const product = on.product(normalised, folded);
  const value = on.add(product, scaled(on, shift, scale));
  product.dispose();
  return { value, normalised, inverseDeviation, folded };
}

/** What {@link normalisedLinearGradient} goes back from. */
export interface NormalisedLinearGradientInputs extends Omit<NormalisedLinear, 'value'> {
  /** `[rows, out]`: gradient of the value; it is given back. */
  readonly dy: tf.Tensor;
}

/**
 * The gradient of {@link normalisedLinear}.
 *
 * @returns that of x, and those of the norm's weight and bias and the linear layer's weight and bias, in this order
 */
export function normalisedLinearGradient(
  on: TensorFlowOperations,
  { dy, normalised, inverseDeviation, folded }: NormalisedLinearGradientInputs,
  { norm, weight, scale }: Pick<NormalisedLinearOptions, 'norm' | 'scale'> & { weight: tf.Tensor },
): { readonly dx: tf.Tensor; readonly parameters: tf.Tensor[] } {
  const width = norm.weight.size;
  const sums = on.columnSums(dy);
  const outer = on.product(normalised, dy, { isLeftTransposed: true });
  const dNormalised = on.product(dy, folded, { isRightTransposed: true });
  dy.dispose();
  function inShape(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
    return scaled(on, on.reshape(x, shape), scale);
  }
  return {
    dx: normaliseGradient(on, { dNormalised, normalised, inverseDeviation }),
    parameters: [
      inShape(on.lastSums(on.multiply(outer, weight)), [width]),
      inShape(on.product(weight, on.reshape(sums, [sums.size, 1])), [width]),
      on.add(
        on.multiply(outer, inShape(norm.weight, [width, 1])),
        on.multiply(inShape(norm.bias, [width, 1]), sums),
      ),
      scaled(on, sums, scale),
    ],
  };
}

/** Rows with mean 0 and variance 1. */
function normalise(
  on: TensorFlowOperations,
  x: tf.Tensor,
): Pick<NormalisedLinear, 'normalised' | 'inverseDeviation'> {
  const centred = on.subtract(x, on.lastMeans(x));
  const squares = on.square(centred);
  const variance = on.lastMeans(squares);
  squares.dispose();
  const inverseDeviation = on.inverseRoot(on.add(variance, tf.scalar(LAYER_NORM_EPSILON)));
  const normalised = on.multiply(centred, inverseDeviation);
  centred.dispose();
  return { normalised, inverseDeviation };
}

/** dx = (dx̂ − mean(dx̂) − x̂ · mean(dx̂ · x̂)) / deviation; `dNormalised` is given back. */
function normaliseGradient(
  on: TensorFlowOperations,
  {
    dNormalised,
    normalised,
    inverseDeviation,
  }: Omit<NormalisedLinear, 'value' | 'folded'> & { readonly dNormalised: tf.Tensor },
): tf.Tensor {
  const products = on.multiply(dNormalised, normalised);
  const along = on.multiply(normalised, on.lastMeans(products));
  products.dispose();
  const centred = on.subtract(dNormalised, on.lastMeans(dNormalised));
  dNormalised.dispose();
  const orthogonal = on.subtract(centred, along);
  tf.dispose([centred, along]);
  const dx = on.multiply(orthogonal, inverseDeviation);
  orthogonal.dispose();
  return dx;
}
