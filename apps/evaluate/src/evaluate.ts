import { relative } from 'node:path';
import {
  ArtifactManager,
  type ArtifactVersion,
  evaluationName,
  type PutArtifact,
  START_OFFSETS,
} from '@pixelis/artifacts';
import { resolvedDocument, type TrainingConfig } from '@pixelis/config';
import { canonicalJson, sha256, UsageError } from '@pixelis/core';
import {
  type DatasetCard,
  type Level,
  LEVELS,
  loadMnist,
  MNIST_CARD,
  SPLIT_SIZES,
} from '@pixelis/data';
import { type ExperimentContext, useDataset, withExperiment } from '@pixelis/experiment';
import { createLogger, type Logger, setupLogging } from '@pixelis/tracing';
import {
  evaluateModel,
  type LevelScore,
  loadVisionLanguage,
  modelConfigOf,
  type PreparedBackend,
  prepareBackend,
} from '@pixelis/training';
import { levelResult, predictionsOf, resultsOf } from './benchmark-result';
import type { Command } from './command-line';
import { findDataset } from './dataset-under-test';
import { findModel, type ModelUnderTest } from './model-under-test';
import { evaluationReport } from './report';

type EvaluateCommand = Extract<Command, { kind: 'evaluate' }>;

/** What was found right before the run began. */
interface Preparation {
  readonly command: EvaluateCommand;
  readonly config: TrainingConfig;
  readonly model: ModelUnderTest;
  readonly dataset: DatasetCard;
  readonly levels: readonly Level[];
  readonly prepared: PreparedBackend;
  readonly logger: Logger;
}

/**
 * `evaluate`: checks everything, evaluates the model in a run of its own, and records the evaluation as an artifact. Nothing
 * is written before all is found right.
 */
export async function evaluateCommand(command: EvaluateCommand): Promise<void> {
  const artifacts = ArtifactManager.open({ root: command.out, rank: 0 });
  const dataset = await findDataset(artifacts, command.dataset);
  const model = await findModel(artifacts, command.model);
  const resolved = command.resolve(model.shape);
  const { config } = resolved;
  requireExamples(config);
  requireOneThread(config);
  loadMnist('test', directoryOf(config));
  const prepared = await prepareBackend({
    name: config.hardware.backend,
    seed: config.training.seed,
    isDeterministic: config.training.deterministic_mode,
  });
  requireShape(model.weights, config);
  setupLogging({ format: command.logFormat });
  const logger = createLogger('evaluate');
  const levels = levelsOf(command.benchmark);
  await withExperiment(
    {
      root: command.out,
      job: 'evaluate',
      ...(command.expName === undefined ? {} : { name: command.expName }),
      ...(command.runId === undefined ? {} : { runId: command.runId }),
      isNew: command.isNew || command.runId === undefined,
      seed: config.training.seed,
      config: evaluationConfig(command, config, model),
      rawConfig: { exp_name: command.expName ?? null, settings: resolved.raw },
      resolvedConfig: resolvedDocument(resolved),
      captureLevel: command.captureLevel,
      folder: __dirname,
      warn: (message) => logger.warn(message),
    },
    (run) => record(run, { command, config, model, dataset, levels, prepared, logger }),
  );
}

async function record(run: ExperimentContext, preparation: Preparation): Promise<void> {
  const { command, config, model, dataset, levels, prepared, logger } = preparation;
  if (run.isResumed) run.rewind(START_OFFSETS);
  const stored = await model.store();
  const { name, version } = stored;
  logger.info(`run ${run.runId}: ${name}:${version} on ${dataset.name}, ${levels.join(', ')}`);
  logger.info(`backend ${prepared.backend.description}`);
  await run.useArtifact(`${name}:${version}`, { role: 'model' });
  const data = await useDataset(run, dataset, { role: 'test_data', madeFrom: MNIST_CARD });
  const scores = await evaluateModel({
    weights: model.weights,
    model: config.model,
    levels,
    split: 'test',
    examples: config.training.test_examples,
    ...directoryOf(config),
    signal: run.signal,
    onLevel: (level) => logger.info(`measuring ${level}`),
  });
  run.signal.throwIfAborted();
  const results = scores.map(levelResult);
  const put = await recordEvaluation(run, preparation, {
    scores,
    model: stored,
    dataName: data.name,
  });
  run.setResults(resultsOf(results));
  run.setFacts({
    backend: {
      name: prepared.backend.name,
      version: prepared.backend.version,
      threads: prepared.backend.threads,
    },
    dataset: {
      name: dataset.name,
      version: dataset.version,
      split: 'test',
      hashes: { ...dataset.hashes },
    },
    encoder: { arch: 'vit', dim: config.model.dim, weights: `${name}:${version}` },
  });
  const manifest = await run.complete();
  const directory = relative('', run.directory) || '.';
  const evaluation = `${put.name}:${put.version}`;
  if (command.isJson) {
    const { run_id, status } = manifest;
    const body = { run_id, run_dir: directory, status, results: manifest.results, evaluation };
    process.stdout.write(`${JSON.stringify(body)}\n`);
    return;
  }
  const facts = [
    ['model', `${name}:${version}`],
    ['data set', `${data.name}:${data.version}`],
    ['evaluation', evaluation],
    ['folder', directory],
  ] as const;
  process.stdout.write(evaluationReport({ levels: results, facts }));
}

