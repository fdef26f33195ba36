export {
  type DataLoaderOptions,
  getReproducibleDataLoaderOptions,
  seedWorker,
} from './data-loader';
export {
  type BackendName,
  type DeterminismGuarantee,
  type DeterministicModeOptions,
  type DeterministicModeReport,
  enableDeterministicMode,
} from './deterministic-mode';
export {
  type ComparableBackend,
  comparableEnvironment,
  type ComparableEnvironment,
  type RecordedEnvironment,
  type RecordedFacts,
} from './comparable-environment';
export {
  compareEnvironments,
  type EnvironmentDifference,
  lockFileDifferences,
} from './compare-environments';
export type { ContainerInfo, ContainerKind } from './container-info';
export {
  captureEnvironment,
  type CaptureEnvironmentOptions,
  type CapturedEnvironment,
  type CaptureLevel,
  type CompleteFacts,
  type StandardFacts,
} from './environment';
export type { JobInfo } from './environment-job';
export {
  captureEnvironmentLock,
  type CaptureEnvironmentLockOptions,
  type EnvironmentLock,
  readEnvironmentLock,
  writeEnvironmentLock,
} from './environment-lock';
export { readResourceLimits, type ResourceLimits } from './environment-limits';
export type { ProcessInfo } from './environment-process';
export type { EnvironmentWarning } from './environment-warnings';
export {
  environmentLockFile,
  findEnvironmentLock,
  type FoundEnvironmentLock,
} from './find-environment-lock';
export type { Difference } from './first-difference';
export {
  Generator,
  type GeneratorState,
  type NormalParameters,
  type UniformBounds,
} from './generator';
export type { GitChanges, LeftOutFile, Submodule } from './git-changes';
export type { GitState } from './git-state';
export { type GlobalSeed, type GlobalSeedOptions, setGlobalSeed } from './global-seed';
export { type Gpu, type GpuInfo, readGpuInfo, type ReadGpuInfoOptions } from './gpu-info';
export type { PackageDifference, PackageVersions } from './installed-packages';
export type { LockFile } from './lock-file';
export { validateSeed } from './seed';
export { getSystemInfo, type SystemInfo, type SystemInfoOptions } from './system-info';
export type {
  ShuffledDataset,
  TensorKernel,
  TensorKernelCall,
  TensorModule,
} from './tensor-backend';
export {
  type EnvironmentMiss,
  type EnvironmentRequirements,
  requireEnvironment,
  validateEnvironment,
  type ValidateEnvironmentOptions,
} from './validate-environment';
export {
  type DeterminismVerdict,
  verifyDeterminism,
  type VerifyDeterminismOptions,
} from './verify-determinism';
