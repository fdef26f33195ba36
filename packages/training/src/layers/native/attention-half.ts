import type * as tf from '@tensorflow/tfjs';
import type { AttentionOptions } from '../attention';
import { differentiable } from '../differentiable';
import type { LayerNormParameters } from '../layer-norm';
import type { LinearParameters } from '../linear';
import { nativeAttention, nativeAttentionGradient } from './native-attention';
import { normalisedLinear, normalisedLinearGradient } from './normalised-linear';
import { plus, residualLinear } from './residual-linear';
import type { TensorFlowOperations } from './tensorflow-operations';

/** The tensors of {@link attentionHalf}, and the sequences that it runs over. */
export interface AttentionHalfOptions extends AttentionOptions {
  readonly norm: LayerNormParameters;
  /** `[dim, 3·dim]` */
  readonly qkv: LinearParameters;
  /** `[dim, dim]` */
  readonly out: LinearParameters;
}

/**
 * The first half of a block, x + linear(attention(linear(norm(x)))), as one entry of the tape.
 *
 * @param x `[batch·length, dim]`
 */
export function attentionHalf(
  on: TensorFlowOperations,
  x: tf.Tensor,
  { norm, qkv, out, ...options }: AttentionHalfOptions,
): tf.Tensor {
  const inputs = [x, norm.weight, norm.bias, qkv.weight, qkv.bias, out.weight, out.bias];
  return differentiable(inputs, () => {
    const packed = normalisedLinear(on, x, { norm, linear: qkv, scale: 1 });
    const { attended, heads } = nativeAttention(on, packed.value, options);
    return {
      value: residualLinear(on, x, { x: attended, weight: out.weight, bias: out.bias }),
      saved: [
        ...[norm.weight, norm.bias, qkv.weight, out.weight, attended],
        ...[packed.normalised, packed.inverseDeviation, packed.folded],
        ...[heads.query, heads.key, heads.value, heads.probabilities],
      ],
      gradient: (dy, weight, bias, qkvWeight, outWeight, read, normal, s, folded, q, k, v, p) => {
        const dAttended = on.product(dy, outWeight, { isRightTransposed: true });
        const dPacked = nativeAttentionGradient(
          on,
          { dy: dAttended, query: q, key: k, value: v, probabilities: p },
          options,
        );
        const { dx, parameters } = normalisedLinearGradient(
          on,
          { dy: dPacked, normalised: normal, inverseDeviation: s, folded },
          { norm: { weight, bias }, weight: qkvWeight, scale: 1 },
        );
        return [
          plus(on, dy, dx),
          ...parameters,
          on.product(read, dy, { isLeftTransposed: true }),
          on.columnSums(dy),
        ];
      },
    };
  });
}
