import { z } from 'zod';
import type { Cutter } from './content-defined-cutter';
import { PIECE_BYTES } from './layout';

/** Smaller tensors share a chunk. */
const BYTES_ALONE = PIECE_BYTES / 4;
const PART_BYTES = PIECE_BYTES / 2;

const offset = z.int().nonnegative();
const headerSchema = z.record(
  z.string(),
  z.looseObject({ data_offsets: z.tuple([offset, offset]).optional() }),
);

/** Cuts at offsets that are known beforehand. */
export class TensorCutter implements Cutter {
  readonly #ends: readonly number[];
  #next = 0;
  /** Offset in the content of the byte that is shown next. */
  #position = 0;

  /** @param ends Offsets in the content behind the last byte of each chunk, ascending. */
  constructor(ends: readonly number[]) {
    this.#ends = ends;
  }

  find(slice: Uint8Array, from: number): number {
    const left = slice.byteLength - from;
    // Bytes behind the last tensor, which a valid file does not have, are cut by length alone.
    const length = (this.#ends[this.#next] ?? this.#lastEnd() + PIECE_BYTES) - this.#position;
    if (length > left) {
      this.#position += left;
      return -1;
    }
    this.#position += length;
    this.#next += 1;
    return from + length;
  }

  #lastEnd(): number {
    const behind = this.#next - this.#ends.length;
    return (this.#ends.at(-1) ?? 0) + behind * PIECE_BYTES;
  }
}

/**
 * Where the chunks of a safetensors file end, if `head`, its first bytes, holds the whole header of one (format:
 * huggingface/safetensors, README, "Format"); null for any other content. The header is a chunk of its own, each tensor
 * from 1 MiB starts one, and smaller neighbours share one: a tensor that did not change is found again wherever it stands.
 */
export function tensorChunkEnds(head: Uint8Array): number[] | null {
  const ends = tensorEnds(head);
  if (ends === null) return null;
  const chunks: number[] = [];
  const [headerEnd = 0] = ends;
  cutTo(chunks, headerEnd);
  let previous = headerEnd;
  for (const end of ends) {
    if (end - previous >= BYTES_ALONE) {
      cutTo(chunks, previous);
      cutTo(chunks, end);
    } else if (end - (chunks.at(-1) ?? 0) >= BYTES_ALONE) {
      cutTo(chunks, end);
    }
    previous = end;
  }
  cutTo(chunks, previous);
  return chunks;
}

/** Adds a cut at `end`, and as many before it as keep every chunk within bounds and none of a long tensor's small. */
function cutTo(chunks: number[], end: number): void {
  let start = chunks.at(-1) ?? 0;
  while (end - start > PIECE_BYTES) chunks.push((start += PART_BYTES));
  if (end > start) chunks.push(end);
}

/** Offsets in the file of the header's end and of each tensor's, ascending. */
function tensorEnds(head: Uint8Array): number[] | null {
  if (head.byteLength < 8) return null;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const headerEnd = view.getUint32(0, true) + 8;
  if (view.getUint32(4, true) !== 0 || headerEnd > head.byteLength || head[8] !== 0x7b) return null;
  const header = parseHeader(head.subarray(8, headerEnd));
  if (header === null) return null;
  const ends = Object.values(header).flatMap(({ data_offsets: offsets }) =>
    offsets === undefined ? [] : [headerEnd + offsets[1]],
  );
  return [headerEnd, ...ends.sort((a, b) => a - b)];
}

function parseHeader(bytes: Uint8Array): z.infer<typeof headerSchema> | null {
  try {
    return headerSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    // Whatever only looks like a header is cut by its content.
    return null;
  }
}
