import { crc32 } from 'node:zlib';

/** `:W&B`, the magic number 0xBEE1 and version 0, little-endian. */
export const LOG_HEADER = Uint8Array.of(0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0x00);

const BLOCK_BYTES = 32_768;
/** CRC-32 of type and data, length of the data, type. */
const CHUNK_HEADER_BYTES = 7;

const FULL = 1;
const FIRST = 2;
const MIDDLE = 3;
const LAST = 4;

/** A part of a log that could not be read. */
export interface RecordLogProblem {
  /** Where it begins, in bytes from the start of the file. */
  readonly offset: number;
  readonly reason: string;
}

/** What a log holds. */
export interface RecordLogContent {
  readonly payloads: readonly Uint8Array[];
  /** Empty for an intact log. */
  readonly problems: readonly RecordLogProblem[];
}

/**
 * Frames payloads as W&B's transaction log does: after the file's header, blocks of 32 KiB as in LevelDB's log format, with the
 * CRC-32 of zlib (unmasked) over the type byte and the data. Gives the bytes of the file, piece by piece.
 */
export function* frameRecords(payloads: Iterable<Uint8Array>): Generator<Uint8Array> {
  yield LOG_HEADER;
  let offset = LOG_HEADER.byteLength;
  for (const payload of payloads) {
    let from = 0;
    let isBegun = false;
    for (let isEnded = false; !isEnded;) {
      const left = BLOCK_BYTES - (offset % BLOCK_BYTES);
      if (left < CHUNK_HEADER_BYTES) {
        yield new Uint8Array(left);
        offset += left;
        continue;
      }
      const data = payload.subarray(from, from + left - CHUNK_HEADER_BYTES);
      from += data.byteLength;
      isEnded = from === payload.byteLength;
      yield chunkHeader(chunkType(isBegun, isEnded), data);
      yield data;
      isBegun = true;
      offset += CHUNK_HEADER_BYTES + data.byteLength;
    }
  }
}

/**
 * Reads a log. After a damaged part it goes on at the next block, so that all records which the damage does not touch are found;
 * W&B's own reader gives up there.
 *
 * @throws {RangeError} If the bytes do not begin with the header of such a log.
 */
export function readRecordLog(bytes: Uint8Array): RecordLogContent {
  if (Buffer.compare(bytes.subarray(0, LOG_HEADER.byteLength), LOG_HEADER) !== 0) {
    throw new RangeError('Cannot read a W&B transaction log: its header is another one');
  }
  const payloads: Uint8Array[] = [];
  const problems: RecordLogProblem[] = [];
  let parts: Uint8Array[] | null = null;
  let offset = LOG_HEADER.byteLength;
  const fault = (at: number, reason: string): void => {
    problems.push({ offset: at, reason });
    parts = null;
  };
  while (offset < bytes.byteLength) {
    const blockEnd = offset - (offset % BLOCK_BYTES) + BLOCK_BYTES;
    if (blockEnd - offset < CHUNK_HEADER_BYTES) {
      offset = blockEnd;
      continue;
    }
    const at = offset;
    const chunk = readChunk(bytes.subarray(at, blockEnd));
    if (typeof chunk === 'string') {
      fault(at, chunk);
      offset = blockEnd;
      continue;
    }
    offset += CHUNK_HEADER_BYTES + chunk.data.byteLength;
    const begins = chunk.type === FULL || chunk.type === FIRST;
    if (begins && parts !== null) fault(at, 'the record before has no end');
    if (!begins && parts === null) {
      if (problems.length === 0) fault(at, 'a record has no beginning');
      continue;
    }
    parts = begins ? [chunk.data] : [...(parts ?? []), chunk.data];
    if (chunk.type === FULL || chunk.type === LAST) {
      payloads.push(Buffer.concat(parts));
      parts = null;
    }
  }
  if (parts !== null) fault(bytes.byteLength, 'the last record is cut off');
  return { payloads, problems };
}

/** A chunk at the start of what is left of a block; the reason if it is damaged. */
function readChunk(rest: Uint8Array): { type: number; data: Uint8Array } | string {
  if (rest.byteLength < CHUNK_HEADER_BYTES) return 'the file is cut off';
  const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
  const length = view.getUint16(4, true);
  const type = view.getUint8(6);
  if (length > rest.byteLength - CHUNK_HEADER_BYTES) return 'a length leaves the block or the file';
  const data = rest.subarray(CHUNK_HEADER_BYTES, CHUNK_HEADER_BYTES + length);
  if (view.getUint32(0, true) !== checksum(type, data)) return 'a checksum differs';
  return type < FULL || type > LAST ? 'a type is unknown' : { type, data };
}

function chunkType(isBegun: boolean, isEnded: boolean): number {
  if (isBegun) return isEnded ? LAST : MIDDLE;
  return isEnded ? FULL : FIRST;
}

function chunkHeader(type: number, data: Uint8Array): Uint8Array {
  const header = Buffer.alloc(CHUNK_HEADER_BYTES);
  header.writeUInt32LE(checksum(type, data), 0);
  header.writeUInt16LE(data.byteLength, 4);
  header.writeUInt8(type, 6);
  return header;
}

function checksum(type: number, data: Uint8Array): number {
  const ofType = crc32(Uint8Array.of(type));
  // zlib takes no bytes at all for a question about the initial value.
  return data.byteLength === 0 ? ofType : crc32(data, ofType);
}
