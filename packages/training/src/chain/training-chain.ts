import { digestParts, type PartsDigest, type Recorder } from '@pixelis/core';
import type { ParameterSlot } from '../parameters';
import type { StepReport, TrainerCallback } from '../trainer/training-loop';
import { addBatch, NO_BATCHES } from './digest-batch';

/** What a {@link TrainingChain} takes digests of. */
export interface DigestedTrainer {
  /** Optimizer steps done. */
  readonly step: number;
  /** Where each parameter lies in the vectors. */
  readonly layout: { readonly slots: readonly ParameterSlot[] };
  /** All parameters as one vector. */
  weights(): Promise<Float32Array>;
  /** The mean gradient of the last step before clipping, as one vector. */
  gradients(): Promise<Float32Array>;
}

/** Options of {@link TrainingChain}. */
export interface TrainingChainOptions {
  readonly trainer: DigestedTrainer;
  readonly recorder: Recorder;
  /** Steps from one line to the next; 0 keeps no chain. */
  readonly every: number;
  /** The last step, which has a line whatever `every` is. */
  readonly steps: number;
  /** {@link TrainingChain.state} of a checkpoint; a fresh start where absent. */
  readonly state?: TrainingChainState | undefined;
}

/** What a checkpoint holds of a chain. The links themselves are the recorder's. */
export interface TrainingChainState {
  /** Digest of the batches since the last line. */
  readonly batch: string;
}

/** Records digests of what a training run computes, so that two runs can be compared and the step be named where they part. */
export class TrainingChain implements TrainerCallback {
  #batch: string;

  constructor(private readonly options: TrainingChainOptions) {
    this.#batch = options.state?.batch ?? NO_BATCHES;
  }

  state(): TrainingChainState {
    return { batch: this.#batch };
  }

  /** Records the initial weights, unless steps were taken already. */
  async begin(): Promise<void> {
    const { trainer, recorder, every } = this.options;
    if (every > 0 && trainer.step === 0) recorder.chain(0, await this.#weights());
  }

  /** Takes in a batch that the next step will train on. */
  addBatch(shards: readonly object[]): void {
    if (this.options.every > 0) this.#batch = addBatch(this.#batch, shards);
  }

  async afterStep({ step, loss }: Pick<StepReport, 'step' | 'loss'>): Promise<void> {
    const { trainer, recorder, every, steps } = this.options;
    if (every === 0 || (step % every !== 0 && step !== steps)) return;
    const gradients = this.#digest(await trainer.gradients());
    recorder.chain(step, {
      batch: this.#batch,
      loss: float64Digits(loss),
      gradients: gradients.digest,
      gradient_tensors: gradients.parts,
      ...(await this.#weights()),
    });
    this.#batch = NO_BATCHES;
  }

  async #weights(): Promise<{ weights: string; weight_tensors: string }> {
    const { digest, parts } = this.#digest(await this.options.trainer.weights());
    return { weights: digest, weight_tensors: parts };
  }

  #digest(values: Float32Array): PartsDigest {
    const { slots } = this.options.trainer.layout;
    return digestParts(slots.map(({ offset, size }) => values.subarray(offset, offset + size)));
  }
}

/** The bits of a float64 in 16 hex digits, the most significant first. */
function float64Digits(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString('hex');
}
