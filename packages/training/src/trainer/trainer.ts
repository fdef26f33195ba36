import type { TensorTree } from '../checkpoints/safetensors';
import type { AdamWOptions } from '../optimizers/adamw';
import type { ParameterLayout, ParameterSpecs, ParameterTree } from '../parameters';
import type { ObjectiveModule } from '../threads/objective-module';
import type { Objective } from './objective';
import type { Precision } from './precision';

/** How a {@link Trainer} updates the parameters. */
export interface TrainerOptions<Shard> {
  readonly specs: ParameterSpecs;
  readonly objective: Objective<Shard>;
  readonly optimizer: Omit<AdamWOptions, 'decayMask'>;
  /** Largest global norm of the gradient; a longer one is scaled down to it. */
  readonly gradientClipNorm: number;
  /** Threads that share a batch's shards, 1…256; more than one on the wasm backend alone. @default {1} */
  readonly threads?: number;
  /** Where worker threads find `objective`; needed with more than one thread. */
  readonly objectiveModule?: ObjectiveModule;
  /** Whether a step runs as one graph compiled by XLA; on the native backend alone. @default {false} */
  readonly isCompiled?: boolean;
  /** Format in which a compiled step multiplies matrices. @default {'f32'} */
  readonly precision?: Precision;
  /** Told when steps that should be compiled run one operation after another instead. */
  readonly onFallback?: ((reason: CompileFallback) => void) | undefined;
}

/** Why a step runs without being compiled. */
export interface CompileFallback {
  /** The operation that cannot be recorded. */
  readonly op: string;
  readonly message: string;
}

/** Weights and moments outside of the backend, by parameter name. */
export interface TrainerSnapshot {
  /** Optimizer steps done. */
  readonly step: number;
  readonly parameters: TensorTree;
  readonly firstMoments: TensorTree;
  readonly secondMoments: TensorTree;
}

/** Where a {@link Trainer} starts: at initial values, which are copied and stay with the caller, or where another one stood. */
export type TrainerStart =
  { readonly parameters: ParameterTree } | { readonly snapshot: TrainerSnapshot };

/** What one optimizer step measured. */
export interface StepResult {
  /** Optimizer steps done, this one included. */
  readonly step: number;
  /** Weighted mean loss of the batch before the update. */
  readonly loss: number;
  /** Global norm of the gradient before clipping. */
  readonly gradientNorm: number;
}

/**
 * Holds parameters and optimizer state and steps them. The gradients of a batch's shards are added in shard order, so the
 * result does not depend on who computes them.
 */
export interface Trainer<Shard> {
  /** Where each parameter lies in the flat vectors. */
  readonly layout: ParameterLayout;
  /** Optimizer steps done. */
  readonly step: number;
  /** The current parameters; they belong to the trainer and are replaced by the next step. */
  readonly parameters: ParameterTree;

  /**
   * One optimizer step over the shards of one batch, or of several that accumulate.
   *
   * @throws {UsageError} `TRAINING_DIVERGED` if the loss or the gradient is not finite; the parameters stay as they were.
   * @throws {EnvironmentError} `WORKER_LOST` if a worker thread died; the trainer is of no use any more.
   * @throws {RangeError} If there are no shards.
   */
  update(shards: readonly Shard[], learningRate: number): Promise<StepResult>;

  /**
   * Weights and moments as they are now, in arrays of their own.
   *
   * @throws {UsageError} `TRAINING_DIVERGED` if one of them is not finite: what is saved can be gone on from.
   */
  snapshot(): Promise<TrainerSnapshot>;

  /** The parameters as one vector in the order of `layout`; to be read only, and only until the next step. */
  weights(): Promise<Float32Array>;

  /** As {@link weights}: the last step's mean gradient before clipping; zeros before the first step. */
  gradients(): Promise<Float32Array>;

  /** Gives back all tensors and ends all threads; a second call does nothing. */
  dispose(): Promise<void>;
}
