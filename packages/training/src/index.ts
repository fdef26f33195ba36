export { type Backend, BACKEND_NAMES, type BackendName } from './backends/backend';
export { loadBackend } from './backends/load-backend';
export {
  prepareBackend,
  type PreparedBackend,
  type PrepareBackendOptions,
} from './backends/prepare-backend';
export {
  type Checkpoint,
  checkpointPath,
  encodeCheckpoint,
  FINAL_WEIGHTS_PATH,
  listCheckpoints,
  readNewestCheckpoint,
} from './checkpoints/checkpoint';
export {
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensor,
  type SafetensorsContent,
  type TensorTree,
} from './checkpoints/safetensors';
export {
  classificationObjective,
  classificationObjectiveModule,
  type ClassificationShard,
} from './classification/classification-objective';
export { evaluateModel, type EvaluateModelOptions } from './evaluation/evaluate-model';
export {
  type MetricLine,
  trainingCurve,
  type TrainingCurveOptions,
} from './figures/training-curve';
export {
  type ImageClassifierConfig,
  imageClassifierLogits,
  imageClassifierSpecs,
} from './models/image-classifier';
export { loadVisionLanguage } from './models/load-vision-language';
export {
  defaultVisionLanguageConfig,
  visionLanguageLogits,
  type VisionLanguageConfig,
  type VisionLanguageInput,
  type VisionLanguageOptions,
  visionLanguageSpecs,
} from './models/vision-language';
export {
  initialiseParameters,
  ParameterLayout,
  type ParameterSpec,
  type ParameterSpecs,
  type ParameterTree,
} from './parameters';
export { decodeGreedily, type GreedyDecodingOptions } from './sft/greedy-decoding';
export {
  LevelEvaluation,
  type LevelEvaluationOptions,
  type LevelScore,
} from './sft/level-evaluation';
export { reasoningObjective } from './sft/reasoning-objective';
export { modelConfigOf } from './sft/sft-run';
export { checkSft, type SftOutcome, trainSft, type TrainSftOptions } from './sft/train-sft';
export type { ObjectiveModule } from './threads/objective-module';
export type { Objective } from './trainer/objective';
export { createTrainer } from './trainer/create-trainer';
export type {
  StepResult,
  Trainer,
  TrainerOptions,
  TrainerSnapshot,
  TrainerStart,
} from './trainer/trainer';
export {
  runTrainingLoop,
  type StepReport,
  type TrainerCallback,
  type TrainingBatch,
  type TrainingLoopOptions,
} from './trainer/training-loop';
