export {
  type EventChainExpectation,
  type EventChainProblem,
  type EventChainReport,
  readEvents,
  verifyEventChain,
} from './event-chain';
export type { RunEvent } from './event';
export { listRuns, type RunSummary } from './list-runs';
export {
  FINAL_WEIGHTS_FILE,
  MANIFEST_FILE,
  type ManifestFacts,
  manifestJsonSchema,
  manifestSchema,
  type RunManifest,
} from './manifest';
export { openRun, type OpenRunOptions } from './open-run';
export { type MetricsLine, readMetrics } from './read-metrics';
export {
  RESUME_EXEMPT_KEYS,
  resumeFingerprint,
  type ResumeFingerprintOptions,
} from './resume-fingerprint';
export type { Run } from './run';
export { generateRunId, type GenerateRunIdOptions, validateRunId } from './run-id';
export { settleDeadRuns } from './settle-dead-runs';
export { START_OFFSETS } from './step-files';
export { uuidV7, type UuidV7Options } from './uuid-v7';
export { type ManifestProblem, validateManifest } from './validate-manifest';
