import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { generateRunId } from '@pixelis/artifacts';
import {
  acquireFileLock,
  DataError,
  type FileLock,
  inspectFileLock,
  IntegrityError,
  isSystemError,
  removeStaleTemporaries,
  UsageError,
  writeFileAtomicSync,
} from '@pixelis/core';
import { clipped, onOneLine } from '../report/short-text';
import {
  abandonedTags,
  createSweep,
  makeSweepsDirectory,
  removeUnfinished,
  type SweepContent,
} from './create-sweep';
import { fileDamage } from './file-damage';
import { jsonText, onDisk, readTextIfThere } from './on-disk';
import { SweepFolder } from './sweep-folder';
import { SWEEP_MANIFEST_FILE, type SweepManifest, sweepManifestSchema } from './sweep-manifest';
import { sweepsDirectory, validateSweepTag } from './sweep-names';
import {
  readSearch,
  SEARCH_FILE,
  type SearchDifference,
  type SearchDocument,
  searchDifferences,
} from './sweep-search';

/** How many differences of two searches are named, and how much of their values. */
const DIFFERENCES_SHOWN = 5;
const VALUE_LENGTH_MAX = 40;

/** Which sweep is wanted. */
export interface OpenSweepOptions<Prepared> extends SweepContent {
  readonly out: string;
  /** Default: the newest unfinished sweep of the same search, or else a new tag. */
  readonly tag?: string | undefined;
  /** Whether to begin a sweep even if one could be resumed. */
  readonly isNew: boolean;
  /** Called once it is known which sweep it is, before anything of it is written: what it throws is a refusal. */
  readonly prepare: (folder: SweepFolder) => Prepared;
}

/** A sweep that this process holds. */
export interface OpenedSweep<Prepared> {
  /** What `prepare` gave. */
  readonly prepared: Prepared;
  readonly folder: SweepFolder;
  readonly lock: FileLock;
  readonly isResumed: boolean;
  /** What is no mistake, but may not be what was meant. */
  readonly warnings: readonly string[];
  /** Of a sweep that has come to its end. */
  readonly manifest: SweepManifest | undefined;
}

/**
 * Begins a sweep or resumes one, under its lock. A refusal changes nothing.
 *
 * @throws {UsageError} `SWEEP_TAG_INVALID`; `SWEEP_TAG_TAKEN` if the tag belongs to another search or to something else;
 * `SWEEP_HELD` if another process runs it.
 * @throws {DataError} If the output folder is unwritable or the disk full.
 * @throws {IntegrityError} If the sweep is damaged.
 */
export function openSweep<Prepared>(options: OpenSweepOptions<Prepared>): OpenedSweep<Prepared> {
  const { out, isNew, search } = options;
  if (options.tag !== undefined) validateSweepTag(options.tag);
  const unfinished = isNew || options.tag !== undefined ? [] : unfinishedSweeps(out, search);
  const undo = makeSweepsDirectory(out);
  try {
    for (const tag of unfinished) {
      const opened = tryOpen(options, tag);
      if (opened !== undefined) return opened;
    }
    const tag = options.tag ?? generateRunId();
    const opened = tryOpen(options, tag);
    if (opened === undefined) throw heldError(out, tag);
    return { ...opened, warnings: unfinished.map((held) => heldWarning(out, held)) };
  } catch (error) {
    undo();
    throw error;
  }
}

