import { rmSync } from 'node:fs';
import { onDisk } from './on-disk';
import { readOutcome } from './outcome';
import type { SweepFolder } from './sweep-folder';
import { SWEEP_MANIFEST_FILE } from './sweep-manifest';
import { decidedTrials } from './sweep-progress';

/**
 * Takes back that trials failed, so that they are run again; a sweep that had come to its end goes on. Their runs go on where they
 * stopped.
 *
 * @returns The numbers of the trials.
 */
export function retryFailedTrials(folder: SweepFolder): number[] {
  return onDisk(folder.directory, () => {
    const failed = decidedTrials(folder.directory).filter(
      (trial) => readOutcome(folder.outcomePath(trial), trial)?.state === 'FAILED',
    );
    if (failed.length > 0) rmSync(folder.path(SWEEP_MANIFEST_FILE), { force: true });
    for (const trial of failed) {
      rmSync(folder.endPath(trial), { force: true });
      rmSync(folder.outcomePath(trial), { force: true });
    }
    return failed;
  });
}
