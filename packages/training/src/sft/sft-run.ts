import type { TrainingConfig } from '@pixelis/config';
import { type Recorder, workerEntry } from '@pixelis/core';
import { CurriculumManager } from '@pixelis/curriculum';
import type { World } from '@pixelis/distributed';
import {
  DataLoader,
  digitsReasoning,
  type LevelWeights,
  maximumSequenceLength,
  type ReasoningBatch,
  VOCABULARY_SIZE,
} from '@pixelis/data';
import { Generator, getReproducibleDataLoaderOptions } from '@pixelis/reproducibility';
import * as tf from '@tensorflow/tfjs';
import { TrainingChain } from '../chain/training-chain';
import { type Checkpoint, checkpointPath, encodeCheckpoint } from '../checkpoints/checkpoint';
import {
  defaultVisionLanguageConfig,
  type VisionLanguageConfig,
  visionLanguageSpecs,
} from '../models/vision-language';
import { initialiseParameters } from '../parameters';
import type { Objective } from '../trainer/objective';
import { threadCount } from '../threads/thread-count';
import { createTrainerInWorld, type TrainerInWorldOptions } from '../ranks/create-trainer-in-world';
import type { CompileFallback, Trainer } from '../trainer/trainer';
import { EpochSummary } from './epoch-summary';
import { reasoningObjective } from './reasoning-objective';
import { brokenCheckpoint, restoreSftState } from './sft-state';
import { planStages, type StagePlan } from './stage-plan';

/** The moving parts of a supervised fine-tuning run, begun or taken from a checkpoint. */
export interface SftRun {
  readonly modelConfig: VisionLanguageConfig;
  readonly objective: Objective<ReasoningBatch>;
  readonly plan: StagePlan;
  readonly trainer: Trainer<ReasoningBatch>;
  readonly loader: DataLoader<ReasoningBatch>;
  readonly curriculum: CurriculumManager;
  readonly epochs: EpochSummary;
  readonly chain: TrainingChain;
}

/** What {@link openSftRun} starts from. */
export interface OpenSftRunOptions {
  readonly config: TrainingConfig;
  readonly recorder: Recorder;
  /** Where to go on; a fresh start where absent. */
  readonly checkpoint?: Checkpoint | undefined;
  /** The processes that share the batches; this one alone where absent. */
  readonly world?: World | undefined;
  /** Told when steps that should be compiled run one operation after another instead. */
  readonly onFallback?: ((reason: CompileFallback) => void) | undefined;
}

/** The shape of the model that a configuration asks for. */
export function modelConfigOf({ model }: Pick<TrainingConfig, 'model'>): VisionLanguageConfig {
  return {
    ...defaultVisionLanguageConfig,
    dim: model.dim,
    heads: model.heads,
    encoderLayers: model.encoder_layers,
    decoderLayers: model.decoder_layers,
    mlpRatio: model.mlp_ratio,
    patchSize: model.patch_size,
    vocabularySize: VOCABULARY_SIZE,
    maximumLength: maximumSequenceLength(model.patch_size),
  };
}

/**
 * Makes the parts of a run. Initial weights depend on the seed and the parameter's name, the order of the data on the
 * seed and the epoch; with a checkpoint all parts, the recorder too, stand where they stood when it was written.
 *
 * @throws {UsageError} If the curriculum or the data set's options are wrong.
 * @throws {IntegrityError} If the checkpoint is not of this configuration or broken.
 */
export function openSftRun(options: OpenSftRunOptions): SftRun {
  const { config, recorder, checkpoint } = options;
  const plan = planStages(config);
  const modelConfig = modelConfigOf(config);
  const objective = reasoningObjective(modelConfig);
  const trainerOptions = trainerOptionsOf(config, { ...options, modelConfig, objective });
  const state = checkpoint && restoreSftState(checkpoint.state);
  const curriculum =
    state === undefined
      ? new CurriculumManager(plan.options)
      : CurriculumManager.fromState(plan.options, state.curriculum);
  if (state !== undefined) recorder.rewind(state.files);
  const trainer =
    checkpoint === undefined
      ? freshTrainer(config, trainerOptions)
      : resumedTrainer(checkpoint, trainerOptions);
  const loader = openLoader(config, plan.mixtureOf(curriculum.currentStage));
  if (state !== undefined) loader.seek(state.loader);
  const epochs = new EpochSummary(recorder, state?.epoch);
  const chain = new TrainingChain({
    trainer,
    recorder,
    every: config.training.hash_every,
    steps: config.training.steps,
    state: state?.chain,
  });
  return { modelConfig, objective, plan, trainer, loader, curriculum, epochs, chain };
}

