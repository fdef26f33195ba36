import type { SweepEvent } from '@pixelis/sweep';

/** Shows on stderr how a sweep goes. */
export interface SweepDisplay {
  show(event: SweepEvent): void;
  /** Prints a line that stays. */
  say(line: string): void;
  /** Prints a warning that stays. */
  warn(line: string): void;
  /** Leaves the last state standing. */
  stop(): void;
}
