import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import {
  checkpointName,
  metricsName,
  modelName,
  readMetrics,
  START_OFFSETS,
} from '@pixelis/artifacts';
import { resolvedDocument, type TrainingConfig } from '@pixelis/config';
import { Interruption, shellWord } from '@pixelis/core';
import type { World } from '@pixelis/distributed';
import { type DatasetCard, MNIST_CARD } from '@pixelis/data';
import { type ExperimentContext, useDataset, withExperiment } from '@pixelis/experiment';
import type { CapturedEnvironment } from '@pixelis/reproducibility';
import { createLogger, type Logger, setupLogging } from '@pixelis/tracing';
import {
  checkSft,
  FINAL_WEIGHTS_PATH,
  listCheckpoints,
  type PreparedBackend,
  prepareBackend,
  readNewestCheckpoint,
  requireRanks,
  runRanks,
  type SftOutcome,
  trainingCurve,
  trainSft,
} from '@pixelis/training';
import type { Command } from './command-line';
import { manifestFacts } from './manifest-facts';
import { MlflowTracker } from './mlflow-tracker';
import { createProgress } from './progress';
import { completionReport } from './report';
import { StopAfter, StoppedAsAsked } from './stop-after';

type TrainCommand = Extract<Command, { kind: 'train' }>;

/** What was found right before the run began. */
interface Preparation {
  readonly command: TrainCommand;
  readonly dataset: DatasetCard;
  readonly prepared: PreparedBackend;
  readonly logger: Logger;
  readonly stopAfter: StopAfter;
  readonly world: World;
}

type Completion = Extract<SftOutcome, { status: 'completed' }>;

/**
 * `train sft`, on as many processes as the configuration asks for.
 *
 * @returns The exit code.
 */
export async function trainSftCommand(command: TrainCommand): Promise<number> {
  const processes = command.resolved.config.hardware.num_gpus;
  checkRanks(command, Math.max(processes, 1));
  return runRanks({
    processes,
    argv: [...process.execArgv, ...process.argv.slice(1)],
    prepare: (world) => backendFor(command, world.size),
    main: (world) => trainAsRoot(command, world),
  });
}

/**
 * Checks everything, opens or resumes the run, trains it and completes it. Nothing is printed or written before all is
 * found right; a failure after the run is open is recorded in it.
 */
async function trainAsRoot(command: TrainCommand, world: World): Promise<void> {
  checkRanks(command, world.size);
  const { config } = command.resolved;
  const dataset = checkSft(config);
  const stopAfter = new StopAfter(command.stopAfter, config.training.steps);
  const { mlflow, isOffline } = command;
  const tracker =
    mlflow === undefined ? undefined : new MlflowTracker({ address: mlflow, isOffline });
  const prepared = await backendFor(command, world.size);
  setupLogging({ format: command.logFormat });
  const logger = createLogger('train');
  for (const warning of command.warnings) logger.warn(warning);
  const preparation = { command, dataset, prepared, logger, stopAfter, world };
  try {
    const completed = await withExperiment(experimentOptions(preparation), (run) =>
      record(run, preparation),
    );
    await tracker?.send(command.out, completed.runId);
    process.stdout.write(completed.report);
  } catch (error) {
    if (!(error instanceof StoppedAsAsked)) throw error;
    logger.info(`${error.message}: ${error.remedy}`);
  }
}

/**
 * Sees to it that so many processes can share what the command trains.
 *
 * @throws {UsageError} If they cannot.
 */
function checkRanks({ resolved: { config } }: TrainCommand, ranks: number): void {
  const { backend, threads } = config.hardware;
  const { shards, compile } = config.training;
  requireRanks(ranks, { shards, backend, threads, isCompiled: compile });
}

/** Makes ready what one of so many processes of this command computes on. */
function backendFor(
  { resolved: { config } }: TrainCommand,
  processes: number,
): Promise<PreparedBackend> {
  const { backend, threads } = config.hardware;
  const { seed, deterministic_mode, shards, compile, precision } = config.training;
  return prepareBackend({
    name: backend,
    seed,
    isDeterministic: deterministic_mode,
    threads: processes > 1 && backend === 'wasm' ? 1 : threads,
    shards,
    isCompiled: compile,
    precision,
  });
}

function experimentOptions({ command, dataset, prepared, logger }: Preparation) {
  const { resolved, out, runId, isNew, expName, captureLevel, sweep } = command;
  const { config } = resolved;
  return {
    root: out,
    job: 'train:sft',
    ...(expName === undefined ? {} : { name: expName }),
    ...(runId === undefined ? {} : { runId }),
    isNew,
    seed: config.training.seed,
    config,
    rawConfig: { exp_name: expName ?? null, settings: resolved.raw },
    resolvedConfig: resolvedDocument(resolved),
    captureLevel,
    environmentPolicy: { policy: command.envPolicy, isForced: command.isForced },
    facts: manifestFacts({ config, backend: prepared.backend, dataset }),
    folder: __dirname,
    ...(sweep === undefined ? {} : { tags: trialTags(sweep) }),
    warn: (message: string) => logger.warn(message),
  };
}

/** `out/sweeps/lr/0007.json` is the trial 0007 of the sweep lr. */
function trialTags(path: string): Record<string, string> {
  return { sweep: basename(dirname(resolve(path))), trial: basename(path, extname(path)) };
}

