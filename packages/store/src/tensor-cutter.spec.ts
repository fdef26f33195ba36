import fc from 'fast-check';
import { safetensors } from '../test/sample-bytes';
import { PIECE_BYTES } from './layout';
import { TensorCutter, tensorChunkEnds } from './tensor-cutter';

const MIB = 1 << 20;

describe('tensorChunkEnds()', () => {
  it('gives the header, each long tensor and each group of short ones a chunk', () => {
    const file = safetensors({
      a: new Uint8Array(100),
      b: new Uint8Array(200),
      c: new Uint8Array(MIB),
      d: new Uint8Array(300),
      e: new Uint8Array(9 * MIB),
    });
    const header = file.byteLength - 10 * MIB - 600;
    expect(tensorChunkEnds(file)).toEqual([
      header,
      header + 300,
      header + 300 + MIB,
      header + 600 + MIB,
      header + 600 + 3 * MIB,
      header + 600 + 5 * MIB,
      header + 600 + 7 * MIB,
      header + 600 + 10 * MIB,
    ]);
  });

  it('ends a group of short tensors once it is a mebibyte long', () => {
    const short = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`t${index}`, new Uint8Array(100_000)]),
    );
    const file = safetensors(short);
    const header = file.byteLength - 3_000_000;
    expect(tensorChunkEnds(file)).toEqual(
      [0, 1_100_000, 2_200_000, 3_000_000].map((end) => header + end),
    );
  });

  it('gives ascending ends, no chunk too long, the last one the end of the file', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 6 * MIB }), { maxLength: 12 });
    fc.assert(
      fc.property(sizes, (lengths) => {
        const { header, bytes } = headerOf(lengths);
        const ends = tensorChunkEnds(header) ?? [];
        let last = 0;
        for (const end of ends) {
          expect(end - last).toBeGreaterThan(0);
          expect(end - last).toBeLessThanOrEqual(PIECE_BYTES);
          last = end;
        }
        expect(last).toBe(header.byteLength + bytes);
      }),
    );
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a text', Buffer.from('{"a": 1}, and so on for a while')],
    ['a header longer than the content', withLength(1 << 30, '{}')],
    ['a length beyond all bounds', Buffer.concat([Buffer.alloc(8, 255), Buffer.from('{}')])],
    ['a header that is no JSON', withLength(5, '{"a":')],
    ['a header that is a list', withLength(2, '[]')],
    ['offsets that are no numbers', withLength(29, '{"a":{"data_offsets":[0,"1"]}}')],
    ['negative offsets', safetensorsHeader([0, -1])],
    ['fractional offsets', safetensorsHeader([0, 0.5])],
    ['offsets beyond what a number can hold', safetensorsHeader([0, 1e300])],
  ])('gives null for %s', (_, head) => {
    expect(tensorChunkEnds(head)).toBeNull();
  });

  it('passes over the metadata', () => {
    const head = withLength(43, '{"__metadata__":{"format":"pt","data":"x"}}');
    expect(tensorChunkEnds(head)).toEqual([51]);
  });
});

describe('TensorCutter', () => {
  it('cuts at the ends, however the bytes come by', () => {
    const ends = [10, 25, 26, 60];
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sizes) => {
        expect(cutsOf(new TensorCutter(ends), { bytes: 60, sizes })).toEqual(ends);
      }),
    );
  });

  it('cuts what a damaged file has behind its last tensor by length', () => {
    const cuts = cutsOf(new TensorCutter([10]), { bytes: 10 + 9 * MIB, sizes: [MIB] });
    expect(cuts).toEqual([10, 10 + 4 * MIB, 10 + 8 * MIB]);
  });

  it('cuts no chunk where a damaged file ends before its last tensor', () => {
    expect(cutsOf(new TensorCutter([10, 100]), { bytes: 50, sizes: [7] })).toEqual([10]);
  });
});

// Helpers

function withLength(length: number, header: string): Buffer {
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(length));
  return Buffer.concat([prefix, Buffer.from(header)]);
}

function safetensorsHeader(offsets: readonly number[]): Buffer {
  const header = JSON.stringify({ a: { dtype: 'U8', shape: [1], data_offsets: offsets } });
  return withLength(header.length, header);
}

function headerOf(lengths: readonly number[]): { header: Buffer; bytes: number } {
  let offset = 0;
  const tensors = lengths.map((length, index) => {
    const start = offset;
    offset += length;
    return [`t${index}`, { dtype: 'U8', shape: [length], data_offsets: [start, offset] }];
  });
  const header = JSON.stringify(Object.fromEntries(tensors));
  return { header: withLength(header.length, header), bytes: offset };
}

function cutsOf(
  cutter: TensorCutter,
  { bytes, sizes }: { bytes: number; sizes: readonly number[] },
): number[] {
  const cuts: number[] = [];
  for (let start = 0, turn = 0; start < bytes; turn++) {
    const slice = new Uint8Array(Math.min(sizes[turn % sizes.length]!, bytes - start));
    for (let from = 0; from < slice.byteLength;) {
      const end = cutter.find(slice, from);
      if (end === -1) break;
      cuts.push(start + end);
      from = end;
    }
    start += slice.byteLength;
  }
  return cuts;
}
