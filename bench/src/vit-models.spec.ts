import { stepOperations, VIT_MODELS } from './vit-models';
import { makeShards } from './vit-step';

describe('stepOperations()', () => {
  it('counts two operations for each multiplication and addition of three products of every layer', () => {
    const [d128] = VIT_MODELS;
    // 32 images of 4 blocks over 50 positions, and the embedding of 49 patches counted with the class token's place.
    const blocks = 4 * (50 * 12 * 128 * 128 + 2 * 50 * 50 * 128);
    expect(stepOperations(d128!)).toBe(6 * 32 * (blocks + 50 * 48 * 128));
  });
});

describe('makeShards()', () => {
  it.each([1, 3, 8])('cuts a batch into %i shards that hold each image once', (count) => {
    const [model] = VIT_MODELS;
    const shards = makeShards(model!, count);
    const labels = shards.flatMap((shard) => [...shard.labels]);
    expect(shards).toHaveLength(count);
    expect(labels).toEqual(Array.from({ length: 32 }, (_, image) => image % 10));
    const values = shards.map(({ patches }) => patches.length);
    expect(values.reduce((sum, length) => sum + length)).toBe(32 * 49 * 48);
  });
});