/** Undefined if another process holds the sweep. */
function tryOpen<Prepared>(
  options: OpenSweepOptions<Prepared>,
  tag: string,
): OpenedSweep<Prepared> | undefined {
  const { out, search, isNew } = options;
  const lock = acquireFileLock(lockPath(out, tag));
  if (lock === undefined) return undefined;
  const folder = new SweepFolder({ out, tag });
  try {
    const prepared = options.prepare(folder);
    if (!existsSync(folder.directory)) {
      createSweep(folder, options);
      removeAbandoned(out);
      return { prepared, folder, lock, isResumed: false, warnings: [], manifest: undefined };
    }
    if (isNew) throw takenError(`The sweep ${tag} exists already`);
    requireSameSearch(folder, search);
    const manifest = readSweepManifest(folder.directory);
    if (manifest === undefined) removeTemporaries(folder);
    else requireFiles(folder, manifest);
    return { prepared, folder, lock, isResumed: true, warnings: [], manifest };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Removes what processes left that were killed while they made a sweep whose tag nobody will name again. */
function removeAbandoned(out: string): void {
  for (const tag of abandonedTags(out)) {
    try {
      const lock = acquireFileLock(lockPath(out, tag));
      if (lock !== undefined) removeHeld(new SweepFolder({ out, tag }), lock);
    } catch (error) {
      // It may be another user's, and is in nobody's way.
      if (!(error instanceof DataError)) throw error;
    }
  }
}

function removeHeld(folder: SweepFolder, lock: FileLock): void {
  try {
    onDisk(folder.directory, () => removeUnfinished(folder));
  } finally {
    lock.release();
  }
}

/**
 * Sees to it that a complete sweep is as it was when it ended.
 *
 * @throws {IntegrityError} `SWEEP_FILE_CHANGED`, which names the file.
 */
function requireFiles(folder: SweepFolder, { files }: SweepManifest): void {
  for (const [name, expected] of Object.entries(files)) {
    const damage = fileDamage(folder.path(name), expected);
    if (damage === undefined) continue;
    throw new IntegrityError(`${folder.path(name)} ${damage}`, {
      code: 'SWEEP_FILE_CHANGED',
      remedy:
        name === SEARCH_FILE
          ? 'put it back from a copy, or begin a sweep with another --tag'
          : `put it back from a copy, or remove it and ${SWEEP_MANIFEST_FILE} beside ${SEARCH_FILE} and repeat the command: both are made again`,
    });
  }
}

/** Removes what a process left that was killed while it wrote; nobody but the holder of the lock writes there. */
function removeTemporaries(folder: SweepFolder): void {
  const folders = ['', 'outcomes', 'figures'].map((name) => folder.path(name));
  for (const path of folders.filter((one) => existsSync(one)))
    removeStaleTemporaries(path, { olderThanMs: 0 });
}

/**
 * The manifest of a sweep; undefined if it has not come to its end.
 *
 * @throws {IntegrityError} `SWEEP_MANIFEST_BROKEN` if the file is not what Pixelis wrote.
 */
export function readSweepManifest(directory: string): SweepManifest | undefined {
  const path = join(directory, SWEEP_MANIFEST_FILE);
  const text = readTextIfThere(path);
  if (text === undefined) return undefined;
  try {
    return sweepManifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new IntegrityError(`${path} is not the manifest of a sweep`, {
      code: 'SWEEP_MANIFEST_BROKEN',
      remedy: 'remove that file and run the same command again: it is made once more',
      cause,
    });
  }
}

/** Another metric is looked at in the same runs, unless it decided which trials there are and how far they go. */
const METRIC_KEYS: ReadonlySet<string> = new Set(['sweep.metric', 'sweep.direction']);

function requireSameSearch(folder: SweepFolder, search: SearchDocument): void {
  const { directory, tag, searchPath } = folder;
  const known = isCutOff(searchPath) ? search : readSearch(searchPath);
  if (known === undefined) throw takenError(`${directory} exists and is no sweep`);
  if (known === search) writeFileAtomicSync(searchPath, jsonText(search));
  if (known.fingerprint === search.fingerprint) return;
  const differences = searchDifferences(known, search);
  const isFinished = existsSync(folder.path(SWEEP_MANIFEST_FILE));
  if (
    !isFinished &&
    hasFreeMetric(search) &&
    differences.every(({ key }) => METRIC_KEYS.has(key))
  ) {
    onDisk(directory, () => {
      for (const name of readdirSync(folder.path('outcomes'))) {
        rmSync(folder.path('outcomes', name));
      }
    });
    // The configurations that stand there already say who set their values.
    writeFileAtomicSync(searchPath, jsonText({ ...search, origins: known.origins }));
    return;
  }
  const shown = differences.slice(0, DIFFERENCES_SHOWN).map(differenceText).join(', ');
  const rest = differences.length > DIFFERENCES_SHOWN ? ', …' : '';
  throw takenError(`The sweep ${tag} is another search: it differs in ${shown}${rest}`);
}

function differenceText({ key, values: [there, here] }: SearchDifference): string {
  return `${key} (${valueText(there)} there, ${valueText(here)} here)`;
}

function valueText(value: string | undefined): string {
  return value === undefined ? 'nothing' : clipped(onOneLine(value), VALUE_LENGTH_MAX);
}

/** The machine fell in the moment in which the sweep was made. */
function isCutOff(searchPath: string): boolean {
  return statSync(searchPath, { throwIfNoEntry: false })?.size === 0;
}

function hasFreeMetric({ sweep }: SearchDocument): boolean {
  return sweep['strategy'] !== 'tpe' && sweep['halving'] === null;
}

/** Tags of unfinished sweeps of the same search, the newest first. */
function unfinishedSweeps(out: string, { fingerprint }: SearchDocument): string[] {
  return tagsIn(out)
    .filter((tag) => {
      const directory = join(sweepsDirectory(out), tag);
      return (
        !existsSync(join(directory, SWEEP_MANIFEST_FILE)) &&
        readTextIfThere(join(directory, SEARCH_FILE))?.includes(fingerprint) === true
      );
    })
    .map((tag) => ({ tag, beganMs: beganMsOf(join(sweepsDirectory(out), tag)) }))
    .sort((a, b) => b.beganMs - a.beganMs || (a.tag < b.tag ? 1 : -1))
    .map(({ tag }) => tag);
}

function beganMsOf(directory: string): number {
  return statSync(join(directory, SEARCH_FILE), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function tagsIn(out: string): string[] {
  try {
    return readdirSync(sweepsDirectory(out)).filter((name) => !name.startsWith('.'));
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}

/** Beside the folder, so that a sweep is held before it is made. */
function lockPath(out: string, tag: string): string {
  return join(sweepsDirectory(out), `.${tag}.lock`);
}

function takenError(message: string): UsageError {
  return new UsageError(message, {
    code: 'SWEEP_TAG_TAKEN',
    remedy: 'choose another --tag, or repeat the search that it stands for',
  });
}

function heldError(out: string, tag: string): UsageError {
  return new UsageError(`The sweep ${tag} is run by ${holderOf(out, tag)}`, {
    code: 'SWEEP_HELD',
    remedy: 'wait for that process to end, or stop it with Ctrl-C: nothing is lost',
  });
}

function heldWarning(out: string, tag: string): string {
  return `the sweep ${tag} of the same search is run by ${holderOf(out, tag)}: this begins another one, which trains every trial again`;
}

function holderOf(out: string, tag: string): string {
  const { holder } = inspectFileLock(lockPath(out, tag));
  return holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.hostname}`;
}
