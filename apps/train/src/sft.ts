import { relative } from 'node:path';
import {
  openRun,
  readMetrics,
  type Run,
  type RunManifest,
  START_OFFSETS,
} from '@pixelis/artifacts';
import { resolvedDocument, type TrainingConfig } from '@pixelis/config';
import { Interruption } from '@pixelis/core';
import { captureEnvironment, type CapturedEnvironment } from '@pixelis/reproducibility';
import { createLogger, type Logger, setupLogging } from '@pixelis/tracing';
import {
  checkSft,
  prepareBackend,
  readNewestCheckpoint,
  type SftOutcome,
  trainingCurve,
  trainSft,
} from '@pixelis/training';
import type { Command } from './command-line';
import { manifestFacts } from './manifest-facts';
import { createProgress } from './progress';
import { completionReport } from './report';
import { listenForStop, type StopSignal } from './stop-signal';

type TrainCommand = Extract<Command, { kind: 'train' }>;

/** How a run is trained and shown. */
interface Preparation {
  readonly config: TrainingConfig;
  readonly logger: Logger;
  readonly isBar: boolean;
}

/**
 * `train sft`: checks everything, opens or resumes the run, trains it and completes it. Nothing is printed or written
 * before all is found right; a failure after the run is open is recorded in it.
 */
export async function trainSftCommand(command: TrainCommand): Promise<void> {
  const { config } = command.resolved;
  const dataset = checkSft(config);
  const environment = captureEnvironment({ level: 'basic', folder: __dirname });
  const { training, hardware } = config;
  const { backend, determinism } = await prepareBackend({
    name: hardware.backend,
    seed: training.seed,
    isDeterministic: training.deterministic_mode,
  });
  setupLogging({ format: command.logFormat });
  const logger = createLogger('train');
  // From before the run begins, so that no signal finds it half made.
  const stop = listenForStop((signal) =>
    logger.warn(`${signal}: stopping after this step; once more to stop at once`),
  );
  const run = beginRun(command, environment);
  try {
    logger.info(describeSystem(environment));
    logger.info(`backend ${backend.description}`);
    for (const runId of run.passedOver)
      logger.warn(
        `run ${runId} of the same configuration may still be held elsewhere: not resumed`,
      );
    for (const { what, why } of determinism?.notPossible ?? [])
      logger.warn(`not guaranteed: ${what}, since ${why}`);
    const isBar = process.stderr.isTTY && command.logFormat === 'pretty';
    const outcome = await train({ config, logger, isBar }, { run, stop });
    if (outcome.status === 'interrupted')
      throw interruption(stop, { run, step: outcome.step, command });
    run.flush();
    const lines = readMetrics(run.directory);
    const title = `${run.runId}: ${dataset.name}, seed ${training.seed}`;
    const stages = config.curriculum.stages.map(({ name }) => name);
    run.writeFile('figures/training-curve.svg', trainingCurve(lines, { title, stages }));
    const { results, scores } = outcome;
    const manifest = await run.complete(
      manifestFacts({ config, environment, backend, dataset, results }),
    );
    const directory = relative('', run.directory) || '.';
    if (command.isJson) printJson(directory, manifest);
    else process.stdout.write(completionReport({ directory, manifest, scores }));
  } catch (error) {
    run.fail(error);
    throw error;
  } finally {
    stop.dispose();
  }
}

function beginRun(command: TrainCommand, environment: CapturedEnvironment): Run {
  const { resolved, out, runId, isNew, expName } = command;
  return openRun({
    root: out,
    isNew,
    ...(runId === undefined ? {} : { runId }),
    config: resolved.config,
    rawConfig: { exp_name: expName ?? null, settings: resolved.raw },
    resolvedConfig: resolvedDocument(resolved),
    environment: { ...environment, system: { ...environment.system }, git: { ...environment.git } },
  });
}

async function train(
  { config, logger, isBar }: Preparation,
  { run, stop }: { run: Run; stop: StopSignal },
): Promise<SftOutcome> {
  const checkpoint = run.isResumed ? readNewestCheckpoint(run.directory) : undefined;
  if (run.isResumed && checkpoint === undefined) run.rewind(START_OFFSETS);
  const startStep = checkpoint?.step ?? 0;
  logger.info(
    `run ${run.runId}${run.isResumed ? `: resumed after step ${startStep}` : ''} in ${run.directory}`,
  );
  const { steps } = config.training;
  const stages = config.curriculum.stages.map(({ name }) => name);
  const progress = createProgress({ steps, startStep, stages, logger, isBar });
  try {
    return await trainSft({
      config,
      recorder: run,
      checkpoint,
      signal: stop.abort,
      callbacks: [progress],
      onTest: (level) => {
        progress.stop();
        logger.info(`measuring on test: ${level}`);
      },
    });
  } finally {
    progress.stop();
  }
}

function interruption(
  stop: StopSignal,
  { run, step, command }: { run: Run; step: number; command: TrainCommand },
): Interruption {
  const out = command.out === 'out' ? '' : ` --out ${command.out}`;
  return new Interruption(stop.received() ?? 'SIGINT', {
    kept: `run ${run.runId} is kept at step ${step}`,
    remedy: `repeat the command with --run-id ${run.runId}${out} to go on`,
  });
}

function printJson(directory: string, { run_id, status, results }: RunManifest): void {
  process.stdout.write(`${JSON.stringify({ run_id, run_dir: directory, status, results })}\n`);
}

function describeSystem({ system, git }: CapturedEnvironment): string {
  const commit =
    git.commit === null
      ? 'no git commit'
      : `commit ${git.commit.slice(0, 12)}${git.is_dirty === true ? ' with changes' : ''}`;
  return `system ${system.platform} ${system.release} ${system.arch}, ${system.cpu.count} x ${system.cpu.model ?? 'unknown processor'}, Node.js ${system.node}, ${commit}`;
}
