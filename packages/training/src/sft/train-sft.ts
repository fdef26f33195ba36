import type { TrainingConfig } from '@pixelis/config';
import { nearestName, type Recorder, UsageError } from '@pixelis/core';
import {
  type DatasetCard,
  datasetNames,
  DIGITS_REASONING_CARD,
  LEVELS,
  loadMnist,
  type ReasoningBatch,
  SPLIT_SIZES,
} from '@pixelis/data';
import { visionLanguageSpecs } from '../models/vision-language';
import { type Checkpoint, FINAL_WEIGHTS_PATH } from '../checkpoints/checkpoint';
import { encodeSafetensors } from '../checkpoints/safetensors';
import type { World } from '@pixelis/distributed';
import { learningRateAt } from '../optimizers/learning-rate-schedule';
import type { CompileFallback } from '../trainer/trainer';
import {
  runTrainingLoop,
  type StepReport,
  type TrainerCallback,
  type TrainingBatch,
} from '../trainer/training-loop';
import { CurriculumCallback } from './curriculum-callback';
import { LevelEvaluation, type LevelScore } from './level-evaluation';
import { modelConfigOf, openSftRun, saveCheckpoint, type SftRun } from './sft-run';
import { planStages } from './stage-plan';

/** More examples at a time than this do not fit into the memory of WebAssembly. */
const SHARD_EXAMPLES_MAX = 512;

/** What {@link trainSft} trains with. */
export interface TrainSftOptions {
  readonly config: TrainingConfig;
  /** Where the run is recorded. With a checkpoint it is rewound to it. */
  readonly recorder: Recorder;
  /** Where to go on, of the same configuration; a fresh start where absent. */
  readonly checkpoint?: Checkpoint | undefined;
  /** The processes that share the batches, of which this one is rank 0; it alone where absent. */
  readonly world?: World | undefined;
  /** Told when steps that should be compiled run one operation after another instead. */
  readonly onFallback?: ((reason: CompileFallback) => void) | undefined;
  /** Ends training after the current step, with a checkpoint to go on from. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each step, once it is recorded and, where it is due, saved. */
  readonly callbacks?: readonly TrainerCallback[];
  /** Told before each level is measured on test. */
  readonly onTest?: (level: string) => void;
}

/** How training ended. */
export type SftOutcome =
  | { readonly status: 'interrupted'; readonly step: number }
  | {
      readonly status: 'completed';
      /** Final metrics by their standard keys; `accuracy/<level>` on test. */
      readonly results: Readonly<Record<string, number>>;
      /** What the model did on test. */
      readonly scores: readonly LevelScore[];
    };

/**
 * Supervised fine-tuning of the vision-language model on demonstrations of `digits-reasoning`, under the curriculum:
 * evaluates on val every `training.evaluate_every` steps, saves every `training.checkpoint_every`, measures on test once
 * at the end and writes the final weights. TensorFlow.js must be set to a backend (`loadBackend`).
 *
 * @throws {UsageError} If the configuration names what there is not, or training diverges.
 * @throws {DataError} If the data cannot be read, or the disk is full.
 */
export async function trainSft(options: TrainSftOptions): Promise<SftOutcome> {
  requireReasoningDataset(options.config);
  const run = openSftRun(options);
  try {
    return await train(run, options);
  } finally {
    try {
      await run.loader.close();
    } finally {
      await run.trainer.dispose();
    }
  }
}

async function train(run: SftRun, options: TrainSftOptions): Promise<SftOutcome> {
  const { config, recorder, signal, callbacks = [], onTest } = options;
  const { training } = config;
  let savedStep = run.trainer.step;
  const save = async (): Promise<void> => {
    if (savedStep === run.trainer.step) return;
    await saveCheckpoint(run, recorder);
    savedStep = run.trainer.step;
  };
  await run.chain.begin();
  const status = await runTrainingLoop({
    trainer: run.trainer,
    nextBatch: () => nextBatch(run),
    steps: training.steps,
    accumulationSteps: training.accumulation_steps,
    learningRateAt: (step) =>
      learningRateAt(step, {
        peak: training.learning_rate,
        warmupSteps: Math.min(training.warmup_steps, training.steps),
        totalSteps: training.steps,
        minimumRatio: training.minimum_learning_rate_ratio,
      }),
    callbacks: [
      curriculumCallback(run, options),
      run.epochs,
      { afterStep: (report) => record(report, recorder) },
      run.chain,
      { afterStep: ({ step }) => (step % training.checkpoint_every === 0 ? save() : undefined) },
      ...callbacks,
    ],
    signal,
  });
  await save();
  if (status === 'interrupted') return { status, step: run.trainer.step };
  run.epochs.finish();
  recorder.writeFile(
    FINAL_WEIGHTS_PATH,
    encodeSafetensors((await run.trainer.snapshot()).parameters),
  );

  const scores: LevelScore[] = [];
  const evaluation = evaluationOf(run, config, 'test');
  for (const level of LEVELS) {
    if (signal?.aborted === true) return { status: 'interrupted', step: run.trainer.step };
    onTest?.(level);
    scores.push(await evaluation.score(level, run.trainer.parameters));
  }
  const results = Object.fromEntries(
    scores.map(({ level, accuracy }) => [`accuracy/${level}`, accuracy]),
  );
  recorder.event('tested', results);
  return { status, results, scores };
}

