import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EnvironmentError, EXIT_CODES, PixelisError } from '@pixelis/core';
import {
  prepareLauncher,
  readTrialProgress,
  runSweep,
  type SweepManifest,
  type SweepResult,
} from '@pixelis/sweep';
import { createLogger, setupLogging } from '@pixelis/tracing';
import type { SweepCommand } from './command-line';
import { EventLines } from './event-lines';
import { finalReport, jsonReport, timeReport } from './final-report';
import { LiveTable } from './live-table';
import { requireEnvironment } from './require-environment';
import { listenForStop } from './stop-signals';
import type { SweepDisplay } from './sweep-display';

/** The program of a trial as it is built. */
const TRAIN = join(__dirname, '..', '..', 'train', 'dist', 'main.js');

/** Width of a table where nobody says how wide the screen is. */
const WIDTH = 100;

/** No trial came to its end: the sweep is complete, but has no result. */
class TrialsFailed extends PixelisError {
  readonly exitCode: number;

  constructor({ tag, trials, search }: SweepManifest) {
    const [first] = trials;
    const canRetry = search.strategy !== 'tpe' && search.halving === null;
    const again = canRetry ? `--tag ${tag} --retry-failed` : 'another --tag';
    const subject = trials.length === 1 ? 'the only trial' : `all ${trials.length} trials`;
    super(`${subject} failed; the first: ${first?.error?.message}`, {
      code: 'SWEEP_TRIALS_FAILED',
      remedy: `mend what went wrong, then repeat the command with ${again}`,
    });
    // A defect (1) is graver than wrong usage (2), and that than the rest.
    const codes = trials.map(({ error }) => error?.exit_code || EXIT_CODES.defect);
    this.exitCode = Math.min(...codes);
  }
}

/** `sweep`: runs trials, or resumes them, and prints what came of them. */
export async function sweepCommand(command: SweepCommand): Promise<void> {
  requireTrain();
  const display = createDisplay(command);
  const stop = listenForStop();
  stop.signal.addEventListener('abort', () => {
    display.warn('stopping: trials are asked to keep where they are; once more to stop at once');
  });
  let result: SweepResult;
  try {
    for (const warning of command.warnings) display.warn(warning);
    if (!command.isWriteOnly) {
      const warn = (message: string): void => display.warn(message);
      requireEnvironment({ ...command, folder: dirname(TRAIN), warn });
    }
    result = await runSweep({
      ...command,
      launcher: (context) => {
        const { launcher: name, jobs, slurmOptions, rayAddress, resolved } = command;
        const onNotice = (line: string): void => display.say(line);
        const choice = { name, jobs, slurmOptions, rayAddress, onNotice };
        return prepareLauncher(choice, { ...context, config: resolved.config });
      },
      program: {
        argv: [TRAIN, command.resolved.config.training.mode],
        options: command.trialOptions,
        workingDirectory: process.cwd(),
      },
      signal: stop.signal,
      onEvent: (event) => display.show(event),
    });
    for (const line of timeReport(display.durationsMs)) display.say(line);
  } finally {
    display.stop();
    stop.release();
  }
  const { manifest } = result;
  const isLost = manifest !== null && manifest.best === null;
  const width = Math.max(40, process.stdout.columns || WIDTH);
  if (!command.isJson) process.stdout.write(finalReport(result, { width }));
  else if (!isLost) process.stdout.write(jsonReport(result));
  if (isLost) throw new TrialsFailed(manifest);
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
  if (process.stderr.isTTY && logFormat === 'pretty') {
    return new LiveTable({
      ...{ terminal: process.stderr, metric, direction, shape },
      progressOf: ({ runId }) => readTrialProgress({ out, runId }, metric),
    });
  }
  setupLogging({ format: logFormat });
  return new EventLines({ logger: createLogger('sweep'), metric, direction, shape });
}

/** @throws {EnvironmentError} `TRAIN_NOT_BUILT` if the program is not there. */
export function requireTrain(program = TRAIN): void {
  if (existsSync(program)) return;
  throw new EnvironmentError('the program that trains a trial is not built', {
    code: 'TRAIN_NOT_BUILT',
    remedy: 'build it with npx nx run train:build',
  });
}
