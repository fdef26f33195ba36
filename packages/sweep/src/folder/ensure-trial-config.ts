import { IntegrityError, writeFileAtomicSync } from '@pixelis/core';
import { readTextIfThere } from './on-disk';
import type { SweepFolder } from './sweep-folder';

/**
 * Sees to it that the configuration of a trial stands in its file. One that is missing is written, and so is one that the machine
 * lost part of when it fell, which is no JSON any more: cut off, empty or full of zero bytes. That is safe even if the trial
 * has begun, since its run holds a configuration of its own and goes on with no other.
 *
 * @param text The configuration, which follows from the search and from what came of earlier trials.
 * @returns Whether the file was damaged.
 * @throws {IntegrityError} `SWEEP_CONFIG_CHANGED` if the file says something else.
 */
export function ensureTrialConfig(folder: SweepFolder, trial: number, text: string): boolean {
  const path = folder.configPath(trial);
  const found = readTextIfThere(path);
  if (found === text) return false;
  if (found !== undefined && !text.startsWith(found) && isJson(found)) {
    throw new IntegrityError(`${path} is not the configuration of trial ${trial} any more`, {
      code: 'SWEEP_CONFIG_CHANGED',
      remedy:
        'remove that file and run the same command again, or begin a sweep with another --tag',
    });
  }
  writeFileAtomicSync(path, text);
  return found !== undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
