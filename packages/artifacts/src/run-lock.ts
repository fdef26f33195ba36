import { openSync, rmSync, closeSync, existsSync } from 'node:fs';
import { join } from 'node:path';

/** STUB */
export interface RunLock {
  release(): void;
}

function lockPath(runsDirectory: string, runId: string): string {
  return join(runsDirectory, `.${runId}.lock`);
}

export function lockRun(runsDirectory: string, runId: string): RunLock | null {
  const path = lockPath(runsDirectory, runId);
  try {
    closeSync(openSync(path, 'wx'));
  } catch {
    return null;
  }
  return { release: () => rmSync(path, { force: true }) };
}

export function isRunHeld(runsDirectory: string, runId: string): boolean {
  return existsSync(lockPath(runsDirectory, runId));
}
