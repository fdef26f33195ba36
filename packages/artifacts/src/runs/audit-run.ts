import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DataError, IntegrityError } from '@pixelis/core';
import { CHAIN_FILE } from '../chain/chain-line';
import { verifyChain } from '../chain/read-chain';
import { isRecord, requireText } from './check-argument';
import { ifPresent, onDisk } from './disk';
import { type ScannedEvents, scanEvents } from './event-chain';
import { HARDWARE_FILE } from './hardware-file';
import { DIFF_FILE, MANIFEST_FILE, SIGNATURE_FILE } from './manifest';
import { isLaterVersionError } from './migrate-manifest';
import { readManifestLeniently, type ManifestProblem } from './read-manifest';
import { readJson } from './run-config';
import { contradictions } from './run-identity';
import { isRunHeld } from './run-lock';
import { readRunNames, RUNS_FOLDER, runsDirectory } from './run-names';
import { readRunState, STATE_FILE } from './run-state';
import { STEP_FILES } from './step-files';
import { readTags, TAGS_FILE } from './tags';
import { validateManifest } from './validate-manifest';

/** What an audit cannot know, however clean the run is. */
export interface AuditLimit {
  code:
    'NO_MANIFEST' | 'UNSIGNED' | 'SIGNATURE_UNCHECKED' | 'DIFF_MISSING' | 'MANIFEST_VERSION_LATER';
  message: string;
}

/** What {@link auditRun} found. */
export interface RunAudit {
  runId: string;
  directory: string;
  /**
   * Whether nothing is wrong as far as an audit can see: `limits` says how far that is. False, with no problem, for a run
   * that only a later Pixelis can check.
   */
  isIntact: boolean;
  /** The audit trail: its number of whole lines and the hash of the last. */
  events: { count: number; head: string };
  problems: readonly ManifestProblem[];
  limits: readonly AuditLimit[];
}

/** Options of {@link auditRun}. */
export interface AuditRunOptions {
  /** Whether the caller has verified a signature of the manifest. @default false */
  hasSignature?: boolean;
}

const LIMITS = {
  NO_MANIFEST: 'no manifest: a missing tail cannot be seen',
  UNSIGNED: 'unsigned: a whole rewrite cannot be detected',
  SIGNATURE_UNCHECKED: 'signed, but the signature was not checked here',
  DIFF_MISSING: 'environment.diff is not here: an export leaves it out',
} as const;

/**
 * Checks a run as far as its own files tell: the chains of its audit trail and its training, that it says of the run what the state or the
 * manifest says, that no file of lines is torn, and, if the run is complete, everything that {@link validateManifest} checks. Says too what it cannot know.
 * Changes nothing.
 *
 * @param directory The folder of the run.
 * @throws {DataError} If it is no folder of a run, or cannot be read.
 * @throws {EnvironmentError} `MANIFEST_VERSION_LATER` if a later Pixelis completed it.
 */
export async function auditRun(
  directory: string,
  options: AuditRunOptions = {},
): Promise<RunAudit> {
  requireText(directory, { action: 'audit a run', name: 'directory' });
  const folder = resolve(directory);
  const isComplete = existsSync(join(folder, MANIFEST_FILE));
  if (!isRun(folder)) throw noRunError(folder);
  const trail = scanTrail(folder);
  const problems = isComplete ? await validateManifest(folder) : openRunProblems(folder, trail);
  const said = trail === null ? [] : contradictions(folder, trail.events);
  const found = [
    ...problems,
    ...placeProblems(folder),
    ...said.map((message) => ({ path: 'events.jsonl', message })),
  ];
  return {
    runId: basename(folder),
    directory: folder,
    isIntact: found.length === 0,
    events: { count: trail?.count ?? 0, head: trail?.head ?? '0'.repeat(64) },
    problems: found,
    limits: limitsOf(folder, { isComplete, hasSignature: options.hasSignature ?? false }),
  };
}

/**
 * Audits every run of an output folder, by the order of their ids; a folder that is no run is left out. Of a run that a
 * later Pixelis completed, a limit says that it was not checked.
 *
 * @throws {DataError} If a file cannot be read.
 */
export async function auditRuns(root: string): Promise<RunAudit[]> {
  requireText(root, { action: 'audit runs', name: 'root' });
  const runs = runsDirectory(root);
  const audits: RunAudit[] = [];
  for (const runId of [...readRunNames(runs).runIds].sort()) {
    const directory = join(runs, runId);
    if (isRun(directory)) audits.push(await auditAmongOthers(directory));
  }
  return audits;
}

/** A run that only a later Pixelis can audit does not hide the others. */
async function auditAmongOthers(directory: string): Promise<RunAudit> {
  try {
    return await auditRun(directory);
  } catch (error) {
    if (!isLaterVersionError(error)) throw error;
    const trail = scanTrail(directory);
    return {
      runId: basename(directory),
      directory: resolve(directory),
      isIntact: false,
      events: { count: trail?.count ?? 0, head: trail?.head ?? '0'.repeat(64) },
      problems: [],
      limits: [{ code: 'MANIFEST_VERSION_LATER', message: `${error.message}. ${error.remedy}` }],
    };
  }
}

