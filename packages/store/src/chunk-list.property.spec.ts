import fc from 'fast-check';
import { parseChunkList, serialiseChunkList } from './chunk-list';
import { PIECE_BYTES_MAX } from './layout';

const A = 'ab'.repeat(32);
const chunk = fc.record({
  bytes: fc.integer({ min: 1, max: PIECE_BYTES_MAX }),
  sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
});
const list = fc
  .array(chunk, { maxLength: 5 })
  .map((chunks) => ({ bytes: chunks.reduce((sum, { bytes }) => sum + bytes, 0), chunks }));

describe('parseChunkList()', () => {
  it('is the inverse of serialiseChunkList()', () => {
    fc.assert(
      fc.property(list, (value) =>
        expect(parseChunkList(serialiseChunkList(value))).toMatchObject(value),
      ),
    );
  });

  it('gives null, or another list, when any bit is flipped', () => {
    fc.assert(
      fc.property(list, fc.nat(), fc.nat(7), (value, position, bit) => {
        const bytes = Buffer.from(serialiseChunkList(value));
        bytes[position % bytes.byteLength]! ^= 1 << bit;
        expect(parseChunkList(bytes.toString())).not.toEqual({ ...value, list_version: 1 });
      }),
    );
  });

  it.each([
    ['no JSON', '{'],
    ['another version', `{"bytes":0,"chunks":[],"list_version":2}`],
    ['white space', `{"bytes":0, "chunks":[],"list_version":1}`],
    ['another key', `{"bytes":0,"chunks":[],"list_version":1,"x":1}`],
    ['a wrong sum', `{"bytes":5,"chunks":[{"bytes":4,"sha256":"${A}"}],"list_version":1}`],
    ['an empty chunk', `{"bytes":0,"chunks":[{"bytes":0,"sha256":"${A}"}],"list_version":1}`],
    [
      'a path for an address',
      `{"bytes":4,"chunks":[{"bytes":4,"sha256":"../${A}"}],"list_version":1}`,
    ],
    ['too long a chunk', `{"bytes":1e9,"chunks":[{"bytes":1e9,"sha256":"${A}"}],"list_version":1}`],
  ])('gives null for %s', (_, text) => {
    expect(parseChunkList(text)).toBeNull();
  });
});
