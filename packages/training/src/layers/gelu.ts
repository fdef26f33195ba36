import { type FusedLayers, fusedLayers } from '@pixelis/kernels';
import * as tf from '@tensorflow/tfjs';
import { type Differentiable, differentiable } from './differentiable';

const INVERSE_ROOT_TWO_PI = 0.3989422804014327;

/**
 * Gaussian error linear unit (Hendrycks & Gimpel 2016) in its exact form x · Φ(x), Φ(x) = (1 + erf(x/√2)) / 2.
 *
 * @returns the shape of `x`
 */
export function gelu(x: tf.Tensor): tf.Tensor {
  const fused = fusedLayers(tf);
  return differentiable([x], () => (fused === undefined ? composed(x) : byKernel(fused, x)));
}

function byKernel(fused: FusedLayers, x: tf.Tensor): Differentiable {
  const { value, derivative } = fused.gelu(x, 'erf');
  return {
    value,
    saved: [derivative],
    gradient: (dy, savedDerivative) => [tf.mul(dy, savedDerivative)],
  };
}

function composed(x: tf.Tensor): Differentiable {
  const phi = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
  return {
    value: tf.mul(x, phi),
    saved: [x, phi],
    gradient: (dy, savedX, savedPhi) => {
      // d(x·Φ(x))/dx = Φ(x) + x · exp(−x²/2) / √(2π)
      const density = tf.mul(tf.exp(tf.mul(tf.square(savedX), -0.5)), INVERSE_ROOT_TWO_PI);
      return [tf.mul(dy, tf.add(savedPhi, tf.mul(savedX, density)))];
    },
  };
}
