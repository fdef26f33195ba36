import { mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  makeFolderSync,
  renamePersistentlySync,
  UsageError,
  writeFileAtomicSync,
} from '@pixelis/core';
import { jsonText, onDisk } from './on-disk';
import { SWEEP_FOLDERS, type SweepFolder } from './sweep-folder';
import { sweepsDirectory } from './sweep-names';
import { SEARCH_FILE, type SearchDocument } from './sweep-search';

/** What a sweep's folder begins with. */
export interface SweepContent {
  readonly search: SearchDocument;
  /** Text of the configuration of each trial that is known already, by its number. */
  readonly configs: ReadonlyMap<number, string>;
}

/**
 * Makes the folder of a sweep beside its place and renames it, so that it never stands there unfinished; the caller holds
 * the lock of the sweep. A failure leaves nothing.
 *
 * @throws {UsageError} `SWEEP_RUNS_EXIST` if runs stand there that the sweep would take for its own.
 * @throws {DataError} If the folder cannot be written or the disk is full.
 */
export function createSweep(folder: SweepFolder, { search, configs }: SweepContent): void {
  refuseForeignRuns(folder);
  const temporary = temporaryOf(folder);
  try {
    onDisk(folder.directory, () => {
      removeUnfinished(folder);
      mkdirSync(temporary);
      for (const name of SWEEP_FOLDERS) mkdirSync(join(temporary, name));
      // But for the search none is flushed, which would take longer than all the rest: what is cut off if the machine falls now is mended.
      for (const [trial, text] of configs)
        writeFileSync(join(temporary, `${folder.name(trial)}.json`), text);
      writeFileAtomicSync(join(temporary, SEARCH_FILE), jsonText(search));
      renamePersistentlySync(temporary, folder.directory);
    });
  } catch (error) {
    removeUnfinished(folder);
    throw error;
  }
}

/** Tags of sweeps that some process began to make and did not finish; it may be at it still. */
export function abandonedTags(out: string): string[] {
  // Files of that form are locks that are about to be taken.
  return readdirSync(sweepsDirectory(out), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => /^\.(.+)\.tmp$/.exec(name)?.[1] ?? []);
}

/** Removes what is made of a sweep that does not stand in its place yet; the caller holds the lock of the sweep. */
export function removeUnfinished(folder: SweepFolder): void {
  rmSync(temporaryOf(folder), { recursive: true, force: true });
}

/** Makes the folder of all sweeps, in which the lock of each lies. @returns what takes it back, as long as it is empty */
export function makeSweepsDirectory(out: string): () => void {
  const directory = sweepsDirectory(out);
  const topmost = onDisk(directory, () => makeFolderSync(directory));
  return () => {
    if (topmost !== undefined) removeEmptyFolders(directory, topmost);
  };
}

function removeEmptyFolders(directory: string, topmost: string): void {
  try {
    for (let folder = directory; folder.startsWith(topmost); folder = dirname(folder)) {
      rmdirSync(folder);
    }
  } catch {
    // Something stands in it.
  }
}

function temporaryOf({ out, tag }: SweepFolder): string {
  return join(sweepsDirectory(out), `.${tag}.tmp`);
}

/** A run of an earlier sweep that was removed, but not its runs, is no result of this one. */
function refuseForeignRuns({ out, tag }: SweepFolder): void {
  const runs = join(out, 'runs');
  const found = namesIn(runs).find(
    (name) => name.startsWith(`${tag}-`) && /^\d+$/.test(name.slice(tag.length + 1)),
  );
  if (found === undefined) return;
  throw new UsageError(`${join(runs, found)} exists, but there is no sweep ${tag}`, {
    code: 'SWEEP_RUNS_EXIST',
    remedy: 'choose another --tag, or remove the runs of that sweep',
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // If it is there and cannot be read, the first run says so.
    return [];
  }
}
