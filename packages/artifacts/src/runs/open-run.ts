import { lstatSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  type FileLock,
  type JsonValue,
  removeStaleTemporaries,
  renamePersistentlySync,
  UsageError,
  writeFileAtomicSync,
} from '@pixelis/core';
import { flushFolder, ifPresent, listBelow, makeFolder, onDisk } from './disk';
import { FIRST_PREVIOUS } from './event';
import { eventLine } from './event-log';
import { finishCompletedRuns } from './finish-completed-runs';
import { listRuns, runsDirectory, summariseRun } from './list-runs';
import { resumeFingerprint } from './resume-fingerprint';
import { Run } from './run';
import { generateRunId, validateRunId } from './run-id';
import { describeHolder, isHolderProvedAlive, lockRun } from './run-lock';
import { readRunState, type RunState, STATE_FILE, toJsonText, writeRunState } from './run-state';
import { STEP_FILES } from './step-files';
import { uuidV7 } from './uuid-v7';

/** What {@link openRun} opens. */
export interface OpenRunOptions {
  /** The output folder. @default 'out' */
  root?: string;
  /** The run to begin or resume. @default the newest run to resume, or else a new id */
  runId?: string;
  /** Whether to begin a run even if one could be resumed. @default false */
  isNew?: boolean;
  /** The resolved configuration: it decides whether a run can be resumed. */
  config: JsonValue;
  /** What was asked for: `config_raw.json`. */
  rawConfig: JsonValue;
  /** What `config_resolved.json` holds, such as each value with its layer. @default config */
  resolvedConfig?: JsonValue;
  /** What `environment.json` holds. @default the file is not written */
  environment?: JsonValue;
  /** Keys of the configuration that a resumption may change. @default RESUME_EXEMPT_KEYS */
  exemptKeys?: readonly string[];
  /** Tells the time of the run and of its events. @default the system's clock */
  now?: () => Date;
}

/** An {@link OpenRunOptions} with its defaults. */
interface Request extends OpenRunOptions {
  root: string;
  runs: string;
  fingerprint: string;
  now: () => Date;
  /** See `Run.passedOver`. */
  passedOver: readonly string[];
}

/**
 * Begins a run or resumes one. With `runId`: a run of that name begins if there is none, and is resumed if it is not
 * complete, not held by a live process and of the same configuration. Without it the newest such run is resumed, unless
 * `isNew`. A refusal changes nothing, and a run that cannot begin leaves no folder.
 *
 * @throws {UsageError} `RUN_ID_INVALID`; `RUN_COMPLETE`, `RUN_HELD`, `RUN_CONFIG_DIFFERS` or `RUN_ID_TAKEN` if the run
 * cannot be resumed.
 * @throws {DataError} If the output folder is unwritable or the disk full.
 * @throws {IntegrityError} If the run to resume is damaged.
 */
export function openRun(options: OpenRunOptions): Run {
  const { runId, isNew = false } = options;
  const root = resolve(options.root ?? 'out');
  const request: Request = {
    ...options,
    root,
    runs: runsDirectory(root),
    passedOver: [],
    now: options.now ?? (() => new Date()),
    fingerprint: resumeFingerprint(
      options.config,
      options.exemptKeys === undefined ? {} : { exemptKeys: options.exemptKeys },
    ),
  };
  if (runId !== undefined) validateRunId(runId);
  finishCompletedRuns(root);
  if (runId !== undefined) return openNamed(request, runId);
  return isNew ? createUnnamed(request) : resumeNewest(request);
}

function openNamed(request: Request, runId: string): Run {
  requireOpenable(request, runId);
  const run = tryOpen(request, runId);
  if (run === null) throw heldError(request.runs, runId);
  return run;
}

/** Begins a run if there is none to resume. */
function resumeNewest(request: Request): Run {
  const passedOver: string[] = [];
  for (const { runId, status, isHeld, configFingerprint } of listRuns(request.root)) {
    if (status === 'COMPLETED' || configFingerprint !== request.fingerprint) continue;
    try {
      const run = isHeld ? null : tryOpen({ ...request, passedOver }, runId);
      if (run !== null) return run;
      if (!isHolderProvedAlive(request.runs, runId)) passedOver.push(runId);
    } catch (error) {
      // Another process was faster and has completed it since.
      if (!(error instanceof UsageError)) throw error;
    }
  }
  return createUnnamed({ ...request, passedOver });
}

function createUnnamed(request: Request): Run {
  for (;;) {
    const run = tryOpen({ ...request, isNew: true }, generateRunId({ now: request.now() }));
    if (run !== null) return run;
  }
}

