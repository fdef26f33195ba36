import { IntegrityError, writeFileAtomicSync } from '@pixelis/core';
import { readTextIfThere } from './on-disk';
import type { SweepFolder } from './sweep-folder';

/**
 * Sees to it that the configuration of a trial stands in its file. One that is missing is written, as is the rest of one that was
 * cut off when the machine fell.
 *
 * @throws {IntegrityError} `SWEEP_CONFIG_CHANGED` if the file says something else.
 */
export function ensureTrialConfig(folder: SweepFolder, trial: number, text: string): void {
  const path = folder.configPath(trial);
  const found = readTextIfThere(path);
  if (found === text) return;
  if (found !== undefined && !text.startsWith(found)) {
    throw new IntegrityError(`${path} is not the configuration of trial ${trial} any more`, {
      code: 'SWEEP_CONFIG_CHANGED',
      remedy:
        'remove that file and run the same command again, or begin a sweep with another --tag',
    });
  }
  writeFileAtomicSync(path, text);
}
