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
export type { ProbeFacts, ProbeProblem } from './backends/probe-answer';
export {
  type BackendProbe,
  probeBackend,
  type ProbeBackendOptions,
} from './backends/probe-backend';
export {
  type InstallationProbe,
  type NativeCacheProbe,
  probeNativeCache,
} from './backends/probe-installations';
export {
  type MachineProbe,
  probeMachine,
  type ProbeMachineOptions,
} from './backends/probe-machine';
export { probeTools, type ProbeToolsOptions, type ToolProbe } from './backends/probe-tools';
export { probeWebgpu, type WebgpuAdapterFacts, type WebgpuProbe } from './backends/webgpu-backend';
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
  patchRows,
} from './models/image-classifier';
export {
  type HostTensor,
  type HostTensors,
  inputNamed,
  type Tensors,
  toBackend,
} from './host-tensors';
export { loadVisionLanguage } from './models/load-vision-language';
export {
  defaultVisionLanguageConfig,
  visionLanguageInputs,
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
export { createTrainerInWorld, type TrainerInWorldOptions } from './ranks/create-trainer-in-world';
export { RankedTrainer, type RankedTrainerOptions } from './ranks/ranked-trainer';
export { type RankedProgram, runInWorld, runRanks } from './ranks/run-in-world';
export { serveRank } from './ranks/serve-rank';
export { type RanksWishes, requireRanks } from './ranks/require-ranks';
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
export { CompiledTrainer, type CompiledTrainerOptions } from './trainer/compiled-trainer';
export type { Precision } from './trainer/precision';
export { requireCompilable } from './trainer/require-compilable';
export type {
  CompileFallback,
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
