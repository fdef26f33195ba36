import type { Recorder } from '@pixelis/core';
import type { StepReport, TrainerCallback } from '../trainer/training-loop';

/** What an {@link EpochSummary} has gathered of the epoch at hand. */
export type EpochSummaryState = Readonly<{
  /** From 0. */
  epoch: number;
  steps: number;
  loss_sum: number;
}>;

/** Records a row for each epoch: its steps and its mean loss. The last epoch may be a part of one. */
export class EpochSummary implements TrainerCallback {
  private current: EpochSummaryState;

  /** @param state What {@link EpochSummary.state} gave, to go on from there. */
  constructor(
    private readonly recorder: Recorder,
    state: EpochSummaryState = { epoch: 0, steps: 0, loss_sum: 0 },
  ) {
    this.current = state;
  }

  afterStep({ epoch, loss }: StepReport): void {
    if (epoch !== this.current.epoch) this.finish(epoch);
    const { steps, loss_sum } = this.current;
    this.current = { epoch, steps: steps + 1, loss_sum: loss_sum + loss };
  }

  /** Records the epoch at hand and begins the next. */
  finish(next = this.current.epoch + 1): void {
    const { epoch, steps, loss_sum } = this.current;
    if (steps > 0) this.recorder.epoch(epoch + 1, { steps, 'loss/train': loss_sum / steps });
    this.current = { epoch: next, steps: 0, loss_sum: 0 };
  }

  state(): EpochSummaryState {
    return this.current;
  }
}
