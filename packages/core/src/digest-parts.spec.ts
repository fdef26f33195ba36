import { createHash } from 'node:crypto';
import { digestParts, PART_DIGITS } from './digest-parts';

describe('digestParts()', () => {
  it('is the SHA-256 of the digests of all parts, with the first digits of each', () => {
    const parts = [Float32Array.of(1, -0), new Uint8Array(), Uint8Array.of(7)];
    const digests = parts.map(({ buffer }) =>
      createHash('sha256').update(new Uint8Array(buffer)).digest(),
    );

    expect(digestParts(parts)).toEqual({
      digest: createHash('sha256').update(Buffer.concat(digests)).digest('hex'),
      parts: digests.map((digest) => digest.toString('hex').slice(0, PART_DIGITS)).join(''),
    });
  });

  it('tells parts from one another, and their order', () => {
    const [a, b] = [Uint8Array.of(1), Uint8Array.of(2)];
    const together = digestParts([Uint8Array.of(1, 2)]).digest;

    expect(
      new Set([digestParts([a, b]), digestParts([b, a])].map(({ digest }) => digest)).size,
    ).toBe(2);
    expect(digestParts([a, b]).digest).not.toBe(together);
    expect(digestParts([])).toMatchObject({ parts: '' });
  });

  it('takes a view without what lies around it', () => {
    const view = Uint8Array.of(9, 1, 2, 9).subarray(1, 3);

    expect(digestParts([view])).toEqual(digestParts([Uint8Array.of(1, 2)]));
  });
});