/** What was evaluated on what, and how it did. */
interface Scored {
  readonly scores: readonly LevelScore[];
  readonly model: ArtifactVersion;
  readonly dataName: string;
}

async function recordEvaluation(
  run: ExperimentContext,
  { command, config, levels }: Preparation,
  { scores, model, dataName }: Scored,
): Promise<PutArtifact> {
  const { name, version, digest } = model;
  const results = scores.map(levelResult);
  const lines = scores.flatMap(predictionsOf).map((prediction) => `${canonicalJson(prediction)}\n`);
  const document = {
    evaluation_version: 1,
    model: { name, version, digest },
    dataset: dataName,
    split: 'test',
    benchmark: command.benchmark,
    examples: config.training.test_examples,
    levels: results.map((result) => ({ ...result, kinds: toPlain(result.kinds) })),
  };
  const encoder = new TextEncoder();
  const evaluation = encoder.encode(`${JSON.stringify(document, null, 2)}\n`);
  const predictions = encoder.encode(lines.join(''));
  run.writeFile('evaluation.json', evaluation);
  run.writeFile('predictions.jsonl', predictions);
  return run.logArtifact(
    evaluationName(name, dataName),
    { 'evaluation.json': evaluation, 'predictions.jsonl': predictions },
    {
      type: 'evaluation',
      metadata: {
        model: `${name}:${version}`,
        benchmark: command.benchmark,
        levels,
        results: resultsOf(results),
      },
    },
  );
}

function toPlain(kinds: ReturnType<typeof levelResult>['kinds']) {
  return Object.fromEntries(Object.entries(kinds).map(([kind, score]) => [kind, { ...score }]));
}

/** What tells one evaluation from another: the resolved configuration and what is evaluated on what. */
function evaluationConfig(
  { benchmark, dataset }: EvaluateCommand,
  config: TrainingConfig,
  { name, weights }: ModelUnderTest,
) {
  const model = { name, weights_sha256: sha256(weights) };
  return { ...config, evaluation: { benchmark, dataset, model } };
}

function levelsOf(benchmark: string): readonly Level[] {
  const level = LEVELS.find((known) => `digits-${known}` === benchmark);
  return level === undefined ? LEVELS : [level];
}

function directoryOf({ data }: TrainingConfig): { directory?: string } {
  return data.directory === null ? {} : { directory: data.directory };
}

/** Loads the weights once for nothing: they fit the configuration, or the error says which tensor does not. */
function requireShape(weights: Uint8Array, config: TrainingConfig): void {
  for (const tensor of Object.values(loadVisionLanguage(weights, modelConfigOf(config))))
    tensor.dispose();
}

function requireOneThread({ hardware }: TrainingConfig): void {
  if (hardware.threads === null || hardware.threads === 1) return;
  throw new UsageError(`evaluate has one thread, but hardware.threads is ${hardware.threads}`, {
    code: 'THREADS_UNSUPPORTED',
    remedy: 'leave out --threads, or set hardware.threads to 1',
  });
}

function requireExamples({ training }: TrainingConfig): void {
  if (training.test_examples <= SPLIT_SIZES.test) return;
  throw new UsageError(
    `training.test_examples is ${training.test_examples}, but split "test" has ${SPLIT_SIZES.test} examples of a level`,
    {
      code: 'EXAMPLES_MISSING',
      remedy: `set training.test_examples to ${SPLIT_SIZES.test} or less`,
    },
  );
}