/** Writes a checkpoint that {@link openSftRun} goes on from. */
export async function saveCheckpoint(
  { trainer, loader, curriculum, epochs, chain }: SftRun,
  recorder: Recorder,
): Promise<void> {
  const snapshot = await trainer.snapshot();
  const state = {
    loader: { ...loader.state() },
    curriculum: { ...curriculum.state() },
    epoch: epochs.state(),
    chain: { ...chain.state() },
    files: Object.fromEntries(
      Object.entries(recorder.offsets()).map(([name, position]) => [name, { ...position }]),
    ),
  };
  recorder.writeFile(checkpointPath(snapshot.step), encodeCheckpoint({ ...snapshot, state }));
}

function trainerOptionsOf(
  { training, hardware }: TrainingConfig,
  {
    modelConfig,
    objective,
    world,
    onFallback,
  }: Pick<OpenSftRunOptions, 'world' | 'onFallback'> & {
    modelConfig: VisionLanguageConfig;
    objective: Objective<ReasoningBatch>;
  },
): TrainerInWorldOptions<ReasoningBatch> {
  return {
    specs: visionLanguageSpecs(modelConfig),
    objective,
    world,
    threads:
      (world?.size ?? 1) > 1
        ? (hardware.threads ?? 1)
        : threadCount(tf.getBackend(), { ...hardware, shards: training.shards }),
    objectiveModule: {
      path: workerEntry(__filename, 'reasoning-objective'),
      factory: reasoningObjective.name,
      options: modelConfig,
    },
    isCompiled: training.compile,
    precision: training.precision,
    onFallback,
    gradientClipNorm: training.gradient_clip_norm,
    optimizer: {
      beta1: training.beta1,
      beta2: training.beta2,
      epsilon: training.epsilon,
      weightDecay: training.weight_decay,
    },
  };
}

function freshTrainer(
  { training }: TrainingConfig,
  options: TrainerInWorldOptions<ReasoningBatch>,
): Trainer<ReasoningBatch> {
  const parameters = initialiseParameters(
    options.specs,
    Generator.fromSeed(training.seed).fork('model'),
  );
  const trainer = createTrainerInWorld({ parameters }, options);
  tf.dispose(parameters);
  return trainer;
}

function resumedTrainer(
  checkpoint: Checkpoint,
  options: TrainerInWorldOptions<ReasoningBatch>,
): Trainer<ReasoningBatch> {
  for (const tree of [checkpoint.parameters, checkpoint.firstMoments, checkpoint.secondMoments]) {
    for (const [name, { shape }] of Object.entries(options.specs)) {
      const found = Object.hasOwn(tree, name) ? tree[name]?.shape : undefined;
      if (found?.join() !== shape.join())
        throw brokenCheckpoint(`it does not fit tensor "${name}"`);
    }
  }
  return createTrainerInWorld({ snapshot: checkpoint }, options);
}

function openLoader(
  { training, data, model }: TrainingConfig,
  levels: LevelWeights,
): DataLoader<ReasoningBatch> {
  const dataset = digitsReasoning({
    seed: training.seed,
    levels,
    patchSize: model.patch_size,
    actionTokenWeight: training.action_token_weight,
    ...(data.directory === null ? {} : { directory: data.directory }),
  });
  return new DataLoader(dataset, {
    ...getReproducibleDataLoaderOptions(training.seed),
    batchSize: data.batch_size,
    shards: training.shards,
    numWorkers: data.num_workers,
  });
}
