import { spawn } from 'node:child_process';
import { EnvironmentError } from '@pixelis/core';

/** How {@link runCommand} runs. */
export interface RunCommandOptions {
  readonly folder: string;
  /** Ends the command. */
  readonly signal?: AbortSignal | undefined;
  /** What to do if it fails. */
  readonly remedy: string;
}

const OUTPUT_LENGTH_MAX = 300;

/**
 * Runs a program to its end.
 *
 * @returns What it printed.
 * @throws {EnvironmentError} `COMMAND_FAILED` if it ends with another code than 0, or cannot be run.
 */
export function runCommand(
  [program, ...args]: readonly [string, ...string[]],
  { folder, signal, remedy }: RunCommandOptions,
): Promise<string> {
  signal?.throwIfAborted();
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...withoutGit(process.env), NX_DAEMON: 'false' },
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    // Windows runs a .cmd by its shell alone.
    shell: program.endsWith('.cmd'),
  });
  const stop = () => void child.kill('SIGTERM');
  signal?.addEventListener('abort', stop);
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const failure = (reason: string) =>
    new EnvironmentError(`${program} ${args.slice(0, 2).join(' ')} failed: ${reason}`, {
      code: 'COMMAND_FAILED',
      remedy,
    });
  return new Promise<string>((resolve, reject) => {
    child.once('error', (error) => reject(failure(error.message)));
    child.once('close', (code) => {
      if (signal?.aborted === true) reject(asError(signal.reason));
      else if (code === 0) resolve(output);
      else reject(failure((errors.trim() || output.trim()).slice(-OUTPUT_LENGTH_MAX)));
    });
  }).finally(() => signal?.removeEventListener('abort', stop));
}

/** Within a hook of git, its variables would lead git to another repository. */
function withoutGit(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GIT_')));
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
