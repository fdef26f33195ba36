import { resolve } from 'node:path';
import type { SweepFolder } from '../folder/sweep-folder';
import type { TrialTask } from '../launchers/launcher';

/** The program that trains one trial. */
export interface TrialProgram {
  /** What Node runs: a script and its first arguments, such as the mode. */
  readonly argv: readonly string[];
  /** Arguments of every trial that follow, such as `--threads 2`. */
  readonly options: readonly string[];
  readonly workingDirectory: string;
}

/** The process that brings a trial to its end, or to the step after which it is to stop. */
export function trialTask(
  folder: SweepFolder,
  {
    trial,
    stopAfter,
    program,
  }: { trial: number; stopAfter?: number | undefined; program: TrialProgram },
): TrialTask {
  const { workingDirectory } = program;
  const absolute = (path: string): string => resolve(workingDirectory, path);
  return {
    trial,
    argv: [
      ...program.argv,
      ...['--sweep', folder.configPath(trial)],
      ...['--run-id', folder.runId(trial)],
      ...['--out', folder.out],
      ...['--log-format', 'json', '--json'],
      ...(stopAfter === undefined ? [] : ['--stop-after', String(stopAfter)]),
      ...program.options,
    ],
    workingDirectory,
    logPath: absolute(folder.logPath(trial)),
    endPath: absolute(folder.endPath(trial)),
    lockPath: absolute(folder.lockPath(trial)),
  };
}
