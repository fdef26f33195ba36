export type { ByteSource } from './chain/byte-source';
export {
  CHAIN_PARTS,
  type ChainDifference,
  type ChainPart,
  firstDifference,
} from './chain/first-difference';
export { type Classification, classify, type DifferenceClass } from './compare/classify';
export { compareRuns, type CompareRunsOptions, type RunComparison } from './compare/compare-runs';
export {
  compareTensorFiles,
  type LargestDifference,
  type TensorComparison,
  type TensorDifference,
} from './compare/compare-tensors';
export { describeTensor } from './compare/compare-weights';
export type {
  NumericDifference,
  RunFolders,
  TensorValues,
} from './compare/first-difference-of-runs';
export { float32Distance } from './compare/float32-distance';
export type { Stage, StageName } from './compare/stage';
export type { ValueDifference } from './compare/value-difference';
export { TOLERANCES } from './compare/tolerances';
export { requireComparable } from './record/require-intact';
export type { CheckDataOptions } from './repeat/check-data';
export type { CheckoutSource } from './repeat/checkout';
export type { ComparisonBasis } from './repeat/comparison-basis';
export type { Verification } from './repeat/findings';
export { VERIFIABLE_JOB, verifyRun, type VerifyRunOptions } from './repeat/verify-run';
export { type Replay, replayDifference, type ReplayOptions } from './repeat/replay-difference';
