import { IntegrityError, sha256 } from '@pixelis/core';
import { z } from 'zod';
import { readAll } from '../objects/object-store';
import { inParallel } from './settle-each';
import {
  type Content,
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

const digestSchema = z.string().regex(/^[0-9a-f]{64}$/);

/** As much of an entry as a transfer must know. */
const entrySchema = z.object({
  seq: z.int().min(1),
  previous: digestSchema,
  version: z.object({ version: z.string(), digest: digestSchema }).optional(),
  versions: z.array(z.string()).optional(),
});

const treeSchema = z.object({
  files: z.array(z.object({ sha256: digestSchema, bytes: z.int().min(0) })),
});

/** An entry of the history of an artifact, as it is stored. */
interface Entry {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly hash: string;
  readonly facts: z.infer<typeof entrySchema>;
}

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
 * Brings one artifact from one end to the other: first the contents of all versions that were not removed, then the entries of
 * its history in their order. So an end never has an entry whose content it lacks.
 *
 * @returns Whether anything was missing.
 * @throws {IntegrityError} `ARTIFACT_DIVERGED` if both ends went on by themselves, `ARTIFACT_HISTORY_BROKEN` if an entry does not
 * follow the one before, and what the contents throw.
 */
export async function transferArtifact(
  { from, to, name }: { from: TransferEnd; to: TransferEnd; name: string },
  { keys, present }: { keys: readonly string[]; present: readonly string[] },
  count: TransferCount,
): Promise<boolean> {
  const entries: Entry[] = [];
  for (const key of keys) entries.push(await readEntry(from, key, entries.at(-1)));
  const common = entries[Math.min(entries.length, present.length) - 1];
  if (common !== undefined && (await readBytes(to, common.key)).hash !== common.hash) {
    throw divergedError(name, { from, to });
  }
  const missing = entries.slice(present.length);
  if (missing.length === 0) return false;
  await transferVersions({ from, to }, entries, count);
  for (const { key, bytes, hash } of missing) {
    const isNew = await to.documents.put(`${to.prefix}${key}`, bytes, { ifAbsent: true });
    if (!isNew && (await readBytes(to, key)).hash !== hash) throw divergedError(name, { from, to });
  }
  return true;
}

async function transferVersions(
  { from, to }: { from: TransferEnd; to: TransferEnd },
  entries: readonly Entry[],
  count: TransferCount,
): Promise<void> {
  const removed = new Set(entries.flatMap(({ facts }) => facts.versions ?? []));
  const digests = entries.flatMap(({ facts: { version } }) => {
    return version === undefined || removed.has(version.version) ? [] : [version.digest];
  });
  for (const digest of new Set(digests)) {
    const tree = await readTree(from, digest);
    const files = new Map(tree.files.map((file) => [file.sha256, file]));
    await inParallel([...files.values()], WIDTH, (file) => {
      return transferContent({ to, source: contentSource(from, file) }, count);
    });
    const own = { sha256: digest, bytes: tree.bytes.byteLength };
    const source = { ...own, open: () => once(tree.bytes) };
    await transferContent({ to, source }, count);
  }
}

async function readTree(
  from: TransferEnd,
  digest: string,
): Promise<{ bytes: Uint8Array; files: Content[] }> {
  const pieces: Uint8Array[] = [];
  let total = 0;
  for await (const piece of from.readContent({ sha256: digest, bytes: Infinity })) {
    pieces.push(piece);
    total += piece.byteLength;
    if (total > TREE_BYTES_MAX) break;
  }
  const bytes = Buffer.concat(pieces);
  try {
    return { bytes, files: treeSchema.parse(JSON.parse(bytes.toString('utf8'))).files };
  } catch (cause) {
    throw new IntegrityError(`Content ${digest} does not name the files of an artifact`, {
      code: 'ARTIFACT_TREE_BROKEN',
      remedy: 'Verify the store that it comes from.',
      cause,
    });
  }
}

async function readEntry(
  from: TransferEnd,
  key: string,
  before: Entry | undefined,
): Promise<Entry> {
  const { bytes, hash } = await readBytes(from, key);
  try {
    const facts = entrySchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    const isNext = facts.seq === (before?.facts.seq ?? 0) + 1 && facts.seq === numberOf(key);
    if (isNext && facts.previous === (before?.hash ?? '0'.repeat(64))) {
      return { key, bytes, hash, facts };
    }
    throw new TypeError('it does not follow the entry before');
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

function divergedError(
  name: string,
  { from, to }: { from: TransferEnd; to: TransferEnd },
): IntegrityError {
  return new IntegrityError(
    `The history of ${name} in ${from.address} is not that in ${to.address}: both went on by themselves`,
    {
      code: 'ARTIFACT_DIVERGED',
      remedy: 'Put the versions of one side under another name; histories are never merged.',
    },
  );
}
