import * as tf from '@tensorflow/tfjs';
import { differentiable } from '../differentiable';
import type { LayerNormParameters } from '../layer-norm';
import type { LinearParameters } from '../linear';
import { normalisedLinear, normalisedLinearGradient } from './normalised-linear';
import { plus, residualLinear } from './residual-linear';
import { scaled, type TensorFlowOperations } from './tensorflow-operations';

/** ln(2/√π): what exp(−u²) is multiplied by in the derivative of erf. */
const LOG_ERF_SLOPE = 0.1207822376352452;

/** Of the linear layers before and after the GELU: with u = z·√½, gelu(z) = √½ · u · (1 + erf(u)). */
const SCALE = Math.SQRT1_2;

/** The tensors of {@link perceptronHalf}. */
export interface PerceptronHalfOptions {
  readonly norm: LayerNormParameters;
  /** `[dim, hidden]` */
  readonly up: LinearParameters;
  /** `[hidden, dim]` */
  readonly down: LinearParameters;
}

/**
 * The second half of a block, x + linear(gelu(linear(norm(x)))) with the exact GELU, as one entry of the tape. The GELU's
 * constants are in the linear layers beside it, whose weights are smaller than what passes through it.
 *
 * @param x `[rows, dim]`
 */
export function perceptronHalf(
  on: TensorFlowOperations,
  x: tf.Tensor,
  { norm, up, down }: PerceptronHalfOptions,
): tf.Tensor {
  const inputs = [x, norm.weight, norm.bias, up.weight, up.bias, down.weight, down.bias];
  return differentiable(inputs, () => {
    const raised = normalisedLinear(on, x, { norm, linear: up, scale: SCALE });
    const erf = on.erf(raised.value);
    const growth = on.add(erf, tf.scalar(1));
    erf.dispose();
    const hidden = on.multiply(raised.value, growth);
    const downWeight = scaled(on, down.weight, SCALE);
    return {
      value: residualLinear(on, x, { x: hidden, weight: downWeight, bias: down.bias }),
      saved: [
        ...[norm.weight, norm.bias, up.weight, downWeight, hidden],
        ...[raised.normalised, raised.inverseDeviation, raised.folded, raised.value, growth],
      ],
      gradient: (dy, weight, bias, upWeight, downward, read, normal, s, folded, u, grown) => {
        const dHidden = on.product(dy, downward, { isRightTransposed: true });
        const slope = slopeOf(on, u, grown);
        const dRaised = on.multiply(dHidden, slope);
        tf.dispose([dHidden, slope]);
        const { dx, parameters } = normalisedLinearGradient(
          on,
          { dy: dRaised, normalised: normal, inverseDeviation: s, folded },
          { norm: { weight, bias }, weight: upWeight, scale: SCALE },
        );
        return [
          plus(on, dy, dx),
          ...parameters,
          scaled(on, on.product(read, dy, { isLeftTransposed: true }), SCALE),
          on.columnSums(dy),
        ];
      },
    };
  });
}

/** The derivative of u · (1 + erf(u)), 1 + erf(u) + u · 2/√π · exp(−u²); `growth` is 1 + erf(u). */
function slopeOf(on: TensorFlowOperations, u: tf.Tensor, growth: tf.Tensor): tf.Tensor {
  const square = on.square(u);
  const exponent = on.subtract(tf.scalar(LOG_ERF_SLOPE), square);
  square.dispose();
  const density = on.exponential(exponent);
  exponent.dispose();
  const product = on.multiply(u, density);
  density.dispose();
  return plus(on, growth, product);
}
