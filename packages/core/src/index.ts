import * as math from './math';

export {
  removeStaleTemporaries,
  type RemoveStaleTemporariesOptions,
  renamePersistentlySync,
  writeFileAtomic,
  writeFileAtomicSync,
} from './atomic-file';
export { canonicalJson } from './canonical-json';
export {
  DataError,
  EXIT_CODES,
  EnvironmentError,
  IntegrityError,
  Interruption,
  type InterruptionOptions,
  PixelisError,
  type PixelisErrorOptions,
  RemoteError,
  UsageError,
} from './errors';
export {
  acquireFileLock,
  type AcquireFileLockOptions,
  FileLock,
  type FileLockInspection,
  inspectFileLock,
  type InspectFileLockOptions,
} from './file-lock';
export { digestParts, PART_DIGITS, type PartsDigest } from './digest-parts';
export { makeFolderSync } from './make-folder';
export { nearestName } from './nearest-name';
export type { ProcessIdentity } from './process-identity';
export type { FilePosition, JsonValue, Recorder, StepDigests } from './recorder';
export { redactArguments, redactJson } from './redact-json';
export { REDACTED, redactSecrets } from './redact-secrets';
export { runProgram, type RunProgramOptions } from './run-program';
export { isSecretName } from './secret-name';
export { shellWord } from './shell-word';
export { sha256, sha256File, sha256FileSync } from './sha256';
export { explainSystemError, isSystemError, type SystemErrorContext } from './system-error';
export { workerEntry } from './worker-entry';
export { math };
