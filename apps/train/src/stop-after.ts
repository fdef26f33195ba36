import { EXIT_CODES, PixelisError, UsageError } from '@pixelis/core';
import type { TrainerCallback } from '@pixelis/training';

/** The run has come to the step that `--stop-after` names. It is recorded as why the run is not complete. */
export class StoppedAsAsked extends PixelisError {
  readonly exitCode = EXIT_CODES.done;

  constructor(
    readonly step: number,
    remedy: string,
  ) {
    super(`stopped after step ${step}, as --stop-after asked`, {
      code: 'STOPPED_AS_ASKED',
      remedy,
    });
  }
}

/** Ends training after a step of its own accord. */
export class StopAfter implements TrainerCallback {
  private readonly controller = new AbortController();

  /** @throws {UsageError} If a run of `steps` steps does not come to step `last`. */
  constructor(
    private readonly last: number | undefined,
    steps: number,
  ) {
    if (last === undefined || (last >= 1 && last <= steps)) return;
    throw new UsageError(`--stop-after is ${last}, but the run has the steps 1 to ${steps}`, {
      code: 'STEP_MISSING',
      remedy: `use --stop-after from 1 to ${steps}, or leave it out to complete the run`,
    });
  }

  /** Aborted once the step is done. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  afterStep({ step }: { readonly step: number }): void {
    if (this.last !== undefined && step >= this.last) this.controller.abort();
  }
}
