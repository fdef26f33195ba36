import * as fc from 'fast-check';
import { frameRecords, readRecordLog } from './record-log';

/** Sizes about the ends of blocks, where the framing changes. */
const payload = fc
  .oneof(
    fc.integer({ min: 0, max: 300 }),
    fc.integer({ min: 32_700, max: 32_800 }),
    fc.integer({ min: 65_500, max: 65_560 }),
  )
  .map((bytes) => Buffer.alloc(bytes, bytes % 251));

describe('readRecordLog', () => {
  it('reads back what frameRecords wrote, whatever the sizes', () => {
    fc.assert(
      fc.property(fc.array(payload, { maxLength: 8 }), (payloads) => {
        const { payloads: found, problems } = readRecordLog(framed(payloads));
        expect(problems).toEqual([]);
        expect(found).toHaveLength(payloads.length);
        expect(found.every((one, index) => payloads[index]!.equals(one))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('finds every record that a changed byte does not touch, and never a wrong one', () => {
    const payloads = Array.from({ length: 200 }, (_, index) => Buffer.alloc(1000, index));
    const bytes = framed(payloads);
    fc.assert(
      fc.property(fc.nat(bytes.byteLength - 8), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(bytes);
        damaged[at + 7]! ^= change;
        const { payloads: found, problems } = readRecordLog(damaged);
        expect(found.every((one) => payloads.some((own) => own.equals(one)))).toBe(true);
        // A block holds 33 such records, and those that leave it or enter it go with it.
        expect(found.length).toBeGreaterThanOrEqual(200 - 34);
        if (found.length < 200) expect(problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 100 },
    );
  });

  it('reads all whole records of a file that was cut off anywhere', () => {
    const payloads = Array.from({ length: 100 }, (_, index) => Buffer.alloc(900, index));
    const bytes = framed(payloads);
    fc.assert(
      fc.property(fc.integer({ min: 7, max: bytes.byteLength - 1 }), (length) => {
        const { payloads: found } = readRecordLog(bytes.subarray(0, length));
        expect(found.every((one, index) => payloads[index]!.equals(one))).toBe(true);
        expect(found.length).toBeGreaterThanOrEqual(Math.floor((length - 7) / 914) - 1);
      }),
      { numRuns: 100 },
    );
  });
});

describe('frameRecords', () => {
  it('never lets a chunk cross the end of a block', () => {
    fc.assert(
      fc.property(fc.array(payload, { minLength: 1, maxLength: 8 }), (payloads) => {
        const bytes = framed(payloads);
        for (let at = 7; at + 7 <= bytes.byteLength;) {
          const left = 32_768 - (at % 32_768);
          if (left < 7) at += left;
          else {
            const length = bytes.readUInt16LE(at + 4);
            expect(length + 7).toBeLessThanOrEqual(left);
            at += 7 + length;
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});

// Helpers

function framed(payloads: Iterable<Uint8Array>): Buffer {
  return Buffer.concat([...frameRecords(payloads)]);
}
