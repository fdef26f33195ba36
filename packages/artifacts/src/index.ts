export {
  type EventChainExpectation,
  type EventChainProblem,
  type EventChainReport,
  readEvents,
  verifyEventChain,
} from './runs/event-chain';
export type { RunEvent } from './runs/event';
export { listRuns, type RunSummary } from './runs/list-runs';
export {
  FINAL_WEIGHTS_FILE,
  MANIFEST_FILE,
  type ManifestFacts,
  manifestJsonSchema,
  manifestSchema,
  type RunManifest,
} from './runs/manifest';
export { openRun, type OpenRunOptions } from './runs/open-run';
export { type MetricsLine, readMetrics } from './runs/read-metrics';
export {
  RESUME_EXEMPT_KEYS,
  resumeFingerprint,
  type ResumeFingerprintOptions,
} from './runs/resume-fingerprint';
export type { Run } from './runs/run';
export { generateRunId, type GenerateRunIdOptions, validateRunId } from './runs/run-id';
export { settleDeadRuns } from './runs/settle-dead-runs';
export { START_OFFSETS } from './runs/step-files';
export { uuidV7, type UuidV7Options } from './runs/uuid-v7';
export { type ManifestProblem, validateManifest } from './runs/validate-manifest';
