import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  ArtifactManager,
  type ArtifactVersion,
  evaluationName,
  type PutArtifact,
  START_OFFSETS,
} from '@pixelis/artifacts';
import {
  type EvaluationConfig,
  printConfig,
  type ResolvedConfig,
  resolvedDocument,
  warningLines,
} from '@pixelis/config';
import { canonicalJson, DataError, sha256, UsageError } from '@pixelis/core';
import {
  type DatasetCard,
  type Level,
  LEVELS,
  loadMnist,
  MNIST_CARD,
  SPLIT_SIZES,
} from '@pixelis/data';
import {
  type ExperimentContext,
  type ExpectedEnvironment,
  readRunEnvironment,
  useDataset,
  withExperiment,
} from '@pixelis/experiment';
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
  readonly config: EvaluationConfig;
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
  requireFolder(command.out);
  const artifacts = ArtifactManager.open({ root: command.out, rank: 0 });
  const asked = command.resolve().config.evaluation;
  const dataset = await findDataset(artifacts, asked.dataset);
  const model = await findModel(artifacts, asked.model);
  const resolved = withVersion(command.resolve(model.shape), model);
  const { config } = resolved;
  const warnings = [...command.warnings, ...resolved.warnings];
  if (command.isPrintConfig) {
    process.stderr.write(warningLines(warnings));
    process.stdout.write(printConfig(resolved, command));
    return;
  }
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
  for (const warning of warnings) logger.warn(warning);
  const levels = levelsOf(config.evaluation.benchmark);
  const facts = { backend: backendFacts(prepared) };
  await withExperiment(
    {
      root: command.out,
      job: 'evaluate',
      ...(command.expName === undefined ? {} : { name: command.expName }),
      ...(command.runId === undefined ? {} : { runId: command.runId }),
      isNew: command.isNew || command.runId === undefined,
      seed: config.training.seed,
      config: identityOf(config, model),
      rawConfig: { exp_name: command.expName ?? null, settings: resolved.raw },
      resolvedConfig: resolvedDocument(resolved),
      captureLevel: command.captureLevel,
      environmentPolicy: {
        policy: command.envPolicy,
        isForced: command.isForced,
        expected: environmentOf(command.out, model),
      },
      facts,
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
  { config, levels }: Preparation,
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
    benchmark: config.evaluation.benchmark,
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
        benchmark: config.evaluation.benchmark,
        levels,
        results: resultsOf(results),
      },
    },
  );
}

function toPlain(kinds: ReturnType<typeof levelResult>['kinds']) {
  return Object.fromEntries(Object.entries(kinds).map(([kind, score]) => [kind, { ...score }]));
}

/** Names the very version that was found, so that the resolved configuration alone means the same model later. */
function withVersion(
  resolved: ResolvedConfig<EvaluationConfig>,
  { version }: ModelUnderTest,
): ResolvedConfig<EvaluationConfig> {
  if (version === undefined) return resolved;
  const { config, origins } = resolved;
  const source = config.evaluation.model === null ? 'the newest model' : config.evaluation.model;
  const layer = origins['evaluation.model']?.layer ?? 'default';
  return {
    ...resolved,
    config: { ...config, evaluation: { ...config.evaluation, model: version } },
    origins: { ...origins, 'evaluation.model': { layer, source } },
  };
}

/** What tells one evaluation from another: the resolved configuration and the weights that are evaluated. */
function identityOf(config: EvaluationConfig, { weights }: ModelUnderTest) {
  return { ...config, evaluation: { ...config.evaluation, weights_sha256: sha256(weights) } };
}

/** The environment that the model was trained in, where its run is in the same output folder. */
function environmentOf(root: string, { runId }: ModelUnderTest): ExpectedEnvironment[] {
  if (runId === undefined) return [];
  const environment = readRunEnvironment(join(root, 'runs', runId));
  return environment === null ? [] : [{ source: `run ${runId}`, environment }];
}

function backendFacts({ backend: { name, version, threads } }: PreparedBackend) {
  return { name, version, threads };
}

function levelsOf(benchmark: string): readonly Level[] {
  const level = LEVELS.find((known) => `digits-${known}` === benchmark);
  return level === undefined ? LEVELS : [level];
}

function directoryOf({ data }: EvaluationConfig): { directory?: string } {
  return data.directory === null ? {} : { directory: data.directory };
}

/** A file in the place of the output folder would look like one without models. */
function requireFolder(out: string): void {
  if (statSync(out, { throwIfNoEntry: false })?.isDirectory() !== false) return;
  throw new DataError(`cannot use ${out} as output folder: it is no folder`, {
    code: 'PATH_UNWRITABLE',
    remedy: 'move it away or choose another folder with --out',
  });
}

/** Loads the weights once for nothing: they fit the configuration, or the error says which tensor does not. */
function requireShape(weights: Uint8Array, config: EvaluationConfig): void {
  for (const tensor of Object.values(loadVisionLanguage(weights, modelConfigOf(config))))
    tensor.dispose();
}

function requireOneThread({ hardware }: EvaluationConfig): void {
  if (hardware.threads === null || hardware.threads === 1) return;
  throw new UsageError(`evaluate has one thread, but hardware.threads is ${hardware.threads}`, {
    code: 'THREADS_UNSUPPORTED',
    remedy: 'leave out --threads, or set hardware.threads to 1',
  });
}

function requireExamples({ training }: EvaluationConfig): void {
  if (training.test_examples <= SPLIT_SIZES.test) return;
  throw new UsageError(
    `training.test_examples is ${training.test_examples}, but split "test" has ${SPLIT_SIZES.test} examples of a level`,
    {
      code: 'EXAMPLES_MISSING',
      remedy: `set training.test_examples to ${SPLIT_SIZES.test} or less`,
    },
  );
}
