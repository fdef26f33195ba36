export { BUFFER_INDEX_FILE } from './buffer/buffer-index';
export {
  type BufferContents,
  type BufferSnapshot,
  TTRLContext,
  type TTRLContextOptions,
} from './buffer/ttrl-context';
export { currentExperiment } from './context/current-experiment';
export type {
  ExperimentContext,
  LogArtifactOptions,
  UseOptions,
} from './context/experiment-context';
export type { ExperimentFacts, ExperimentOptions } from './context/experiment-options';
export { openExperiment } from './context/open-experiment';
export {
  DATASET_CARD_FILE,
  type DatasetDescription,
  useDataset,
  type UseDatasetOptions,
} from './context/use-dataset';
export { withExperiment } from './context/with-experiment';
export {
  checkEnvironment,
  type CheckEnvironmentOptions,
  type EnvironmentPolicyRequest,
} from './environment/check-environment';
export { differenceTable } from './environment/difference-table';
export {
  applyEnvironmentPolicy,
  type ApplyEnvironmentPolicyOptions,
  type EnvironmentPolicy,
  type EnvironmentPolicyRecord,
  type ExpectedDifference,
} from './environment/environment-policy';
export type { ExpectedEnvironment } from './environment/expected-differences';
export { readRunEnvironment } from './environment/run-environment';
export {
  HardwareMonitor,
  type HardwareMonitorOptions,
  type HardwareSummary,
} from './hardware/hardware-monitor';
export { checkpoint, type CheckpointOptions } from './wrappers/checkpoint';
export type { AsyncFunction, AsyncFunctionOf, MethodContext } from './wrappers/method-wrapper';
export { reproducible, type ReproducibleOptions } from './wrappers/reproducible';
export {
  type OutputArtifact,
  type OutputSource,
  trackArtifacts,
  type TrackArtifactsOptions,
  trackedInput,
  type TrackedFunction,
} from './wrappers/track-artifacts';
