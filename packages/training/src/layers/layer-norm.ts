import { type FusedLayers, fusedLayers } from '@pixelis/kernels';
import * as tf from '@tensorflow/tfjs';
import { type Differentiable, differentiable } from './differentiable';
import { asRows, inShape, sumOfRows } from './rows';

/** The tensors of a layer normalisation. */
export interface LayerNormParameters {
  /** `[dim]`: the scale, 1 at the start. */
  readonly weight: tf.Tensor;
  /** `[dim]`: the shift, 0 at the start. */
  readonly bias: tf.Tensor;
}

/** Added to the variance, as ViT does. */
export const LAYER_NORM_EPSILON = 1e-6;

/**
 * Layer normalisation (Ba, Kiros & Hinton 2016) over the last axis: (x − mean) / √(variance + 10⁻⁶) · weight + bias, the variance the biased one.
 *
 * @param x `[…, dim]`
 * @returns the shape of `x`
 */
export function layerNorm(x: tf.Tensor, parameters: LayerNormParameters): tf.Tensor {
  const fused = fusedLayers(tf);
  return differentiable([x, parameters.weight, parameters.bias], () =>
    fused === undefined ? composed(x, parameters) : byKernel(fused, x, parameters),
  );
}

function byKernel(
  fused: FusedLayers,
  x: tf.Tensor,
  { weight, bias }: LayerNormParameters,
): Differentiable {
  const { shape } = x;
  const rows = asRows(x);
  const epsilon = LAYER_NORM_EPSILON;
  const { value, mean, inverseDeviation } = fused.layerNorm(rows, { weight, bias, epsilon });
  return {
    value: inShape(value, shape),
    saved: [rows, weight, mean, inverseDeviation],
    gradient: (dy, savedRows, savedWeight, savedMean, savedInverse) => {
      const { dx, dWeight, dBias } = fused.layerNormGradient({
        dy: asRows(dy),
        x: savedRows,
        weight: savedWeight,
        mean: savedMean,
        inverseDeviation: savedInverse,
      });
      return [inShape(dx, shape), dWeight, dBias];
    },
  };
}

function composed(x: tf.Tensor, { weight, bias }: LayerNormParameters): Differentiable {
  const { shape } = x;
  const rows = asRows(x);
  const centred = tf.sub(rows, tf.mean(rows, 1, true));
  const variance = tf.mean(tf.square(centred), 1, true);
  const inverseDeviation = tf.rsqrt(tf.add(variance, LAYER_NORM_EPSILON));
  const normalised = tf.mul(centred, inverseDeviation);
  return {
    value: inShape(tf.add(tf.mul(normalised, weight), bias), shape),
    saved: [normalised, inverseDeviation, weight],
    gradient: (dy, xHat, savedInverse, savedWeight) => {
      const dRows = asRows(dy);
      const dHat = tf.mul(dRows, savedWeight);
      // dx = (dx̂ − mean(dx̂) − x̂ · mean(dx̂ · x̂)) / deviation
      const alongHat = tf.mul(xHat, tf.mean(tf.mul(dHat, xHat), 1, true));
      const dx = tf.mul(tf.sub(tf.sub(dHat, tf.mean(dHat, 1, true)), alongHat), savedInverse);
      return [inShape(dx, shape), sumOfRows(asRows(tf.mul(dRows, xHat))), sumOfRows(dRows)];
    },
  };
}
