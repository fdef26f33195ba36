export { ArtifactManager } from './catalog/artifact-manager';
export {
  checkArtifactName,
  checkpointName,
  type ConventionalType,
  datasetName,
  evaluationName,
  experienceBufferName,
  impliedType,
  metricsName,
  modelName,
  NAME_CONVENTIONS,
} from './catalog/artifact-name';
export type {
  ListArtifactsFilter,
  OpenArtifactsOptions,
  PutArtifact,
  PutArtifactOptions,
  RunStatusFact,
  UseArtifactOptions,
} from './catalog/artifact-options';
export type { ArtifactContent, ArtifactSource } from './catalog/artifact-source';
export { parseTree } from './catalog/artifact-tree';
export type { ArtifactCollection, RetentionPolicy } from './catalog/collect-artifacts';
export type { LogProblem } from './catalog/fact-reader';
export { parseEntry } from './catalog/histories';
export type {
  AliasMove,
  ArtifactFile,
  ArtifactReference,
  ArtifactVersion,
  HistoryEntry,
  RunReference,
  StoredEntry,
} from './catalog/history-entry';
export { LineageTracker } from './catalog/lineage-tracker';
export type { ArtifactFact, RecordedStatus, RunFacts } from './catalog/run-facts';
export { showVersion, type VersionBump } from './catalog/semantic-version';
export type { UsedArtifact } from './catalog/used-artifact';
export type { CatalogVerification, HistoryProblem, HurtArtifact } from './catalog/verify-artifacts';
export { CHAIN_FILE, type ChainLine, FIRST_CHAIN, parseChainLine } from './chain/chain-line';
export {
  chainHeadAt,
  type ChainProblem,
  type ChainReport,
  readChain,
  verifyChain,
} from './chain/read-chain';
export {
  type AuditLimit,
  auditRun,
  type AuditRunOptions,
  auditRuns,
  type RunAudit,
} from './runs/audit-run';
export {
  type ComparedSection,
  type ComparedValue,
  compareRuns,
  type CompareRunsOptions,
  type RunComparison,
} from './runs/compare-runs';
export {
  type EventChainExpectation,
  type EventChainProblem,
  type EventChainReport,
  readEvents,
  verifyEventChain,
} from './runs/event-chain';
export type { RunEvent } from './runs/event';
export { listRuns } from './runs/list-runs';
export { digestFiles, digestHeadline, EVENTS_FILE } from './runs/make-manifest';
export {
  DIFF_FILE,
  FINAL_WEIGHTS_FILE,
  MANIFEST_FILE,
  type ManifestFacts,
  manifestJsonSchema,
  manifestSchema,
  type RunManifest,
  SIGNATURE_FILE,
} from './runs/manifest';
export {
  isLaterVersionError,
  type ManifestMigration,
  migrateManifest,
  type MigrateManifestOptions,
} from './runs/migrate-manifest';
export { manifestExpectation, type ManifestFaults, manifestProblems } from './runs/manifest-words';
export { type ManifestProblem, parseManifest, readManifest } from './runs/read-manifest';
export type { JsonObject } from './runs/json-object';
export type { LastMetric } from './runs/last-metrics';
export { openRun, type OpenRunOptions } from './runs/open-run';
export { type MetricsLine, readMetrics } from './runs/read-metrics';
export {
  RESUME_EXEMPT_KEYS,
  resumeFingerprint,
  type ResumeFingerprintOptions,
} from './runs/resume-fingerprint';
export { resolveRunId } from './runs/resolve-run-id';
export type { Run } from './runs/run';
export type { RunError } from './runs/run-error';
export type { RunFilter } from './runs/run-filter';
export type { RunHistory } from './runs/run-history';
export { generateRunId, type GenerateRunIdOptions, validateRunId } from './runs/run-id';
export { readRunOutcome, type RunOutcome } from './runs/run-outcome';
export type { RunStatus, RunSummary } from './runs/run-summary';
export { settleDeadRuns } from './runs/settle-dead-runs';
export { type RunDetails, type RunFile, showRun } from './runs/show-run';
export { START_OFFSETS } from './runs/step-files';
export type { RunTags } from './runs/tags';
export { uuidV7, type UuidV7Options } from './runs/uuid-v7';
export { validateFiles, validateManifest } from './runs/validate-manifest';