/** Trains within an open run, and completes it; `report` is for stdout. */
async function record(
  run: ExperimentContext,
  preparation: Preparation,
): Promise<{ readonly runId: string; readonly report: string }> {
  const { command, dataset, prepared, logger } = preparation;
  const { config } = command.resolved;
  run.signal.addEventListener('abort', () =>
    logger.warn('stopping after this step; once more to stop at once'),
  );
  logger.info(describeSystem(run.environment));
  logger.info(`backend ${prepared.backend.description}`);
  const { name, version, threads, device = null } = prepared.backend;
  run.event('backend', { name, version, threads, device });
  for (const runId of run.passedOver)
    logger.warn(`run ${runId} of the same configuration may still be held elsewhere: not resumed`);
  for (const { what, why } of prepared.determinism?.notPossible ?? [])
    logger.warn(`not guaranteed: ${what}, since ${why}`);
  await useDataset(run, dataset, { role: 'train_data', madeFrom: MNIST_CARD });
  const outcome = await train(run, preparation);
  if (outcome.status === 'interrupted') throw reasonOfStop(run, outcome.step, preparation);
  await run.flushed();
  const lines = readMetrics(run.directory);
  const title = `${run.runId}: ${dataset.name}, seed ${config.training.seed}`;
  const stages = config.curriculum.stages.map(({ name }) => name);
  run.writeFile('figures/training-curve.svg', trainingCurve(lines, { title, stages }));
  run.setResults(outcome.results);
  await logArtifacts(run, config, outcome);
  const manifest = await run.complete();
  const directory = relative('', run.directory) || '.';
  const { run_id, status, results } = manifest;
  const report = command.isJson
    ? jsonLine(run.directory, { run_id, status, results })
    : completionReport({ directory, manifest, scores: outcome.scores });
  return { runId: run_id, report };
}

async function train(
  run: ExperimentContext,
  { command, logger, stopAfter, world }: Preparation,
): Promise<SftOutcome> {
  const { config } = command.resolved;
  const checkpoint = run.isResumed ? readNewestCheckpoint(run.directory) : undefined;
  if (run.isResumed && checkpoint === undefined) run.rewind(START_OFFSETS);
  const startStep = checkpoint?.step ?? 0;
  if (command.runId !== undefined && !run.isResumed)
    logger.info(`there was no run ${command.runId} to resume: this is a new one`);
  logger.info(
    `run ${run.runId}${run.isResumed ? `: resumed after step ${startStep}` : ''} in ${run.directory}`,
  );
  const progress = createProgress({
    steps: config.training.steps,
    startStep,
    stages: config.curriculum.stages.map(({ name }) => name),
    logger,
    isBar: process.stderr.isTTY && command.logFormat === 'pretty',
  });
  try {
    return await trainSft({
      config,
      recorder: run,
      world,
      onFallback: ({ op, message }) => {
        const format = config.training.precision === 'f32' ? '' : ', and multiply in f32';
        logger.warn(`steps are not compiled${format}: ${op}: ${message}`);
      },
      checkpoint,
      signal: AbortSignal.any([run.signal, stopAfter.signal]),
      callbacks: [progress, stopAfter],
      onTest: (level) => {
        progress.stop();
        logger.info(`measuring on test: ${level}`);
      },
    });
  } finally {
    progress.stop();
  }
}

/** Puts into the store what the run made: the model, where training could go on, what was measured. */
async function logArtifacts(
  run: ExperimentContext,
  config: TrainingConfig,
  { results }: Completion,
): Promise<void> {
  const { directory, runId } = run;
  const inRun = (path: string) => ({ file: join(directory, path) });
  const metadata = { mode: 'sft', model: config.model, results };
  await run.logArtifact(
    modelName(runId),
    { 'model.safetensors': inRun(FINAL_WEIGHTS_PATH) },
    { type: 'model', metadata },
  );
  const newest = listCheckpoints(directory).at(-1);
  if (newest !== undefined) {
    await run.logArtifact(
      checkpointName('sft', runId),
      { 'checkpoint.safetensors': inRun(newest) },
      { type: 'checkpoint', metadata: { step: config.training.steps, model: config.model } },
    );
  }
  const files = ['metrics.jsonl', 'epochs.csv', 'figures/training-curve.svg'];
  await run.logArtifact(
    metricsName('sft', runId),
    Object.fromEntries(files.map((path) => [path, inRun(path)])),
    { type: 'metrics', metadata: { results } },
  );
}

/** Why training ended before its last step: a signal, or `--stop-after`. */
function reasonOfStop(
  run: ExperimentContext,
  step: number,
  { command, stopAfter }: Preparation,
): Interruption | StoppedAsAsked {
  const { runId, interruption } = run;
  const out = command.out === 'out' ? '' : ` --out ${shellWord(command.out)}`;
  if (interruption === undefined && stopAfter.signal.aborted) {
    if (command.isJson)
      process.stdout.write(jsonLine(run.directory, { run_id: runId, status: 'STOPPED', step }));
    const remedy = `the command with --run-id ${runId}${out} and without --stop-after goes on`;
    return new StoppedAsAsked(step, remedy);
  }
  return new Interruption(interruption?.exitCode === 143 ? 'SIGTERM' : 'SIGINT', {
    kept: `run ${runId} is kept at step ${step}`,
    remedy: `repeat the command with --run-id ${runId}${out} to go on`,
  });
}

function jsonLine(directory: string, outcome: Readonly<Record<string, unknown>>): string {
  const { run_id, ...rest } = outcome;
  const run_dir = relative('', directory) || '.';
  return `${JSON.stringify({ run_id, run_dir, ...rest })}\n`;
}

function describeSystem({ system, git }: CapturedEnvironment): string {
  const commit =
    git.commit === null
      ? 'no git commit'
      : `commit ${git.commit.slice(0, 12)}${git.is_dirty === true ? ' with changes' : ''}`;
  return `system ${system.platform} ${system.release} ${system.arch}, ${system.cpu.count} x ${system.cpu.model ?? 'unknown processor'}, Node.js ${system.node}, ${commit}`;
}