/** The trail alone is enough: a run does not pass unseen because its manifest was taken away. */
function isRun(folder: string): boolean {
  return [MANIFEST_FILE, STATE_FILE, 'events.jsonl'].some((name) => existsSync(join(folder, name)));
}

/** Among its kin a run stands under its own name, or it was put in the place of another. A copy elsewhere may have any. */
function placeProblems(folder: string): ManifestProblem[] {
  const name = basename(folder);
  if (basename(dirname(folder)) !== RUNS_FOLDER) return [];
  const documents: [string, unknown][] = [
    [MANIFEST_FILE, readManifestLeniently(folder)],
    [STATE_FILE, readJson(join(folder, STATE_FILE))],
  ];
  for (const [path, document] of documents) {
    if (!isRecord(document)) continue;
    const { run_id: runId } = document;
    if (typeof runId !== 'string' || runId === name) return [];
    return [{ path, message: `is of the run ${runId}, not of ${name}` }];
  }
  return [];
}

function limitsOf(
  folder: string,
  { isComplete, hasSignature }: { isComplete: boolean; hasSignature: boolean },
): AuditLimit[] {
  if (!isComplete) return [limit('NO_MANIFEST'), limit('UNSIGNED')];
  const limits = isDiffLeftOut(folder) ? [limit('DIFF_MISSING')] : [];
  if (hasSignature) return limits;
  const isSigned = existsSync(join(folder, SIGNATURE_FILE));
  return [...limits, limit(isSigned ? 'SIGNATURE_UNCHECKED' : 'UNSIGNED')];
}

function isDiffLeftOut(folder: string): boolean {
  if (existsSync(join(folder, DIFF_FILE))) return false;
  const files = readManifestLeniently(folder)?.['files'];
  return isRecord(files) && Object.hasOwn(files, DIFF_FILE);
}

function limit(code: keyof typeof LIMITS): AuditLimit {
  return { code, message: LIMITS[code] };
}

function scanTrail(folder: string): ScannedEvents | null {
  const path = join(folder, 'events.jsonl');
  const bytes = onDisk(path, () => ifPresent(() => readFileSync(path)));
  return bytes === null ? null : scanEvents(bytes);
}

/** A run that is open may be adding a line at this moment, so that only a free one can be called torn. */
function openRunProblems(folder: string, trail: ScannedEvents | null): ManifestProblem[] {
  const isHeld = isRunHeld(dirname(folder), basename(folder));
  const isStateThere = existsSync(join(folder, STATE_FILE));
  return [
    ...(isStateThere ? [] : [{ path: MANIFEST_FILE, message: 'is missing, and so is run.json' }]),
    ...stateProblems(folder),
    ...trailProblems(trail, isHeld),
    ...tornProblems(folder, isHeld),
    ...chainProblems(folder, isHeld),
  ];
}

function chainProblems(folder: string, isHeld: boolean): ManifestProblem[] {
  const { problem } = isHeld ? { problem: null } : verifyChain(folder);
  if (problem === null) return [];
  return [{ path: CHAIN_FILE, message: `line ${problem.line}: ${problem.reason}` }];
}

function trailProblems(trail: ScannedEvents | null, isHeld: boolean): ManifestProblem[] {
  const path = 'events.jsonl';
  if (trail === null) return [{ path, message: 'is missing' }];
  const { problem, tornBytes, count } = trail;
  const isBeingWritten = isHeld && tornBytes > 0 && problem?.line === count + 1;
  if (problem === null || isBeingWritten) return [];
  return [{ path, message: `line ${problem.line}: ${problem.reason}` }];
}

function tornProblems(folder: string, isHeld: boolean): ManifestProblem[] {
  if (isHeld) return [];
  return [...STEP_FILES, HARDWARE_FILE]
    .filter((path) => isTorn(join(folder, path)))
    .map((path) => ({ path, message: 'its last line is torn, which a resumption mends' }));
}

/** Whether a file ends within a line, as a kill may leave it. */
function isTorn(path: string): boolean {
  const descriptor = onDisk(path, () => ifPresent(() => openSync(path, 'r')));
  if (descriptor === null) return false;
  try {
    const { size } = fstatSync(descriptor);
    const last = Buffer.alloc(1);
    return size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
  } finally {
    closeSync(descriptor);
  }
}

function stateProblems(folder: string): ManifestProblem[] {
  const readers: Readonly<Record<string, (directory: string) => unknown>> = {
    [STATE_FILE]: readRunState,
    [TAGS_FILE]: readTags,
  };
  return Object.entries(readers)
    .filter(([, read]) => isBroken(() => read(folder)))
    .map(([path]) => ({ path, message: 'is damaged' }));
}

function isBroken(read: () => unknown): boolean {
  try {
    read();
    return false;
  } catch (error) {
    if (error instanceof IntegrityError) return true;
    throw error;
  }
}

function noRunError(folder: string): DataError {
  return new DataError(`${folder} is no folder of a run`, {
    code: 'RUN_MISSING',
    remedy: 'Give the folder of a run, such as out/runs/20260304T050607-0a1b2c.',
  });
}
