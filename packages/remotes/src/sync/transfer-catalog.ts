import { type ArtifactFile, parseEntry, parseTree, type StoredEntry } from '@pixelis/artifacts';
import { IntegrityError, sha256 } from '@pixelis/core';
import { readAll } from '../objects/object-store';
import { inParallel } from './settle-each';
import {
  contentSource,
  transferContent,
  type TransferCount,
  type TransferEnd,
} from './transfer-end';

/** How many contents are on the way at a time. */
const WIDTH = 4;

/** Largest tree that is read into memory: about a million files. */
const TREE_BYTES_MAX = 256 * 1024 * 1024;

const ENTRY_KEY = /^artifacts\/([a-z0-9][a-z0-9_.-]{0,199})\/(\d{6,})\.json$/;

/** An entry of the history of an artifact, as it is stored. */
interface Entry {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly hash: string;
  readonly facts: StoredEntry;
}

interface Ends {
  readonly from: TransferEnd;
  readonly to: TransferEnd;
}

/** The files of a version, and the content that names them. */
interface Tree {
  readonly bytes: Uint8Array;
  readonly files: readonly ArtifactFile[];
}

/** What a content is that another end may still have. */
const LOST = new Set(['CONTENT_MISSING', 'CONTENT_DAMAGED']);

/** The keys of the entries of all artifacts of an end, by the name of their folder, in order. */
export async function listEntries(end: TransferEnd): Promise<Map<string, string[]>> {
  const keys = new Map<string, string[]>();
  for await (const { key } of end.documents.list(`${end.prefix}artifacts/`)) {
    const own = key.slice(end.prefix.length);
    const name = ENTRY_KEY.exec(own)?.[1];
    if (name === undefined) continue;
    const ofName = keys.get(name);
    if (ofName === undefined) keys.set(name, [own]);
    else ofName.push(own);
  }
  for (const ofName of keys.values()) ofName.sort((a, b) => numberOf(a) - numberOf(b));
  return keys;
}

/**
 * Brings one artifact from one end to the other: first the contents of all versions that were not removed at either end, then
 * the entries of its history in their order. So an end never has an entry whose content it lacks; what it lost since comes back.
 *
 * @returns Whether anything was missing, be it a content or an entry.
 * @throws {IntegrityError} `ARTIFACT_DIVERGED` if both ends went on by themselves, `ARTIFACT_HISTORY_BROKEN` if an entry does not
 * follow the one before, and what the contents throw.
 */
export async function transferArtifact(
  { from, to, name }: Ends & { name: string },
  { keys, present }: { keys: readonly string[]; present: readonly string[] },
  count: TransferCount,
): Promise<boolean> {
  const entries: Entry[] = [];
  for (const key of keys) entries.push(await readEntry(from, { key, name }, entries.at(-1)));
  const common = entries[Math.min(entries.length, present.length) - 1];
  if (common !== undefined && (await readBytes(to, common.key)).hash !== common.hash) {
    throw divergedError(name, { from, to });
  }
  // What went on at the other end alone may have removed versions there.
  const further: Entry[] = [];
  for (const key of present.slice(entries.length)) {
    further.push(await readEntry(to, { key, name }, further.at(-1) ?? entries.at(-1)));
  }
  const isContentSent = await transferVersions({ from, to }, { entries, further }, count);
  const missing = entries.slice(present.length);
  for (const { key, bytes, hash } of missing) {
    const isNew = await to.documents.put(`${to.prefix}${key}`, bytes, { ifAbsent: true });
    if (!isNew && (await readBytes(to, key)).hash !== hash) throw divergedError(name, { from, to });
  }
  return isContentSent || missing.length > 0;
}

/** @returns Whether any content was missing. */
async function transferVersions(
  { from, to }: Ends,
  { entries, further }: { entries: readonly Entry[]; further: readonly Entry[] },
  count: TransferCount,
): Promise<boolean> {
  const sentBefore = count.contents;
  const removed = new Set(
    [...entries, ...further].flatMap(({ facts }) =>
      facts.kind === 'removed' ? facts.versions : [],
    ),
  );
  const digests = entries.flatMap(({ facts }) => {
    if (facts.kind !== 'version' || removed.has(facts.version.version)) return [];
    return [facts.version.digest];
  });
  const done = new Set<string>();
  for (const digest of new Set(digests)) {
    const tree = await readNearestTree({ from, to }, digest);
    const files = new Map(
      tree.files.filter((file) => !done.has(file.sha256)).map((file) => [file.sha256, file]),
    );
    for (const address of files.keys()) done.add(address);
    await inParallel([...files.values()], WIDTH, (file) => {
      return transferContent({ to, source: contentSource(from, file) }, count);
    });
    const own = { sha256: digest, bytes: tree.bytes.byteLength };
    const source = { ...own, open: () => once(tree.bytes) };
    await transferContent({ to, source }, count);
  }
  return count.contents > sentBefore;
}

/** A tree, from the folder if that has it: nothing is asked of a store for what is here. */
async function readNearestTree({ from, to }: Ends, digest: string): Promise<Tree> {
  if (!to.isFolder) return readTree(from, digest);
  try {
    return await readTree(to, digest);
  } catch (error) {
    if (error instanceof IntegrityError && LOST.has(error.code)) return readTree(from, digest);
    throw error;
  }
}

async function readTree(from: TransferEnd, digest: string): Promise<Tree> {
  const pieces: Uint8Array[] = [];
  let total = 0;
  for await (const piece of from.readContent({ sha256: digest, bytes: Infinity })) {
    pieces.push(piece);
    total += piece.byteLength;
    if (total > TREE_BYTES_MAX) break;
  }
  const bytes = Buffer.concat(pieces);
  return { bytes, files: parseTree(digest, bytes) };
}

async function readEntry(
  from: TransferEnd,
  { key, name }: { key: string; name: string },
  before: Entry | undefined,
): Promise<Entry> {
  const { bytes, hash } = await readBytes(from, key);
  const seq = (before?.facts.seq ?? 0) + 1;
  try {
    const previous = before?.hash ?? '0'.repeat(64);
    const facts = parseEntry(key, bytes, { seq, previous, key: name });
    if (seq === numberOf(key)) return { key, bytes, hash, facts };
    throw new TypeError(`its number is ${seq}`);
  } catch (cause) {
    throw new IntegrityError(`${key} of ${from.address} is damaged or out of order`, {
      code: 'ARTIFACT_HISTORY_BROKEN',
      remedy: 'Verify the artifacts of that place; restore the entry from a copy.',
      cause,
    });
  }
}

async function readBytes(
  end: TransferEnd,
  key: string,
): Promise<{ bytes: Uint8Array; hash: string }> {
  const pieces = await end.documents.get(`${end.prefix}${key}`);
  if (pieces === null) return { bytes: new Uint8Array(), hash: '' };
  const bytes = await readAll(pieces);
  return { bytes, hash: sha256(bytes) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

function numberOf(key: string): number {
  return Number(ENTRY_KEY.exec(key)?.[2] ?? 0);
}

function divergedError(name: string, { from, to }: Ends): IntegrityError {
  return new IntegrityError(
    `The history of ${name} in ${from.address} is not that in ${to.address}: both went on by themselves`,
    {
      code: 'ARTIFACT_DIVERGED',
      remedy: 'Put the versions of one side under another name; histories are never merged.',
    },
  );
}
