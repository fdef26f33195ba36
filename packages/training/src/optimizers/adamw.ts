import { math } from '@pixelis/core';
import { fusedAdamW } from '@pixelis/kernels';
import * as tf from '@tensorflow/tfjs';
import type { ParameterLayout, ParameterTree } from '../parameters';

/** How AdamW behaves; the defaults are those of `torch.optim.AdamW`. */
export interface AdamWOptions {
  /** Decay rate of the mean of gradients. @default {0.9} */
  readonly beta1?: number;
  /** Decay rate of the mean of squared gradients. @default {0.999} */
  readonly beta2?: number;
  /** Added to the root of the second moment. @default {1e-8} */
  readonly epsilon?: number;
  /** Fraction of a weight that a step of learning rate 1 would take away. @default {0.01} */
  readonly weightDecay?: number;
  /** 1 where weight decay applies, 0 elsewhere (see `weightDecayMask`); everywhere where absent. */
  readonly decayMask?: tf.Tensor1D;
}

/** What AdamW carries from step to step. */
export interface AdamWState {
  /** Steps taken. */
  readonly step: number;
  /** Running mean of the gradients. */
  readonly m: tf.Tensor1D;
  /** Running mean of their squares. */
  readonly v: tf.Tensor1D;
}

/** What one step reads; all vectors have the same length. */
export interface AdamWInput {
  readonly parameters: tf.Tensor1D;
  readonly gradients: tf.Tensor1D;
  readonly state: AdamWState;
  readonly learningRate: number;
}

/** The state before the first step, for a vector of `size` parameters. */
export function initialAdamWState(size: number): AdamWState {
  return { step: 0, m: tf.zeros<tf.Rank.R1>([size]), v: tf.zeros<tf.Rank.R1>([size]) };
}

/** The numbers of one AdamW step, in float64. */
export interface AdamWScalars {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** The learning rate over 1 − β₁ᵗ. */
  readonly stepSize: number;
  /** √(1 − β₂ᵗ) */
  readonly rootCorrection: number;
  /** Learning rate times weight decay. */
  readonly decay: number;
}

/**
 * The numbers of optimizer step `step`, from 1. The corrections come from that integer, so a resumed run takes exactly the
 * step that an uninterrupted one takes.
 */
export function adamWScalars(
  { step, learningRate }: { readonly step: number; readonly learningRate: number },
  options: Omit<AdamWOptions, 'decayMask'> = {},
): AdamWScalars {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 } = options;
  return {
    beta1,
    beta2,
    epsilon,
    stepSize: learningRate / (1 - math.pow(beta1, step)),
    rootCorrection: Math.sqrt(1 - math.pow(beta2, step)),
    decay: learningRate * weightDecay,
  };
}

/**
 * One step of AdamW (Loshchilov & Hutter 2019, algorithm 2) in the arrangement of PyTorch: p ← p·(1 − η·λ) − η/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε).
 *
 * @returns the new parameters and state, in new tensors owned by the caller; what was passed in is left alone
 */
export function adamWStep(
  { parameters, gradients, state, learningRate }: AdamWInput,
  options: AdamWOptions = {},
): { parameters: tf.Tensor1D; state: AdamWState } {
  const { decayMask } = options;
  const step = state.step + 1;
  const scalars = adamWScalars({ step, learningRate }, options);
  const fused = fusedAdamW(tf);
  if (fused !== undefined && decayMask !== undefined) {
    const { m, v } = state;
    const next = fused({ parameters, gradients, m, v, decayMask }, scalars);
    return { parameters: next.parameters, state: { step, m: next.m, v: next.v } };
  }
  const { beta1, beta2, epsilon, stepSize, rootCorrection, decay } = scalars;
  const [next, m, v] = tf.tidy((): [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D] => {
    const mean = tf.add<tf.Tensor1D>(tf.mul(state.m, beta1), tf.mul(gradients, 1 - beta1));
    const square = tf.add<tf.Tensor1D>(
      tf.mul(state.v, beta2),
      tf.mul(tf.square(gradients), 1 - beta2),
    );
    // Numerator and denominator times √(1 − β₂ᵗ): one pass over all parameters less.
    const denominator = tf.add(tf.sqrt(square), epsilon * rootCorrection);
    const kept = decayMask === undefined ? 1 - decay : tf.sub(1, tf.mul(decayMask, decay));
    const update = tf.mul(tf.div(mean, denominator), stepSize * rootCorrection);
    return [tf.sub(tf.mul(parameters, kept), update), mean, square];
  });
  return { parameters: next, state: { step, m, v } };
}

/** AdamW's moments as named tensors, `m.<parameter>` and `v.<parameter>`, for a checkpoint; new tensors, owned by the caller. */
export function momentsByName(
  state: AdamWState,
  layout: ParameterLayout,
): Record<string, tf.Tensor> {
  const named = (kind: 'm' | 'v') =>
    Object.entries(layout.unflatten(state[kind])).map(([name, moment]): [string, tf.Tensor] => [
      `${kind}.${name}`,
      moment,
    ]);
  return Object.fromEntries([...named('m'), ...named('v')]);
}

/**
 * The state whose moments {@link momentsByName} named.
 *
 * @throws {RangeError} If a moment is missing or of another shape.
 */
export function stateFromMoments(
  { step, moments }: { readonly step: number; readonly moments: ParameterTree },
  layout: ParameterLayout,
): AdamWState {
  const flat = (kind: 'm' | 'v') => {
    const prefix = `${kind}.`;
    return layout.flatten(
      Object.fromEntries(
        Object.entries(moments)
          .filter(([name]) => name.startsWith(prefix))
          .map(([name, moment]) => [name.slice(prefix.length), moment]),
      ),
    );
  };
  return { step, m: flat('m'), v: flat('v') };
}
