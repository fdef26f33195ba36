import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  type FileLock,
  IntegrityError,
  type JsonValue,
  makeFolderSync,
  redactJson,
  removeStaleTemporaries,
  renamePersistentlySync,
  UsageError,
  writeFileAtomicSync,
} from '@pixelis/core';
import { isRecord, requireRecord, requireText, requireValue } from './check-argument';
import { flushFolder, ifPresent, listBelow, onDisk } from './disk';
import { FIRST_PREVIOUS } from './event';
import { eventLine } from './event-log';
import { finishCompletedRun } from './finish-completed-runs';
import { resumeFingerprint } from './resume-fingerprint';
import { Run } from './run';
import { sortRuns } from './run-filter';
import { generateRunId, validateRunId } from './run-id';
import { becomesFree, describeHolder, isHolderProvedAlive, lockRun } from './run-lock';
import { readRunNames, type RunNames, runsDirectory } from './run-names';
import { readRunState, type RunState, STATE_FILE, toJsonText, writeRunState } from './run-state';
import { type RunSummary, summariseRun } from './run-summary';
import { settleDead } from './settle-dead-runs';
import { STEP_FILES } from './step-files';
import { StoredRun } from './stored-run';
import { checkTags, type RunTags, TAGS_FILE, tagsText } from './tags';
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
  /** Tags of the run, see `Run.tag`; on a resumption they are added to those that it has. @default none */
  tags?: RunTags;
  /** Keys of the configuration that a resumption may change. @default RESUME_EXEMPT_KEYS */
  exemptKeys?: readonly string[];
  /** Tells the time of the run and of its events. @default the system's clock */
  now?: () => Date;
}

/** An {@link OpenRunOptions} with its defaults. */
interface Request extends OpenRunOptions {
  root: string;
  runs: string;
  /** What stood in the folder of all runs when this one was asked for. */
  names: RunNames;
  /** Those among them that are not complete. */
  unfinished: readonly string[];
  fingerprint: string;
  now: () => Date;
  /** See `Run.passedOver`. */
  passedOver: readonly string[];
}

/**
 * Begins a run or resumes one. With `runId`: a run of that name begins if there is none, and is resumed if it is not
 * complete, not held by a live process and of the same configuration. Without it the newest such run is resumed, unless
 * `isNew`. A refusal changes nothing but runs that are complete, and a run that cannot begin leaves no folder.
 *
 * Other runs of the folder whose process is proved dead are marked as failed, see `settleDeadRuns`; one that cannot be,
 * because it is damaged for instance, is left as it is.
 *
 * @throws {TypeError} If an argument is missing or of the wrong type.
 * @throws {UsageError} `RUN_ID_INVALID`; `RUN_COMPLETE`, `RUN_HELD`, `RUN_CONFIG_DIFFERS` or `RUN_ID_TAKEN` if the run
 * cannot be resumed.
 * @throws {DataError} If the output folder is unwritable or the disk full.
 * @throws {IntegrityError} If the run to resume, given by its id, is damaged.
 */
export function openRun(options: OpenRunOptions): Run {
  const request = toRequest(options);
  const { root, runs, runId, isNew = false, names, unfinished } = request;
  for (const unfinishedId of unfinished) quietly(() => finishCompletedRun(root, unfinishedId));
  const run = runId === undefined ? openUnnamed(request, isNew) : openNamed(request, runId);
  const others = unfinished.filter((name) => name !== run.runId);
  settleDead(runs, { unfinished: others, unmade: names.unmade });
  return run;
}

function toRequest(options: OpenRunOptions): Request {
  requireOptions(options);
  const { exemptKeys, tags = {}, now = () => new Date() } = options;
  const root = resolve(options.root ?? 'out');
  const fingerprint = resumeFingerprint(
    options.config,
    exemptKeys === undefined ? {} : { exemptKeys },
  );
  if (options.runId !== undefined) validateRunId(options.runId);
  const checkedTags = checkTags(tags);
  const runs = runsDirectory(root);
  const names = readRunNames(runs);
  const unfinished = names.runIds.filter((name) => existsSync(join(runs, name, STATE_FILE)));
  return {
    ...options,
    root,
    runs,
    names,
    unfinished,
    tags: checkedTags,
    passedOver: [],
    now,
    fingerprint,
  };
}

