import { spawn } from 'node:child_process';
import { EnvironmentError, isSystemError, RemoteError, UsageError } from '@pixelis/core';

/** A program of Slurm. */
export type SlurmProgram = 'sbatch' | 'squeue' | 'scancel' | 'scontrol';

/** How a program of Slurm ended. */
export interface SlurmAnswer {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const UNREACHABLE =
  /unable to contact slurm|connect failure|connection (refused|timed out)|socket timed out|zero bytes were transmitted|transport endpoint|communication connection|configuration source|unexpected message|authentication|munge/i;
const FULL =
  /job submit limit|MaxSubmitJobs|SubmitJobLimit|MaxSubmitJobPer|resource temporarily unavailable/i;

/**
 * Runs a program of Slurm and gives what it said, whatever its exit code.
 *
 * @throws {EnvironmentError} Where there is no such program.
 */
export async function askSlurm(
  program: SlurmProgram,
  words: readonly string[],
): Promise<SlurmAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
    child.once('error', (error) => reject(explainMissing(error, program)));
    child.once('close', (exitCode) => resolve({ exitCode, ...said }));
  });
}

/**
 * What a program of Slurm printed.
 *
 * @throws {RemoteError} If the controller does not answer.
 * @throws {UsageError} If Slurm refuses.
 * @throws {EnvironmentError} Where there is no such program.
 */
export async function tellSlurm(program: SlurmProgram, words: readonly string[]): Promise<string> {
  const answer = await askSlurm(program, words);
  if (answer.exitCode === 0) return answer.stdout;
  throw explainRefusal(program, answer);
}

/** Whether Slurm takes no more jobs of this user for now. */
export function isFull({ stderr }: SlurmAnswer): boolean {
  return FULL.test(stderr);
}

/** The error behind an answer whose exit code is not 0. */
export function explainRefusal(
  program: SlurmProgram,
  { exitCode, stderr }: SlurmAnswer,
): RemoteError | UsageError {
  const reasons = stderr
    .split('\n')
    .map((line) => line.replace(/^\w+: (error: |fatal: )?/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('Try "'));
  const reason = reasons.join('; ') || `it ended with ${exitCode ?? 'a signal'}`;
  if (UNREACHABLE.test(stderr)) {
    return new RemoteError(`${program} cannot reach Slurm: ${reason}`, {
      code: 'SLURM_UNREACHABLE',
      remedy: 'ask scontrol ping whether the controller is up, then run the same command again',
    });
  }
  return new UsageError(`${program} refuses: ${reason}`, {
    code: 'SLURM_REFUSED',
    remedy: 'correct --slurm-option; sinfo and sbatch --help tell what there is',
  });
}

/** Without what would hide jobs of the sweep from the user, or send them where they are not looked for. */
function environment(): NodeJS.ProcessEnv {
  const isUnfit = (name: string): boolean =>
    /^(SQUEUE_|SCANCEL_|SBATCH_(CLUSTERS|TEST_ONLY|WAIT)$)/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isUnfit(name)));
}

function explainMissing(error: Error, program: SlurmProgram): Error {
  if (!isSystemError(error) || !['ENOENT', 'EACCES'].includes(error.code)) return error;
  return new EnvironmentError(`there is no ${program} on this machine`, {
    code: 'SLURM_MISSING',
    remedy: 'start the sweep on a login node of the cluster, or choose --launcher local',
    cause: error,
  });
}
