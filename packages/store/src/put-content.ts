import { sha256 } from '@pixelis/core';
import { serialiseChunkList } from './chunk-list';
import { ChunkQueue } from './chunk-queue';
import { ContentDigest } from './content-digest';
import { ContentDefinedCutter, type Cutter } from './content-defined-cutter';
import { writeSlices } from './disk';
import { type Layout, PIECE_BYTES } from './layout';
import type { PieceStore } from './piece-store';
import { TensorCutter, tensorChunkEnds } from './tensor-cutter';
import type { ContentReference } from './types';

/** What {@link putContent} works with. */
export interface PutContext {
  readonly layout: Layout;
  readonly pieces: PieceStore;
  /** Whether long contents are cut. */
  readonly isChunking: boolean;
  /** Whether a content is there whole; what is found is made young. */
  readonly refresh: (content: ContentReference) => Promise<string | null>;
}

/**
 * Stores the content that slices make up. Resolves when all of it is on the disk itself.
 *
 * @throws {DataError} If the disk is full or cannot be written; the store is as it was, but for chunks that nobody needs.
 */
export async function putContent(
  slices: AsyncGenerator<Uint8Array>,
  context: PutContext,
): Promise<ContentReference> {
  try {
    const head = Buffer.allocUnsafeSlow(PIECE_BYTES);
    const { filled, rest } = await fill(head, slices);
    if (rest === null) return await putWhole(head.subarray(0, filled), context);
    const all = resumed([head, rest], slices);
    return await (context.isChunking ? putChunked(all, head, context) : putFile(all, context));
  } finally {
    await slices.return(undefined);
  }
}

/** Fills a buffer; `rest` is what did not fit of the last slice, or null if all did. */
async function fill(
  buffer: Uint8Array,
  slices: AsyncIterator<Uint8Array, void>,
): Promise<{ filled: number; rest: Uint8Array | null }> {
  for (let filled = 0; ;) {
    const step = await slices.next();
    if (step.done === true) return { filled, rest: null };
    const slice = step.value;
    const fitting = Math.min(buffer.byteLength - filled, slice.byteLength);
    buffer.set(slice.subarray(0, fitting), filled);
    filled += fitting;
    if (fitting < slice.byteLength) return { filled, rest: slice.subarray(fitting) };
  }
}

async function* resumed(
  before: readonly Uint8Array[],
  slices: AsyncIterator<Uint8Array, void>,
): AsyncGenerator<Uint8Array> {
  yield* before;
  for (;;) {
    const step = await slices.next();
    if (step.done === true) return;
    yield step.value;
  }
}

async function putWhole(bytes: Uint8Array, context: PutContext): Promise<ContentReference> {
  const content = { sha256: sha256(bytes), bytes: bytes.byteLength };
  const found = await context.refresh(content);
  if (found === null) await context.pieces.write({ area: 'blobs', sha256: content.sha256, bytes });
  await context.pieces.flush([
    found ?? context.layout.folderOf({ area: 'blobs', sha256: content.sha256 }),
  ]);
  return content;
}

/** A long content that is not cut: one file, written while it is hashed. */
async function putFile(
  slices: AsyncIterable<Uint8Array>,
  { pieces, layout, refresh }: PutContext,
): Promise<ContentReference> {
  const draft = await pieces.draft();
  const digest = new ContentDigest();
  let content: ContentReference;
  let found: string | null;
  try {
    await writeSlices({ ...draft, isFlushedLater: true }, digest.of(slices));
    content = digest.reference();
    found = await refresh(content);
  } catch (error) {
    await pieces.discard(draft);
    throw error;
  }
  const file = { area: 'blobs', sha256: content.sha256, isCompressed: false } as const;
  if (found === null) await pieces.commit(draft, file);
  else await pieces.discard(draft);
  await pieces.flush([found ?? layout.folderOf(file)]);
  return content;
}

/** A long content as chunks and the list of them; the list comes last, when all chunks are on the disk itself. */
async function putChunked(
  slices: AsyncIterable<Uint8Array>,
  head: Uint8Array,
  { pieces, layout, refresh }: PutContext,
): Promise<ContentReference> {
  const ends = tensorChunkEnds(head);
  const cutter = ends === null ? new ContentDefinedCutter() : new TensorCutter(ends);
  const queue = new ChunkQueue(pieces);
  const content = await cut(slices, { cutter, queue });
  const chunks = await queue.finish();
  const folders = new Set(
    chunks.map((chunk) => layout.folderOf({ area: 'chunks', sha256: chunk.sha256 })),
  );
  await pieces.flush(folders);
  const found = await refresh(content);
  if (found === null) {
    const text = serialiseChunkList({ bytes: content.bytes, chunks });
    await pieces.write({ area: 'lists', sha256: content.sha256, bytes: Buffer.from(text) });
  }
  await pieces.flush([found ?? layout.folderOf({ area: 'lists', sha256: content.sha256 })]);
  return content;
}

async function cut(
  slices: AsyncIterable<Uint8Array>,
  { cutter, queue }: { cutter: Cutter; queue: ChunkQueue },
): Promise<ContentReference> {
  const digest = new ContentDigest();
  try {
    for await (const slice of digest.of(slices)) {
      for (let from = 0; from < slice.byteLength;) {
        const end = cutter.find(slice, from);
        queue.add(slice.subarray(from, end === -1 ? undefined : end));
        if (end === -1) break;
        from = end;
        await queue.close();
      }
    }
  } catch (error) {
    await queue.settle();
    throw error;
  }
  return digest.reference();
}