/** @throws {TypeError} If a caller in JavaScript leaves out what is needed. */
function requireOptions(options: unknown): void {
  const action = 'open a run';
  requireRecord(options, { action, name: 'options' });
  if (!isRecord(options)) return;
  for (const name of ['config', 'rawConfig']) requireValue(options[name], { action, name });
  for (const name of ['root', 'runId'])
    if (options[name] !== undefined) requireText(options[name], { action, name });
}

function openNamed(request: Request, runId: string): Run {
  becomesFree(request.runs, runId);
  requireOpenable(request, runId);
  const run = tryOpen(request, runId);
  if (run === null) throw heldError(request.runs, runId);
  return run;
}

/** Resumes the newest run that can be, and begins one if there is none or a new one is wanted. */
function openUnnamed(request: Request, isNew: boolean): Run {
  const passedOver: string[] = [];
  for (const { runId, isHeld } of isNew ? [] : resumableRuns(request)) {
    try {
      const isFree = !isHeld || becomesFree(request.runs, runId);
      const run = isFree ? tryOpen({ ...request, passedOver }, runId) : null;
      if (run !== null) return run;
      if (!isHolderProvedAlive(request.runs, runId)) passedOver.push(runId);
    } catch (error) {
      if (error instanceof IntegrityError) passedOver.push(runId);
      // Else another process was faster and has completed it since.
      else if (!(error instanceof UsageError)) throw error;
    }
  }
  return createUnnamed({ ...request, passedOver });
}

/** The runs of the same configuration that are not complete, newest first. */
function resumableRuns({ runs, unfinished, fingerprint }: Request): RunSummary[] {
  const found = unfinished
    .filter((runId) => mentions(join(runs, runId, STATE_FILE), fingerprint))
    .map((runId) => new StoredRun({ runs, runId }));
  return sortRuns(found, {}).flatMap(({ summary }) =>
    summary?.configFingerprint === fingerprint ? summary : [],
  );
}

/** Far faster than to read each state for what it says, where thousands of runs have failed. */
function mentions(path: string, text: string): boolean {
  try {
    return readFileSync(path, 'utf8').includes(text);
  } catch {
    return false;
  }
}

function createUnnamed(request: Request): Run {
  for (;;) {
    const run = tryOpen({ ...request, isNew: true }, generateRunId({ now: request.now() }));
    if (run !== null) return run;
  }
}

/** Opens a run under its lock; null if another process holds it. */
function tryOpen(request: Request, runId: string): Run | null {
  onDisk(request.runs, () => makeFolderSync(request.runs));
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
  const run = folder?.isDirectory() === true ? summariseRun({ runs, runId }) : null;
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
    run.addTags(request.tags ?? {});
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
  const { config, rawConfig, resolvedConfig = config, environment, tags = {} } = request;
  const { run_id, run_uuid, created_at, config_fingerprint } = state;
  const created = eventLine(
    { seq: 1, time: new Date(created_at), type: 'created', previous: FIRST_PREVIOUS },
    { run_id, run_uuid, config_fingerprint },
  );
  const texts: Record<string, string> = {
    'config_raw.json': toJsonText(redactJson(rawConfig)),
    'config_resolved.json': toJsonText(redactJson(resolvedConfig)),
    ...(environment === undefined
      ? {}
      : { 'environment.json': toJsonText(redactJson(environment)) }),
    ...(Object.keys(tags).length === 0 ? {} : { [TAGS_FILE]: tagsText(tags) }),
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

/** Of another run nothing is worth stopping this one for. */
function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // Whoever looks at that run is told.
  }
}
