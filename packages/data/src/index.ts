export { canvasChance, type CanvasChanceOptions } from './canvas-chance';
export {
  DataLoader,
  type DataLoaderOptions,
  type LoadedBatch,
  type LoaderState,
} from './data-loader';
export {
  type BatchRequest,
  cutIntoShards,
  type Dataset,
  type DatasetCard,
  type DatasetOptions,
  type DatasetReference,
} from './dataset';
export {
  createDataset,
  type DatasetFactory,
  datasetNames,
  registerDataset,
} from './dataset-registry';
export { type DigitPlacement, renderDigit } from './digit-rendering';
export {
  DIGITS_REASONING_CARD,
  digitsReasoning,
  type DigitsReasoningOptions,
  type LevelWeights,
} from './digits-reasoning-dataset';
export { renderExample, type Trajectory } from './example-text';
export { type IdxArray, parseIdx } from './idx-file';
export {
  IMAGE_PIXELS,
  IMAGE_SIZE,
  loadMnist,
  type LoadMnistOptions,
  MNIST_HASHES,
  mnistImage,
  type MnistSplit,
  type Split,
  SPLIT_SIZES,
} from './mnist';
export { mnist, MNIST_CARD, type MnistBatch, type MnistOptions } from './mnist-dataset';
export { PIXEL_TRANSFORM } from './pixel-transform';
export {
  type DataRecord,
  markDuplicates,
  type QualitySummary,
  type ScoredRecord,
  scoreTrajectories,
  summariseQuality,
} from './quality/filter-by-quality';
export { type GreyImage, type ImageComponent, scoreImage } from './quality/image-quality';
export { combineQuality, type QualityScore } from './quality/quality-score';
export { readTrajectory, type TrajectoryRecord, type TrajectoryStep } from './quality/trajectory';
export {
  scoreTrajectory,
  type StepCounts,
  stepCountsOf,
  type TrajectoryComponent,
} from './quality/trajectory-quality';
export {
  collate,
  type CollateOptions,
  DEFAULT_PATCH_SIZE,
  maximumSequenceLength,
  NONE,
  patchCountOf,
  type ReasoningBatch,
} from './reasoning-batch';
export {
  type EpisodeStatus,
  ReasoningEpisode,
  type ReasoningEpisodeOptions,
  type ReasoningTask,
} from './reasoning-episode';
export {
  createExample,
  DIGIT_COUNTS,
  EVALUATION_SEED,
  type ExampleKey,
  KIND_WEIGHTS,
  type QuestionKind,
  type ReasoningExample,
  type Step,
} from './reasoning-example';
export { ReasoningSequence, type SequenceEntry } from './reasoning-sequence';
export {
  drawScene,
  type EngravingLevels,
  engraveScene,
  GRID_SIZES,
  type Level,
  LEVELS,
  type PlacedDigit,
  poolCanvas,
  type Scene,
} from './scene';
export { properties, zoom } from './scene-operations';
export {
  cellOfToken,
  cellToken,
  isActionToken,
  isAnswerToken,
  numberOfToken,
  numberToken,
  tokenName,
  TOKENS,
  VOCABULARY_SIZE,
} from './vocabulary';
