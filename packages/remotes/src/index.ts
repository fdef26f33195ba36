export type { HttpClientOptions } from './http/http-client';
export type { MlflowCredentials } from './mlflow/mlflow-api';
export { MlflowRemote, type MlflowRemoteOptions } from './mlflow/mlflow-remote';
export { FolderStore } from './objects/folder-store';
export { GcsStore, type GcsStoreOptions } from './objects/gcs-store';
export type {
  ObjectBody,
  ObjectInfo,
  ObjectSource,
  ObjectStore,
  PutObjectOptions,
} from './objects/object-store';
export { type S3Credentials, S3Store, type S3StoreOptions } from './objects/s3-store';
export { parseRemote, type ParseRemoteOptions, parseStore } from './sync/parse-remote';
export { pullStore, type PullStoreOptions } from './sync/pull-store';
export { pushStore, type PushStoreOptions, type TransferReport } from './sync/push-store';
export type { RunRemote, RunSyncOutcome } from './sync/run-remote';
export type { RunFile, RunSeries, RunSnapshot } from './sync/run-snapshot';
export type { SyncProblem } from './sync/settle-each';
export { SyncError, type SyncReport } from './sync/sync-report';
export { type Remote, syncRuns, type SyncRunsOptions } from './sync/sync-runs';
export type { SyncState } from './sync/sync-state';
export type { TransferCount } from './sync/transfer-end';
export type { RecordLogProblem } from './wandb/record-log';
export { WandbRemote, type WandbRemoteOptions } from './wandb/wandb-remote';
export type { UnknownWandbRecord, WandbItems, WandbRecord } from './wandb/wandb-record';
export {
  readTransactionLog,
  recoverTransactionLog,
  type TransactionLog,
  writeTransactionLog,
} from './wandb/transaction-log';
