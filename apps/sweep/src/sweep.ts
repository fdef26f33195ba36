import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EnvironmentError } from '@pixelis/core';
import {
  checkLauncher,
  failedSweepRemedy,
  type LauncherChoice,
  prepareLauncher,
  readSweepManifest,
  readTrialProgress,
  runSweep,
  type SweepEvent,
  SweepFolder,
  type SweepResult,
  validateSweepTag,
} from '@pixelis/sweep';
import { createLogger, setupLogging } from '@pixelis/tracing';
import { checkTrials } from './check-trials';
import type { SweepCommand } from './command-line';
import { EventLines } from './event-lines';
import { finalReport, jsonReport, timeReport } from './final-report';
import { LiveTable } from './live-table';
import { requireEnvironment } from './require-environment';
import { listenForStop } from './stop-signals';
import type { SweepDisplay } from './sweep-display';
import type { ShownTrial } from './sweep-state';
import { TrialsFailed } from './trials-failed';

/** The program of a trial as it is built. */
const TRAIN = join(__dirname, '..', '..', 'train', 'dist', 'main.js');

/** Width of a table where nobody says how wide the screen is. */
const WIDTH = 100;

/** `sweep`: runs trials, or resumes them, and prints what came of them. */
export async function sweepCommand(command: SweepCommand): Promise<void> {
  requireTrain();
  const display = createDisplay(command);
  let result: SweepResult;
  try {
    for (const warning of command.warnings) display.warn(warning);
    const { launcher: name, jobs, memoryPerTrialBytes, slurmOptions, rayAddress } = command;
    const onNotice = (line: string): void => display.say(line);
    const choice = { name, jobs, memoryPerTrialBytes, slurmOptions, rayAddress, onNotice };
    if (!isDone(command)) await requireTrials(command, { choice, display });
    result = await runTrials(command, { choice, display });
    for (const line of timeReport(display.durationsMs)) display.say(line);
  } finally {
    display.stop();
  }
  const { manifest } = result;
  const isLost = manifest !== null && manifest.best === null;
  const width = Math.max(40, process.stdout.columns || WIDTH);
  if (!command.isJson) process.stdout.write(finalReport(result, { width }));
  else if (!isLost) process.stdout.write(jsonReport(result));
  if (isLost) {
    const remedy = failedSweepRemedy(result.folder, manifest);
    throw new TrialsFailed({ trials: manifest.trials, remedy });
  }
}

/** What trials are launched by, and who is told. */
interface TrialsOptions {
  readonly choice: LauncherChoice;
  readonly display: SweepDisplay;
}

/** Whether the sweep is complete, so that nothing is left to run. */
function isDone({ out, tag, isNew, isRetryingFailed }: SweepCommand): boolean {
  if (tag === undefined || isNew || isRetryingFailed) return false;
  validateSweepTag(tag);
  return readSweepManifest(new SweepFolder({ out, tag }).directory) !== undefined;
}

/** Refuses, before anything is written, what would keep every trial from running. */
async function requireTrials(
  { resolved, launcher, isWriteOnly, ...command }: SweepCommand,
  { choice, display }: TrialsOptions,
): Promise<void> {
  const { config } = resolved;
  if (!isWriteOnly) await checkLauncher(choice, config);
  const backends = await checkTrials(config, {
    isHere: launcher === 'local' && !isWriteOnly,
    areFactsWanted: command.envPolicy === 'strict',
  });
  if (isWriteOnly) return;
  const warn = (message: string): void => display.warn(message);
  requireEnvironment({ ...command, backends, folder: dirname(TRAIN), warn });
}

async function runTrials(
  command: SweepCommand,
  { choice, display }: TrialsOptions,
): Promise<SweepResult> {
  const { config } = command.resolved;
  const stop = listenForStop();
  stop.signal.addEventListener('abort', () => {
    display.stopping(
      'stopping: trials are asked to keep where they are; once more to stop at once',
    );
  });
  const seen = new Set<SweepEvent['kind']>();
  try {
    const result = await runSweep({
      ...command,
      launcher: (context) => prepareLauncher(choice, { ...context, config }),
      program: {
        argv: [TRAIN, config.training.mode],
        options: command.trialOptions,
        workingDirectory: process.cwd(),
      },
      signal: stop.signal,
      onEvent: (event) => {
        seen.add(event.kind);
        display.show(event);
      },
    });
    if (command.isRetryingFailed && result.status === 'COMPLETED' && !seen.has('opened'))
      display.say(`no trial of the sweep ${result.folder.tag} failed: nothing is run again`);
    return result;
  } finally {
    stop.release();
  }
}

function createDisplay({ resolved, logFormat, out }: SweepCommand): SweepDisplay {
  const { sweep, training } = resolved.config;
  const { metric, direction, halving } = sweep;
  const shape = {
    steps: training.steps,
    ...(sweep.strategy === 'tpe' && { generationSize: sweep.generation_size }),
    halving: halving && {
      minimumSteps: halving.minimum_steps,
      reductionFactor: halving.reduction_factor,
    },
  };
  const progressOf = ({ runId }: ShownTrial) => readTrialProgress({ out, runId }, metric);
  const shown = { metric, direction, shape, progressOf };
  if (process.stderr.isTTY && logFormat === 'pretty')
    return new LiveTable({ terminal: process.stderr, ...shown });
  setupLogging({ format: logFormat });
  return new EventLines({ logger: createLogger('sweep'), ...shown });
}

/** @throws {EnvironmentError} `TRAIN_NOT_BUILT` if the program is not there. */
export function requireTrain(program = TRAIN): void {
  if (existsSync(program)) return;
  throw new EnvironmentError('the program that trains a trial is not built', {
    code: 'TRAIN_NOT_BUILT',
    remedy: 'build it with npx nx run train:build',
  });
}
