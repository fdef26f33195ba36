import type { Worker } from 'node:worker_threads';

let accepted: readonly string[] | undefined;

/**
 * The command-line flags of Node that a worker thread started now inherits, as a list that can be given to it. A worker
 * refuses V8's and the process's flags when they are given, though these hold for it all the same.
 *
 * @param workerClass Node's own class, to ask.
 */
export function inheritedExecArgv(workerClass: typeof Worker): readonly string[] {
  accepted ??= groupFlags(process.execArgv)
    .filter((flags) => isAccepted(workerClass, flags))
    .flat();
  return accepted;
}

/** Flags with the values that follow them: `['-r', 'a', '--b=1']` → `[['-r', 'a'], ['--b=1']]`. */
function groupFlags(argv: readonly string[]): string[][] {
  const groups: string[][] = [];
  for (const token of argv) {
    const last = groups.at(-1);
    if (token.startsWith('-') || last === undefined) groups.push([token]);
    else last.push(token);
  }
  return groups;
}

/** Flags are judged before data is copied: data that cannot be copied stops the worker before its thread starts. */
function isAccepted(workerClass: typeof Worker, flags: string[]): boolean {
  try {
    new workerClass('', { eval: true, execArgv: flags, workerData: isAccepted });
    return false;
  } catch (error) {
    return error instanceof Error && error.name === 'DataCloneError';
  }
}
