import type * as tf from '@tensorflow/tfjs';
import { requireTensorflowBackend } from './backend/tensorflow-backend';
import { RecompilingStep } from './recompiling-step';
import type { FallbackReason, StepFunction, Tensors } from './graph/record-graph';

/** Numbers of one tensor. */
export interface HostValues {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** How a step is compiled. */
export interface CompileOptions {
  /** Initial state, of type float32 or int32. It is copied; the tensors stay the caller's. */
  readonly state: Tensors;
  /** Whether matrix products and convolutions take their factors rounded to bfloat16. Default `f32`. */
  readonly precision?: 'f32' | 'bf16';
  /** Told once if the step cannot be compiled and runs eagerly instead. */
  readonly onFallback?: (reason: FallbackReason) => void;
}

/** A step whose state stays in TensorFlow's variables. */
export interface CompiledStep {
  /**
   * One step: takes the inputs, moves the state on and gives back the outputs as tensors of the caller. Records and
   * compiles at the first call, and again for inputs of other names, types or shapes, whose program is then kept.
   */
  run(inputs: Tensors): Record<string, tf.Tensor>;
  /** `undefined` while the step is compiled; else why it runs eagerly. */
  readonly fallback: FallbackReason | undefined;
  /** How many programs were made. */
  readonly compilations: number;
  /**
   * The numbers of the state, or of the entries that are named, as they are.
   *
   * @throws RangeError for an entry that the state does not have.
   */
  readState(names?: readonly string[]): Promise<Record<string, HostValues>>;
  /**
   * As {@link readState}, on the device: tensors of the caller, which the next step leaves as they are.
   *
   * @throws RangeError for an entry that the state does not have.
   */
  readTensors(names?: readonly string[]): Record<string, tf.Tensor>;
  /**
   * Sets entries of the state; entries that are not named stay.
   *
   * @throws RangeError for an entry that the state does not have, or of another size or type.
   */
  writeState(values: Readonly<Record<string, HostValues>>): void;
  /** Frees the programs and the state. */
  dispose(): void;
}

/**
 * Compiles a step by XLA: the operations that it runs are recorded as a TensorFlow graph, whose state stays in variables
 * on the device between steps. What cannot be recorded or compiled runs eagerly, in float32; `fallback` and `onFallback`
 * say why.
 *
 * @throws EnvironmentError BACKEND_CANNOT_COMPILE on another backend than TensorFlow's native one.
 */
export function compileStep(step: StepFunction, options: CompileOptions): CompiledStep {
  return new RecompilingStep(step, { ...options, backend: requireTensorflowBackend() });
}
