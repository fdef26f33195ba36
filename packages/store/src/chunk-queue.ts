import { webcrypto } from 'node:crypto';
import { DataError } from '@pixelis/core';
import { CHUNKS_MAX } from './chunk-list';
import { PIECE_BYTES } from './layout';
import type { PieceStore } from './piece-store';
import type { ContentReference } from './types';

/** How many chunks are hashed and written at a time; each holds a buffer of 4 MiB. */
const CHUNKS_IN_FLIGHT = 8;
/** Collects the bytes of chunks and hands whole chunks to the store, a few at a time, in bounded memory. */
export class ChunkQueue {
  readonly #pieces: PieceStore;
  readonly #chunks: ContentReference[] = [];
  readonly #waiting: { kept: Promise<ContentReference>; buffer: Uint8Array }[] = [];
  #buffer: Uint8Array = Buffer.allocUnsafeSlow(PIECE_BYTES);
  #filled = 0;

  constructor(pieces: PieceStore) {
    this.#pieces = pieces;
  }

  /** Adds bytes to the chunk that is open. */
  add(bytes: Uint8Array): void {
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.byteLength;
  }

  /** Ends the chunk that is open, if it holds anything. */
  async close(): Promise<void> {
    if (this.#filled === 0) return;
    if (this.#chunks.length + this.#waiting.length >= CHUNKS_MAX) {
      throw new DataError(`the content has more than ${CHUNKS_MAX} chunks`, {
        code: 'CONTENT_TOO_LONG',
        remedy: "put it in parts, or into a store that was opened with chunking: 'none'",
      });
    }
    const kept = this.#keep(this.#buffer.subarray(0, this.#filled));
    // Whoever waits for it sees the failure; until then it is not unhandled.
    kept.catch(() => undefined);
    this.#waiting.push({ kept, buffer: this.#buffer });
    this.#filled = 0;
    this.#buffer =
      this.#waiting.length < CHUNKS_IN_FLIGHT
        ? Buffer.allocUnsafeSlow(PIECE_BYTES)
        : await this.#oldest();
  }

  /** Ends the last chunk and gives all, in order. */
  async finish(): Promise<readonly ContentReference[]> {
    try {
      await this.close();
      while (this.#waiting.length > 0) await this.#oldest();
      return this.#chunks;
    } finally {
      await this.settle();
    }
  }

  /** Returns when nothing is being written any more. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#waiting.map(({ kept }) => kept));
  }

  /** Waits for the chunk that was added first and gives its buffer back. */
  async #oldest(): Promise<Uint8Array> {
    const first = this.#waiting.shift();
    if (first === undefined) return Buffer.allocUnsafeSlow(PIECE_BYTES);
    this.#chunks.push(await first.kept);
    return first.buffer;
  }

  async #keep(bytes: Uint8Array): Promise<ContentReference> {
    // Unlike a hash that is fed step by step, this runs beside the main thread.
    const digest = await webcrypto.subtle.digest('SHA-256', bytes);
    const chunk = { sha256: Buffer.from(digest).toString('hex'), bytes: bytes.byteLength };
    await this.#pieces.keep({ area: 'chunks', sha256: chunk.sha256, bytes });
    return chunk;
  }
}
