import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '@pixelis/core';
import fc from 'fast-check';
import { makeWheel } from '../test/make-wheel';
import { unpackWheel } from './unpack-wheel';

let folder: string;
let wheel: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'libtensorflow-unpack-'));
  wheel = join(folder, 'a.whl');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('unpackWheel()', () => {
  it('gives back any bytes, whatever of them was there before', async () => {
    const contents = fc.array(
      fc.record({
        bytes: fc.uint8Array({ maxLength: 300 }),
        left: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      { minLength: 1, maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(contents, async (files) => {
        const out = mkdtempSync(join(folder, 'out-'));
        makeWheel(
          wheel,
          Object.fromEntries(files.map(({ bytes }, i) => [`f${i}`, { content: bytes }])),
        );
        for (const [i, { bytes, left }] of files.entries()) {
          const count = Math.floor(left * bytes.length);
          writeFileSync(
            join(out, `f${i}${count < bytes.length ? '.partial' : ''}`),
            bytes.subarray(0, count),
          );
        }
        const unpacked = await unpackWheel(wheel, { folder: out, isWanted: () => true, progress });
        for (const [i, { bytes }] of files.entries()) {
          expect(new Uint8Array(readFileSync(join(out, `f${i}`)))).toEqual(bytes);
          expect(unpacked[i]).toEqual({
            path: `f${i}`,
            bytes: bytes.length,
            sha256: sha256(bytes),
          });
        }
      }),
      { numRuns: 30 },
    );
  });
});

// Helpers

const progress = { say: () => undefined, advance: () => undefined };
