import type { FileHandle } from 'node:fs/promises';
import { explainSystemError } from '@pixelis/core';

/** How much of a content is looked at between two turns of the event loop. */
const SLICE_BYTES = 1024 * 1024;
const RING_SIZE = 4;

/** Options of {@link fileSlices}. */
export interface FileSlicesOptions {
  /** For messages. */
  path: string;
  /** Whether slices share memory: each is then overwritten when the third one after it is asked for. @default false */
  isReusing?: boolean;
}

/** The bytes of a file in slices of a mebibyte, the next one being read while the last is looked at. Closes the file. @throws {DataError} */
export async function* fileSlices(
  file: FileHandle,
  { path, isReusing = false }: FileSlicesOptions,
): AsyncGenerator<Uint8Array> {
  const ring: Buffer[] = [];
  const bufferOf = (count: number) => {
    if (!isReusing) return Buffer.allocUnsafeSlow(SLICE_BYTES);
    return (ring[count % RING_SIZE] ??= Buffer.allocUnsafeSlow(SLICE_BYTES));
  };
  try {
    let next = file.read(bufferOf(0), 0, SLICE_BYTES, null);
    for (let count = 1; ; count++) {
      const { bytesRead, buffer } = await next;
      if (bytesRead === 0) return;
      next = file.read(bufferOf(count), 0, SLICE_BYTES, null);
      // Awaited by the next turn, unless the caller has seen enough.
      next.catch(() => undefined);
      yield buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    throw explainSystemError(error, { action: 'read', path }) ?? error;
  } finally {
    await file.close();
  }
}

/** Copies of a caller's bytes, who may change them once they were given or the next were asked for. */
export async function* copiedSlices(
  content: Uint8Array | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) {
    yield* piecesOf(content);
    return;
  }
  for await (const piece of content) yield* piecesOf(piece);
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += SLICE_BYTES) {
    yield Uint8Array.prototype.slice.call(bytes, start, start + SLICE_BYTES);
  }
}
