import { UsageError } from '@pixelis/core';
import fc from 'fast-check';
import { shardBlocks } from './shard-blocks';

const deals = fc
  .array(fc.nat(), { minLength: 1, maxLength: 40 })
  .chain((shards) => fc.tuple(fc.constant(shards), fc.integer({ min: 1, max: shards.length })));

describe('shardBlocks()', () => {
  it('deals all shards out in their order, to each rank as many or one more than to another', () => {
    fc.assert(
      fc.property(deals, ([shards, ranks]) => {
        const blocks = shardBlocks(shards, ranks);
        const lengths = blocks.map(({ length }) => length);

        expect(blocks).toHaveLength(ranks);
        expect(blocks.flat()).toEqual(shards);
        expect(Math.min(...lengths)).toBeGreaterThanOrEqual(1);
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('refuses more ranks than shards', () => {
    fc.assert(
      fc.property(deals, fc.integer({ min: 1, max: 9 }), ([shards], more) => {
        expect(() => shardBlocks(shards, shards.length + more)).toThrow(UsageError);
      }),
    );
  });
});
