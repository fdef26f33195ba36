import { createHash } from 'node:crypto';
import { PIECE_BYTES } from './layout';

/** Decides where chunks end, as the bytes of a content come by. */
export interface Cutter {
  /**
   * Looks on from `slice[from]`, the byte after the last one that it was shown or cut behind.
   *
   * @returns Offset in `slice` behind the last byte of the chunk, or -1 if the chunk goes on behind the slice.
   */
  find(slice: Uint8Array, from: number): number;
}

const BYTES_MIN = PIECE_BYTES / 8;
const BYTES_NORMAL = PIECE_BYTES / 4;

/**
 * 256 random-looking numbers of 32 bits: the first four bytes, little-endian, of the SHA-256 of `pixelis gear <byte>`.
 * Part of what makes equal bytes give equal chunks, so never changed.
 */
const GEAR = Int32Array.from({ length: 256 }, (_, byte) =>
  createHash('sha256').update(`pixelis gear ${byte}`).digest().readInt32LE(0),
);
/** Before the normal length a cut needs 21 upper bits of the hash to be zero, behind it 19, so that lengths gather round it. */
const MASK_STRICT = -1 << (32 - 21);
const MASK_LOOSE = -1 << (32 - 19);

/**
 * Content-defined chunking by FastCDC with normalised lengths (Xia et al., "FastCDC: a Fast and Efficient
 * Content-Defined Chunking Approach for Data Deduplication", USENIX ATC 2016, algorithm 1): a chunk ends where the gear
 * hash of the bytes before says so, at least 512 KiB and at most 4 MiB behind its start, on average about 1.3 MiB. An
 * edit therefore changes the chunks around it only, wherever it moves the rest.
 */
export class ContentDefinedCutter implements Cutter {
  #length = 0;
  #hash = 0;

  find(slice: Uint8Array, from: number): number {
    const start = from - this.#length;
    const end = this.#scan(slice, {
      first: Math.max(from, start + BYTES_MIN),
      normal: start + BYTES_NORMAL,
      last: start + PIECE_BYTES,
    });
    if (end === -1) {
      this.#length += slice.byteLength - from;
    } else {
      this.#length = 0;
      this.#hash = 0;
    }
    return end;
  }

  #scan(
    slice: Uint8Array,
    { first, normal, last }: { first: number; normal: number; last: number },
  ): number {
    const size = slice.byteLength;
    const strictEnd = Math.min(normal, size);
    const looseEnd = Math.min(last, size);
    let hash = this.#hash;
    let index = first;
    for (; index < strictEnd; index++) {
      hash = ((hash << 1) + (GEAR[slice[index] ?? 0] ?? 0)) | 0;
      if ((hash & MASK_STRICT) === 0) return index + 1;
    }
    for (; index < looseEnd; index++) {
      hash = ((hash << 1) + (GEAR[slice[index] ?? 0] ?? 0)) | 0;
      if ((hash & MASK_LOOSE) === 0) return index + 1;
    }
    this.#hash = hash;
    return last <= size ? last : -1;
  }
}
