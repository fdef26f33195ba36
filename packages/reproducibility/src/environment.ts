import { UsageError } from '@pixelis/core';

import { type GitState, readGitState } from './git-state';
import { getSystemInfo, type SystemInfo } from './system-info';

/** How much of the environment is captured. Only `basic` is available yet. */
export type CaptureLevel = 'basic' | 'standard' | 'complete';

/** Options of {@link captureEnvironment}. */
export interface CaptureEnvironmentOptions {
  /** @default 'basic' */
  readonly level?: CaptureLevel;
  /** A folder of the code whose checkout and packages are captured. @default the current folder */
  readonly folder?: string;
}

/** What a run's `environment.json` holds. Equal environments give equal captures: there is no clock in it. */
export interface CapturedEnvironment {
  readonly level: CaptureLevel;
  readonly system: SystemInfo;
  readonly git: GitState;
}

/**
 * Captures the environment of a run: the system, and the state of the git checkout that holds `folder`.
 *
 * @throws {UsageError} `CAPTURE_LEVEL_UNAVAILABLE` for a level other than `basic`.
 */
export function captureEnvironment({
  level = 'basic',
  folder = process.cwd(),
}: CaptureEnvironmentOptions = {}): CapturedEnvironment {
  if (level !== 'basic') {
    throw new UsageError(`The capture level ${JSON.stringify(level)} is not available yet`, {
      code: 'CAPTURE_LEVEL_UNAVAILABLE',
      remedy: 'Use the level "basic".',
    });
  }
  return { level, system: getSystemInfo({ folder }), git: readGitState(folder) };
}
