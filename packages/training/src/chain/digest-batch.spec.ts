import { sha256 } from '@pixelis/core';
import { addBatch, NO_BATCHES } from './digest-batch';

const shard = {
  weights: Float32Array.of(0.5, -0),
  batch: 2,
  images: Uint8Array.of(1, 2, 3),
};

describe('addBatch()', () => {
  it('is the SHA-256 of the digest before, and each shard’s header and bytes by name', () => {
    const header = '{"batch":2,"images":"Uint8Array[3]","weights":"Float32Array[2]"}\n';
    const content = Buffer.concat([
      Buffer.from(NO_BATCHES + header),
      Buffer.of(1, 2, 3, 0, 0, 0, 0x3f, 0, 0, 0, 0x80),
    ]);

    expect(addBatch(NO_BATCHES, [shard])).toBe(sha256(content));
    expect(addBatch(NO_BATCHES, [])).toBe(sha256(NO_BATCHES));
  });

  it('does not depend on the order of names, nor on where an array lies in its buffer', () => {
    const images = Uint8Array.of(9, 1, 2, 3, 9).subarray(1, 4);
    const other = { images, weights: Float32Array.of(0.5, -0), batch: 2 };

    expect(addBatch(NO_BATCHES, [other])).toBe(addBatch(NO_BATCHES, [shard]));
  });

  it.each([
    ['a bit', [{ ...shard, images: Uint8Array.of(1, 2, 2) }]],
    ['the sign of a zero', [{ ...shard, weights: Float32Array.of(0.5, 0) }]],
    ['a type', [{ ...shard, images: Int8Array.of(1, 2, 3) }]],
    ['a length', [{ ...shard, images: Uint8Array.of(1, 2) }]],
    ['a number', [{ ...shard, batch: 3 }]],
    ['a name', [{ weights: shard.weights, batch: 2, pictures: shard.images }]],
    ['the number of shards', [shard, shard]],
  ])('changes with %s', (_, shards) => {
    expect(addBatch(NO_BATCHES, shards)).not.toBe(addBatch(NO_BATCHES, [shard]));
  });

  it('changes with the order of batches', () => {
    const other = { ...shard, batch: 3 };
    const row = (...shards: object[]) =>
      shards.reduce<string>((digest, next) => addBatch(digest, [next]), NO_BATCHES);

    expect(row(shard, other)).not.toBe(row(other, shard));
  });

  it.each([[[1, 2]], [null], [undefined], [new DataView(new ArrayBuffer(1))], [{}]])(
    'refuses a member that is %p',
    (value) => {
      expect(() => addBatch(NO_BATCHES, [{ value }])).toThrow(TypeError);
    },
  );
});
