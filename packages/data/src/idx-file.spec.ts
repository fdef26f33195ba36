import { DataError } from '@pixelis/core';
import { parseIdx } from './idx-file';

// Two images of 2×3.
const BYTES = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, ...Array(12).keys());

describe('parseIdx()', () => {
  it('gives shape and elements without copying', () => {
    const { shape, data } = parseIdx(BYTES, 'x');
    expect(shape).toEqual([2, 2, 3]);
    expect([...data]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(data.buffer).toBe(BYTES.buffer);
  });

  it('reads sizes big-endian', () => {
    const bytes = new Uint8Array(8 + 258);
    bytes.set([0, 0, 8, 1, 0, 0, 1, 2]);
    expect(parseIdx(bytes, 'x').shape).toEqual([258]);
  });

  it('reads a view that does not begin at its buffer', () => {
    const bytes = new Uint8Array(BYTES.length + 5);
    bytes.set(BYTES, 5);
    expect(parseIdx(bytes.subarray(5), 'x').shape).toEqual([2, 2, 3]);
  });

  it('refuses every truncation, and bytes too many, naming the file', () => {
    for (let length = 0; length < BYTES.length; length++) {
      expect(() => parseIdx(BYTES.slice(0, length), 'some-file')).toThrow(DataError);
    }
    expect(() => parseIdx(Uint8Array.of(...BYTES, 0), 'some-file')).toThrow(
      'Cannot read "some-file" as IDX: it must hold 28 bytes for [2, 2, 3]: found 29',
    );
  });

  it.each([
    ['a wrong magic', [1, 0, 8, 1, 0, 0, 0, 0]],
    ['another element type', [0, 0, 13, 1, 0, 0, 0, 0]],
    ['no dimensions', [0, 0, 8, 0]],
  ])('refuses %s', (_, bytes) => {
    expect(() => parseIdx(Uint8Array.from(bytes), 'f')).toThrow('it must begin with 00 00 08');
  });
});
