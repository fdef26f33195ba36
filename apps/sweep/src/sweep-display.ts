import type { SweepEvent } from '@pixelis/sweep';

/** Shows on stderr how a sweep goes. */
export interface SweepDisplay {
  show(event: SweepEvent): void;
  /** Prints a line that stays. */
  say(line: string): void;
  /** Prints a warning that stays. */
  warn(line: string): void;
  /** Prints a warning that stays: the sweep will stop, so that no time is left to be told. */
  stopping(line: string): void;
  /** Milliseconds for which processes of each trial ran, as far as they ended here. */
  readonly durationsMs: ReadonlyMap<number, number>;
  /** Leaves the last state standing. */
  stop(): void;
}
