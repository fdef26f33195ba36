import { EXIT_CODES, PixelisError } from '@pixelis/core';
import type { SweepManifestTrial } from '@pixelis/sweep';

/** What {@link TrialsFailed} is made from. */
export interface FailedSweep {
  readonly trials: readonly Pick<SweepManifestTrial, 'error'>[];
  /** How to go on: see `failedSweepRemedy`. */
  readonly remedy: string;
}

/** No trial came to its end: the sweep is complete, but has no result. */
export class TrialsFailed extends PixelisError {
  readonly exitCode: number;

  constructor({ trials, remedy }: FailedSweep) {
    const [first] = trials;
    const subject = trials.length === 1 ? 'the only trial' : `all ${trials.length} trials`;
    super(`${subject} failed; the first: ${first?.error?.message}`, {
      code: 'SWEEP_TRIALS_FAILED',
      remedy,
    });
    // Where trials failed for several reasons the gravest counts, so that it does not depend on their order: exit codes rise from a
    // defect, which somebody must mend in the program, by wrong usage to what a second attempt may mend.
    const codes = trials.map(({ error }) => error?.exit_code || EXIT_CODES.defect);
    this.exitCode = Math.min(...codes);
  }
}
