/** Trains as a command line asks. `mayGoOn` is asked before each step: what it throws ends the run. */
export function train(
  argv: readonly string[],
  mayGoOn?: (step: number) => Promise<void> | void,
): Promise<void>;
