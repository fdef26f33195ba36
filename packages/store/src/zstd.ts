import { compress, decompress, init } from '@bokuweb/zstd-wasm';
import { sha256 } from '@pixelis/core';
import { PIECE_BYTES_MAX } from './layout';

const MAGIC = 0xfd2fb528;
/** Longest header of a frame: magic number, descriptor, window, dictionary, content size (RFC 8878, section 3.1.1). */
export const FRAME_HEADER_BYTES_MAX = 18;
/** Less than a sixteenth saved is not worth the time that each reading would take. */
const RATIO_MAX = 15 / 16;
const LEVEL = 3;
/** The first of the magic numbers of skippable frames, and the length of a SHA-256. */
const SEAL_HEADER = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 32, 0, 0, 0]);
const SEAL_BYTES = SEAL_HEADER.byteLength + 32;

let ready: Promise<void> | undefined;

function load(): Promise<void> {
  return (ready ??= init());
}

/**
 * A Zstandard frame (RFC 8878) with the bytes and its seal, see {@link sealed}; null if that would not be clearly shorter
 * than they are.
 */
export async function compressed(bytes: Uint8Array): Promise<Uint8Array | null> {
  if (bytes.byteLength === 0) return null;
  await load();
  const frame = sealed(compress(bytes, LEVEL));
  return frame.byteLength <= bytes.byteLength * RATIO_MAX ? frame : null;
}

/**
 * A frame with its own SHA-256 behind it, in a skippable frame (RFC 8878, section 3.1.2). Some bits of a frame can be
 * flipped without a change to what it gives; other programs skip the seal, and what they give is right all the same.
 */
export function sealed(frame: Uint8Array): Uint8Array {
  return Buffer.concat([frame, SEAL_HEADER, Buffer.from(sha256(frame), 'hex')]);
}

/** The bytes of a sealed frame; null if it is damaged, or longer, uncompressed, than a store's frames are. */
export async function decompressed(file: Uint8Array): Promise<Uint8Array | null> {
  const frame = file.subarray(0, Math.max(0, file.byteLength - SEAL_BYTES));
  const size = frameContentBytes(frame);
  if (size === null || Buffer.compare(sealed(frame), file) !== 0) return null;
  await load();
  try {
    const bytes = decompress(frame);
    return bytes.byteLength === size ? bytes : null;
  } catch {
    return null;
  }
}

/** How long a frame's content is by its header; null if the header is damaged, does not say it or says more than a store allows. */
export function frameContentBytes(header: Uint8Array): number | null {
  if (header.byteLength < 6) return null;
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (view.getUint32(0, true) !== MAGIC) return null;
  const descriptor = view.getUint8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  // No dictionaries: they would be one more thing that a reader needs.
  if ((descriptor & 3) !== 0 || (sizeFlag === 0 && !isSingleSegment)) return null;
  const offset = isSingleSegment ? 5 : 6;
  const length = [1, 2, 4, 8][sizeFlag] ?? 8;
  if (header.byteLength < offset + length) return null;
  const size = sizeField(view, offset, length);
  return size <= PIECE_BYTES_MAX ? size : null;
}

function sizeField(view: DataView, offset: number, length: number): number {
  if (length === 1) return view.getUint8(offset);
  if (length === 2) return view.getUint16(offset, true) + 256;
  if (length === 4) return view.getUint32(offset, true);
  return Number(view.getBigUint64(offset, true));
}
