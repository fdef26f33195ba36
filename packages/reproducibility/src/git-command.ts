import { spawnSync } from 'node:child_process';

const TIMEOUT_MS = 10_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** Options of {@link git}. */
export interface GitOptions {
  /** Longest output; a longer one counts as a failure. @default 64 MiB */
  readonly bytesMax?: number;
}

/** What git prints in `folder`; undefined if it fails, is not there, or prints too much. It changes nothing there. */
export function git(
  folder: string,
  commandArguments: readonly string[],
  { bytesMax = OUTPUT_BYTES_MAX }: GitOptions = {},
): string | undefined {
  const { status, stdout, error } = spawnSync(
    'git',
    // A checkout's own configuration could name a program for git to run.
    ['--no-optional-locks', '-c', 'core.fsmonitor=false', ...commandArguments],
    {
      cwd: folder,
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
      maxBuffer: bytesMax,
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  return status === 0 && error === undefined ? stdout : undefined;
}
