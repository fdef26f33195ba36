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
  captureEnvironment,
  type CaptureEnvironmentOptions,
  type CapturedEnvironment,
  type CaptureLevel,
} from './environment';
export type { Difference } from './first-difference';
export {
  Generator,
  type GeneratorState,
  type NormalParameters,
  type UniformBounds,
} from './generator';
export type { GitState } from './git-state';
export { type GlobalSeed, type GlobalSeedOptions, setGlobalSeed } from './global-seed';
export { validateSeed } from './seed';
export { getSystemInfo, type SystemInfo, type SystemInfoOptions } from './system-info';
export type {
  ShuffledDataset,
  TensorKernel,
  TensorKernelCall,
  TensorModule,
} from './tensor-backend';
export {
  type DeterminismVerdict,
  verifyDeterminism,
  type VerifyDeterminismOptions,
} from './verify-determinism';
