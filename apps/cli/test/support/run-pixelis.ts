import { explainSystemError, PixelisError } from '@pixelis/core';
import { runCommandLine } from '../../src/run-command-line';
import type { Ending } from './programs';

/** How {@link runPixelis} runs. */
export interface RunPixelisOptions {
  readonly cwd: string;
  /** Width of the terminal that it believes to write to. Default: none, as in a pipe. */
  readonly columns?: number;
}

/**
 * Runs `pixelis` in this process, which saves the start of one; failures end as `runProgram` ends them. What is no failure
 * of the user is thrown.
 */
export async function runPixelis(
  args: readonly string[],
  { cwd, columns }: RunPixelisOptions,
): Promise<Ending> {
  const output = { stdout: '', stderr: '' };
  const terminal = columns === undefined ? {} : { isTTY: true, columns };
  const streams = {
    stdout: { ...terminal, write: (text: string) => (output.stdout += text) },
    stderr: { ...terminal, write: (text: string) => (output.stderr += text) },
  };
  const before = process.cwd();
  process.chdir(cwd);
  try {
    return { code: (await runCommandLine(args, streams)) ?? 0, ...output };
  } catch (error) {
    const failure = error instanceof PixelisError ? error : explainSystemError(error);
    if (failure === undefined) throw error;
    const lines = `error: ${failure.message}\nremedy: ${failure.remedy}\n`;
    return { code: failure.exitCode, stdout: output.stdout, stderr: output.stderr + lines };
  } finally {
    process.chdir(before);
  }
}
