import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, IntegrityError, sha256, UsageError } from '@pixelis/core';
import { FIRST_PREVIOUS } from '../runs/event';
import { ifPresent } from '../runs/disk';
import { isArtifactName } from './artifact-name';
import { createFileOnce } from './create-file-once';
import { History } from './history';
import { type EntryBody, entrySchema, type StoredEntry } from './history-entry';

const ENTRY_FILE = /^(\d{6,})\.json$/;

interface Known {
  readonly history: History;
  count: number;
  head: string;
}

/**
 * The histories of all artifacts, a folder each: `<folder>/<name in lower case>/000001.json` and so on. An entry is
 * never changed, holds the hash of the one before, and is created under a number that only one writer can get: of
 * several that decide at once, one is first and the others decide again, knowing what it wrote.
 */
export class Histories {
  readonly #folder: string;
  readonly #now: () => Date;
  readonly #known = new Map<string, Known>();

  constructor(folder: string, now: () => Date) {
    this.#folder = folder;
    this.#now = now;
  }

  /** Where the entries of an artifact lie. */
  pathOf(name: string): string {
    return join(this.#folder, name.toLowerCase());
  }

  /** The names of all artifacts as their folders spell them, in lower case, sorted. */
  folders(): string[] {
    const entries = ifPresent(() => readdirSync(this.#folder, { withFileTypes: true })) ?? [];
    return entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .filter((name) => isArtifactName(name) && name === name.toLowerCase())
      .sort();
  }

  /**
   * The history of an artifact as it is on the disk now; null if there is none of that name.
   *
   * @throws {IntegrityError} `ARTIFACT_HISTORY_BROKEN` if an entry is missing, damaged or not what the next one follows.
   * @throws {UsageError} `ARTIFACT_NAME_TAKEN` if there is one whose name differs in case.
   */
  read(name: string): History | null {
    // Anything else could lead out of the folder.
    if (!isArtifactName(name)) return null;
    const { history } = this.#refresh(name);
    if (history.entries.length === 0) return null;
    if (history.name !== name) throw nameTakenError(name, history.name);
    return history;
  }

  /** The history in a folder, whose name is in lower case; null if the folder has no entry yet. */
  readFolder(folder: string): History | null {
    const { history } = this.#refresh(folder);
    return history.entries.length === 0 ? null : history;
  }

  /** The names of all artifacts. Those whose history is broken are left out, here and below. */
  names(): string[] {
    return this.readIntact().map(({ name }) => name);
  }

  /** All histories that are as they were written, by name. */
  readIntact(): History[] {
    return this.folders().flatMap((folder) => {
      try {
        return this.readFolder(folder) ?? [];
      } catch (error) {
        if (error instanceof IntegrityError) return [];
        throw error;
      }
    });
  }

  /**
   * Adds what `decide` makes of the history as it is when the entry is written; it is asked again whenever another
   * writer was faster. Resolves when the entry is on the disk itself, with the history as it then is.
   *
   * @param decide Gives a plan whose `entry` is to be written; null if nothing is.
   * @returns the plan that holds.
   */
  async add<Plan extends { readonly entry: EntryBody | null }>(
    name: string,
    decide: (history: History) => Plan,
  ): Promise<{ history: History; plan: Plan }> {
    for (;;) {
      const { history, head, count } = this.#refresh(name);
      if (count > 0 && history.name !== name) throw nameTakenError(name, history.name);
      const plan = decide(history);
      if (plan.entry === null) return { history, plan };
      const seq = count + 1;
      const time = this.#now().toISOString();
      const entry = { ...plan.entry, entry_version: 1, name, seq, time, previous: head };
      if (!(await createFileOnce(this.#path(name, seq), canonicalJson(entry)))) continue;
      return { history: this.#refresh(name).history, plan };
    }
  }

  #path(name: string, seq: number): string {
    return join(this.pathOf(name), `${String(seq).padStart(6, '0')}.json`);
  }

  #refresh(name: string): Known {
    const key = name.toLowerCase();
    let known = this.#known.get(key) ?? null;
    for (let isGap = false; ;) {
      const seq = (known?.count ?? 0) + 1;
      const path = this.#path(key, seq);
      const bytes = ifPresent(() => readFileSync(path));
      if (bytes !== null) {
        const expected = { seq, previous: known?.head ?? FIRST_PREVIOUS, key };
        const entry = parseEntry(path, bytes, expected);
        known ??= { history: new History(entry.name), count: 0, head: FIRST_PREVIOUS };
        known.history.apply(entry);
        known.count = seq;
        known.head = sha256(bytes);
        this.#known.set(key, known);
        isGap = false;
        continue;
      }
      if (isGap) throw brokenError(path, 'is missing');
      if (this.#lastSeq(key) < seq)
        return known ?? { history: new History(name), count: 0, head: FIRST_PREVIOUS };
      // Entries may have come since; one that is still not there, although later ones are, is lost.
      isGap = true;
    }
  }

  /** The highest number of an entry's file; 0 if there is none. */
  #lastSeq(key: string): number {
    const files = ifPresent(() => readdirSync(this.pathOf(key))) ?? [];
    const seqs = files.map((file) => Number(ENTRY_FILE.exec(file)?.[1] ?? 0));
    return seqs.reduce((last, seq) => Math.max(last, seq), 0);
  }
}

/**
 * Reads an entry that follows another; `key` is the name of its folder.
 *
 * @throws {IntegrityError} `ARTIFACT_HISTORY_BROKEN` if it is damaged, belongs elsewhere or does not follow that one.
 */
export function parseEntry(
  path: string,
  bytes: Uint8Array,
  expected: { seq: number; previous: string; key: string },
): StoredEntry {
  let entry: StoredEntry;
  try {
    entry = entrySchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw brokenError(path, 'is damaged', cause);
  }
  if (entry.seq !== expected.seq || entry.name.toLowerCase() !== expected.key) {
    throw brokenError(path, 'belongs in another place');
  }
  if (entry.previous !== expected.previous)
    throw brokenError(path, 'does not follow the entry before it');
  return entry;
}

function brokenError(path: string, fault: string, cause?: unknown): IntegrityError {
  return new IntegrityError(`${path} ${fault}`, {
    code: 'ARTIFACT_HISTORY_BROKEN',
    remedy:
      'Restore that file from a copy of the store, or move its folder away to give the artifact up.',
    cause,
  });
}

function nameTakenError(name: string, taken: string): UsageError {
  return new UsageError(
    `Artifact name ${JSON.stringify(name)} differs from ${taken} only in case`,
    {
      code: 'ARTIFACT_NAME_TAKEN',
      remedy: `Write ${taken}, or choose a name that differs in more: some file systems cannot tell them apart.`,
    },
  );
}
