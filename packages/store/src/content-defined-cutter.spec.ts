import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@pixelis/core';
import fc from 'fast-check';
import { sampleBytes } from '../test/sample-bytes';
import { ContentDefinedCutter } from './content-defined-cutter';

/** What `tools/fixtures/store_chunks.py` computed. */
interface Fixture {
  readonly content_sha256: string;
  readonly chunk_bytes: readonly number[];
}

const MIB = 1 << 20;
const BYTES = sampleBytes(24 * MIB);

describe('ContentDefinedCutter', () => {
  it('cuts where an independent implementation of the format does', () => {
    const path = join(__dirname, '../fixtures/chunks.json');
    const fixture = JSON.parse(readFileSync(path, 'utf8')) as Fixture;
    expect(sha256(BYTES)).toBe(fixture.content_sha256);
    expect(lengthsOf(BYTES)).toEqual(fixture.chunk_bytes);
  });

  it('gives chunks of 512 KiB to 4 MiB, on average of more than 1 MiB', () => {
    const lengths = lengthsOf(BYTES);
    expect(lengths.reduce((sum, length) => sum + length)).toBe(BYTES.byteLength);
    expect(Math.min(...lengths.slice(0, -1))).toBeGreaterThan(MIB / 2);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(4 * MIB);
    expect(BYTES.byteLength / lengths.length).toBeGreaterThan(MIB);
  });

  it('cuts bytes that are all the same by length', () => {
    expect(lengthsOf(new Uint8Array(9 * MIB))).toEqual([4 * MIB, 4 * MIB, MIB]);
  });

  it('cuts at the same places however the bytes come by', () => {
    const bytes = BYTES.subarray(0, 6 * MIB);
    const expected = lengthsOf(bytes);
    const sizes = fc.array(fc.integer({ min: 1, max: 3 * MIB }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(sizes, (sliceSizes) => expect(lengthsOf(bytes, sliceSizes)).toEqual(expected)),
      { numRuns: 20 },
    );
  });

  it('finds all chunks again but those around an edit', () => {
    const edited = Buffer.concat([
      BYTES.subarray(0, 12 * MIB),
      Buffer.from('inserted'),
      BYTES.subarray(12 * MIB + 3),
    ]);
    const before = new Set(hashesOf(BYTES));
    expect(hashesOf(edited).filter((hash) => !before.has(hash)).length).toBeLessThanOrEqual(3);
  });
});

// Helpers

function lengthsOf(bytes: Uint8Array, sliceSizes: readonly number[] = [MIB]): number[] {
  const cutter = new ContentDefinedCutter();
  const lengths: number[] = [];
  let length = 0;
  for (let start = 0, turn = 0; start < bytes.byteLength; turn++) {
    const slice = bytes.subarray(start, start + sliceSizes[turn % sliceSizes.length]!);
    start += slice.byteLength;
    for (let from = 0; from < slice.byteLength;) {
      const end = cutter.find(slice, from);
      length += (end === -1 ? slice.byteLength : end) - from;
      if (end === -1) break;
      lengths.push(length);
      length = 0;
      from = end;
    }
  }
  return length > 0 ? [...lengths, length] : lengths;
}

function hashesOf(bytes: Uint8Array): string[] {
  let start = 0;
  return lengthsOf(bytes).map((length) => sha256(bytes.subarray(start, (start += length))));
}
