import { workerEntry } from '@pixelis/core';

/** The program that every launcher starts for a trial; see `trial-process.ts`. */
export function trialProcessPath(): string {
  return workerEntry(__filename, 'trial-process');
}