function curriculumCallback(
  run: SftRun,
  { config, recorder }: TrainSftOptions,
): CurriculumCallback {
  return new CurriculumCallback({
    every: config.training.evaluate_every,
    evaluation: evaluationOf(run, config, 'val'),
    trainer: run.trainer,
    objective: run.objective,
    curriculum: run.curriculum,
    recorder,
    plan: run.plan,
    onStage: (stage) => run.loader.reconfigure({ levels: run.plan.mixtureOf(stage) }),
  });
}

function evaluationOf(
  { modelConfig }: SftRun,
  { training, data }: TrainingConfig,
  split: 'val' | 'test',
): LevelEvaluation {
  return new LevelEvaluation({
    split,
    examples: split === 'val' ? training.evaluation_examples : training.test_examples,
    config: modelConfig,
    directory: data.directory ?? undefined,
  });
}

function record({ step, metrics, durationMs }: StepReport, recorder: Recorder): void {
  recorder.metrics(step, metrics);
  recorder.timings(step, { step_ms: durationMs });
}

async function nextBatch({ loader, chain }: SftRun): Promise<TrainingBatch<ReasoningBatch>> {
  const { epoch, shards } = await loader.next();
  chain.addBatch(shards);
  return { epoch, shards, images: shards.reduce((sum, { imageCount }) => sum + imageCount, 0) };
}

/**
 * Checks all that {@link trainSft} needs before anything is written: the names in the configuration, the model's shape
 * and the data's files.
 *
 * @returns What a manifest says of the data.
 * @throws {UsageError} If the configuration names what there is not.
 * @throws {DataError} If a data file is missing or damaged.
 */
export function checkSft(config: TrainingConfig): DatasetCard {
  requireReasoningDataset(config);
  requireEnoughExamples(config);
  requireRoomForShards(config);
  planStages(config);
  visionLanguageSpecs(modelConfigOf(config));
  const { directory } = config.data;
  loadMnist('train', directory === null ? {} : { directory });
  loadMnist('test', directory === null ? {} : { directory });
  return DIGITS_REASONING_CARD;
}

function requireReasoningDataset({ data }: TrainingConfig): void {
  if (data.dataset === DIGITS_REASONING_CARD.name) return;
  const nearest = nearestName(data.dataset, datasetNames());
  throw new UsageError(
    `Data set "${data.dataset}" cannot be fine-tuned on: ${datasetNames().includes(data.dataset) ? 'it has no demonstrations' : 'there is none of that name'}`,
    {
      code: 'DATASET_UNSUITABLE',
      remedy: `${nearest === DIGITS_REASONING_CARD.name ? 'did you mean' : 'use'} data.dataset=${DIGITS_REASONING_CARD.name}`,
    },
  );
}

function requireRoomForShards({ training, data }: TrainingConfig): void {
  const examples = Math.ceil(data.batch_size / training.shards);
  if (examples <= SHARD_EXAMPLES_MAX) return;
  throw new UsageError(
    `A batch of ${data.batch_size} in ${training.shards} shards has ${examples} examples a shard, more than ${SHARD_EXAMPLES_MAX}`,
    {
      code: 'SHARD_TOO_LARGE',
      remedy: `set training.shards to ${Math.ceil(data.batch_size / SHARD_EXAMPLES_MAX)} or more, or data.batch_size lower`,
    },
  );
}

function requireEnoughExamples({ training, data }: TrainingConfig): void {
  const demands = [
    ['data.batch_size', data.batch_size, 'train'],
    ['training.evaluation_examples', training.evaluation_examples, 'val'],
    ['training.test_examples', training.test_examples, 'test'],
  ] as const;
  for (const [key, count, split] of demands) {
    const available = SPLIT_SIZES[split];
    if (count <= available) continue;
    throw new UsageError(
      `${key} is ${count}, but split "${split}" has ${available} examples of a level`,
      { code: 'EXAMPLES_MISSING', remedy: `set ${key} to ${available} or less` },
    );
  }
}