/** Opens a run under its lock; null if another process holds it. */
function tryOpen(request: Request, runId: string): Run | null {
  onDisk(request.runs, () => makeFolder(request.runs));
  const lock = lockRun(request.runs, runId);
  if (lock === undefined) return null;
  try {
    return requireOpenable(request, runId, { isHeldByUs: true })
      ? resumeRun(request, runId, lock)
      : createRun(request, runId, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Whether there is a run to resume, rather than one to begin. @throws {UsageError} if it is neither. */
function requireOpenable(
  request: Request,
  runId: string,
  { isHeldByUs = false }: { isHeldByUs?: boolean } = {},
): boolean {
  const { runs, fingerprint, isNew = false } = request;
  const folder = ifPresent(() => lstatSync(join(runs, runId)));
  const run = folder?.isDirectory() === true ? summariseRun(runs, runId) : null;
  if (run?.status === 'COMPLETED') throw takenError('RUN_COMPLETE', `Run ${runId} is complete`);
  if (run?.isHeld === true && !isHeldByUs) throw heldError(runs, runId);
  if (folder === null) return false;
  if (run === null) throw takenError('RUN_ID_TAKEN', `${join(runs, runId)} exists and is no run`);
  if (isNew) throw takenError('RUN_ID_TAKEN', `Run ${runId} exists already`);
  if (run.configFingerprint !== fingerprint)
    throw takenError('RUN_CONFIG_DIFFERS', `Run ${runId} was begun with another configuration`);
  return true;
}

function resumeRun(request: Request, runId: string, lock: FileLock): Run {
  const { root, runs, now, passedOver } = request;
  const directory = join(runs, runId);
  const found = readRunState(directory);
  if (found === null) throw takenError('RUN_ID_TAKEN', `${directory} exists and is no run`);
  removeTemporaries(directory);
  const state: RunState = { ...found, status: 'RUNNING', error: null };
  const run = new Run({ root, directory, state, lock, isResumed: true, passedOver, now });
  try {
    run.event('resumed', {
      after: found.error?.code ?? 'RUN_CRASHED',
      environment: request.environment ?? null,
    });
    writeRunState(directory, state);
    return run;
  } catch (error) {
    run.fail(error);
    throw error;
  }
}

/** Builds the folder beside its place and renames it, so that it never stands there unfinished. */
function createRun(request: Request, runId: string, lock: FileLock): Run {
  const { root, runs, now, passedOver } = request;
  const directory = join(runs, runId);
  const temporary = join(runs, `.${runId}.tmp`);
  const createdAt = now();
  const state: RunState = {
    run_version: 1,
    run_id: runId,
    run_uuid: uuidV7({ now: createdAt }),
    created_at: createdAt.toISOString(),
    config_fingerprint: request.fingerprint,
    status: 'RUNNING',
    error: null,
  };
  try {
    onDisk(directory, () => {
      rmSync(temporary, { recursive: true, force: true });
      mkdirSync(temporary);
      writeFirstFiles(temporary, request, state);
      renamePersistentlySync(temporary, directory);
    });
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
  try {
    onDisk(runs, () => flushFolder(runs));
    return new Run({ root, directory, state, lock, isResumed: false, passedOver, now });
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

function writeFirstFiles(directory: string, request: Request, state: RunState): void {
  const { config, rawConfig, resolvedConfig = config, environment } = request;
  const { run_id, run_uuid, created_at, config_fingerprint } = state;
  const created = eventLine(
    { seq: 1, time: new Date(created_at), type: 'created', previous: FIRST_PREVIOUS },
    { run_id, run_uuid, config_fingerprint },
  );
  const texts: Record<string, string> = {
    'config_raw.json': toJsonText(rawConfig),
    'config_resolved.json': toJsonText(resolvedConfig),
    ...(environment === undefined ? {} : { 'environment.json': toJsonText(environment) }),
    ...Object.fromEntries(STEP_FILES.map((name) => [name, ''])),
    'events.jsonl': `${created}\n`,
    [STATE_FILE]: toJsonText(state),
  };
  for (const [name, text] of Object.entries(texts))
    writeFileAtomicSync(join(directory, name), text);
}

/** What atomic writes left that were killed before their rename; the lock says that nobody else is writing. */
function removeTemporaries(directory: string): void {
  const folders = listBelow(directory).filter(({ kind }) => kind === 'folder');
  for (const { path } of [{ path: '' }, ...folders])
    removeStaleTemporaries(join(directory, path), { olderThanMs: 0 });
}

function heldError(runs: string, runId: string): UsageError {
  return new UsageError(`Run ${runId} is held by ${describeHolder(runs, runId)}`, {
    code: 'RUN_HELD',
    remedy:
      'Wait for that process to end; one that cannot be seen from here, on another machine or in another container, lets go ten minutes after its last sign of life.',
  });
}

function takenError(code: string, message: string): UsageError {
  return new UsageError(message, {
    code,
    remedy: 'Choose another --run-id, or begin a run under a new name with --new.',
  });
}
