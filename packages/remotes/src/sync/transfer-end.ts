import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { IntegrityError } from '@pixelis/core';
import { ContentStore } from '@pixelis/store';
import { FolderStore } from '../objects/folder-store';
import type { ObjectSource, ObjectStore } from '../objects/object-store';

/** Content by its address. */
export interface Content {
  readonly sha256: string;
  /** Infinite where it is not known. */
  readonly bytes: number;
}

/** One of the two places between which a catalog is transferred: an output folder, or an object store. */
export interface TransferEnd {
  /** As a message may show it. */
  readonly address: string;
  /** Whether it is the output folder, so that to read is quicker than to ask the other end. */
  readonly isFolder: boolean;
  /** Holds `artifacts/<name>/000001.json` and `log/<writer>.jsonl` below `prefix`. */
  readonly documents: ObjectStore;
  readonly prefix: string;
  /** Whether it is there; in a folder it then counts as put now, so that no collector takes it before it is referred to. */
  hasContent(content: Content): Promise<boolean>;
  /** @throws {IntegrityError} `CONTENT_MISSING`, or `CONTENT_DAMAGED` when the last piece has been read. */
  readContent(content: Content): AsyncIterable<Uint8Array>;
  /** @throws {IntegrityError} `CONTENT_DAMAGED` if what is read is not what the address says; nothing is then put. */
  putContent(source: ObjectSource): Promise<void>;
}

/** What a transfer has moved. */
export interface TransferCount {
  /** Contents that were sent, and their bytes. */
  contents: number;
  bytes: number;
  /** Contents that were there. */
  present: number;
}

/** The end at an output folder. */
export function folderEnd(root: string): TransferEnd {
  const store = ContentStore.open(join(root, 'store'));
  return {
    address: root,
    isFolder: true,
    documents: new FolderStore(join(root, 'store', 'v1')),
    prefix: '',
    hasContent: (content) => store.renew(content),
    readContent: ({ sha256 }) => store.read(sha256),
    putContent: async (source) => {
      await store.put(verified(source.open(), source));
    },
  };
}

/** The end at an object store: contents lie at `v1/contents/ab/<sha256>`, whole and as they are. */
export function storeEnd(store: ObjectStore): TransferEnd {
  return {
    address: store.address,
    isFolder: false,
    documents: store,
    prefix: 'v1/',
    hasContent: async (content) => (await store.head(contentKey(content)))?.bytes === content.bytes,
    readContent: (content) => readVerified(store, content),
    putContent: async (source) => {
      await store.put(contentKey(source), source);
    },
  };
}

/** Brings a content to an end that may have it already. */
export async function transferContent(
  { to, source }: { to: TransferEnd; source: ObjectSource },
  count: TransferCount,
): Promise<void> {
  if (await to.hasContent(source)) {
    count.present += 1;
    return;
  }
  await to.putContent(source);
  count.contents += 1;
  count.bytes += source.bytes;
}

/** A content of an end as a source. */
export function contentSource(from: TransferEnd, { sha256, bytes }: Content): ObjectSource {
  return { sha256, bytes, open: () => from.readContent({ sha256, bytes }) };
}

/** Passes pieces on and throws after the last, or the first too many, if they are not what the address says. */
export async function* verified(
  pieces: AsyncIterable<Uint8Array>,
  { sha256, bytes }: Content,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let left = bytes;
  for await (const piece of pieces) {
    left -= piece.byteLength;
    if (left < 0) break;
    hash.update(piece);
    yield piece;
  }
  if (left >= 0 && hash.digest('hex') === sha256) return;
  throw new IntegrityError(`Content ${sha256} is damaged: its SHA-256 differs from its address`, {
    code: 'CONTENT_DAMAGED',
    remedy: 'Delete that object, and push it again from a folder that still has the content.',
  });
}

async function* readVerified(store: ObjectStore, content: Content): AsyncGenerator<Uint8Array> {
  const pieces = await store.get(contentKey(content));
  if (pieces === null) {
    throw new IntegrityError(`${store.address} has no content ${content.sha256}`, {
      code: 'CONTENT_MISSING',
      remedy: 'Sync again, forced, from a folder that has the content.',
    });
  }
  yield* verified(pieces, content);
}

function contentKey({ sha256 }: Pick<Content, 'sha256'>): string {
  return `v1/contents/${sha256.slice(0, 2)}/${sha256}`;
}
