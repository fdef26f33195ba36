import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { digestParts, type PartsDigest } from '@pixelis/core';
import { z } from 'zod';
import { isRecord } from '../runs/check-argument';
import { onDisk } from '../runs/disk';

const LENGTH_BYTES = 8;
const READ_BYTES_MAX = 1 << 30;

const offset = z.int().min(0);
const headerSchema = z.record(
  z.string(),
  z.looseObject({ data_offsets: z.tuple([offset, offset]) }),
);

/**
 * The digest of a safetensors file's tensors in the order of their names' UTF-8 bytes, as a chain holds it of the weights;
 * null if it is no such file. It holds one tensor in memory at a time.
 *
 * @throws {DataError} If the file cannot be read.
 */
export function digestWeights(path: string): PartsDigest | null {
  return onDisk(path, () => {
    const descriptor = openSync(path, 'r');
    try {
      const ranges = tensorRanges(descriptor);
      return ranges === null ? null : digestParts(tensors(descriptor, ranges));
    } finally {
      closeSync(descriptor);
    }
  });
}

type Range = readonly [begin: number, end: number];

function* tensors(descriptor: number, ranges: readonly Range[]): Generator<Buffer> {
  for (const range of ranges) yield readRange(descriptor, range);
}

/** Where the tensors lie in the file, by the bytes of their names. */
function tensorRanges(descriptor: number): Range[] | null {
  const { size } = fstatSync(descriptor);
  if (size < LENGTH_BYTES) return null;
  const start = LENGTH_BYTES + Number(readRange(descriptor, [0, LENGTH_BYTES]).readBigUInt64LE());
  if (start > size) return null;
  const header = parseHeader(readRange(descriptor, [LENGTH_BYTES, start]));
  if (header === null) return null;
  const ranges = Object.entries(header)
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(
      ([
        ,
        {
          data_offsets: [begin, end],
        },
      ]): Range => [start + begin, start + end],
    );
  return ranges.every(([begin, end]) => begin <= end && end <= size) ? ranges : null;
}

function parseHeader(bytes: Buffer): z.infer<typeof headerSchema> | null {
  try {
    const header: unknown = JSON.parse(bytes.toString('utf8'));
    if (isRecord(header)) Reflect.deleteProperty(header, '__metadata__');
    return headerSchema.parse(header);
  } catch {
    return null;
  }
}

function readRange(descriptor: number, [begin, end]: Range): Buffer {
  const bytes = Buffer.alloc(end - begin);
  for (let done = 0; done < bytes.length;) {
    const length = Math.min(bytes.length - done, READ_BYTES_MAX);
    const count = readSync(descriptor, bytes, done, length, begin + done);
    if (count === 0) break;
    done += count;
  }
  return bytes;
}
