import fc from 'fast-check';
import { normOf, sumOfShards } from '../../test/arena-definition';
import { ParameterArena } from './parameter-arena';

/** A gradient of each shard, all of one length, with zeros, infinities and NaN among the numbers. */
const shards = fc
  .integer({ min: 1, max: 1500 })
  .chain((size) =>
    fc.array(fc.float32Array({ minLength: size, maxLength: size }), { minLength: 1, maxLength: 9 }),
  );

describe('ParameterArena', () => {
  it('adds shards in their order, however they are cut and whichever thread adds them', () => {
    fc.assert(
      fc.property(
        shards,
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.nat({ max: 1500 }), { maxLength: 6 }),
        (gradients, threads, cuts) => {
          const size = gradients[0]!.length;
          const shared = ParameterArena.allocate({ size, threads });
          const arenas = Array.from({ length: threads }, (_, i) => new ParameterArena(shared, i));
          arenas[0]!.beginStep();
          for (const [index, gradient] of gradients.entries())
            arenas[index % threads]!.addShard(index, piecesOf(gradient, cuts));

          // NaN has many bit patterns, of which the processor chooses one.
          expect([...arenas[0]!.gradients]).toEqual([...sumOfShards(gradients)]);

          for (const arena of arenas) arena.average(gradients.length, 1);
          for (const arena of arenas) expect(arena.norm()).toBe(normOf(sumOfShards(gradients)));
        },
      ),
    );
  });
});

// Helpers

function piecesOf(gradient: Float32Array, cuts: readonly number[]): Float32Array[] {
  const bounds = [0, ...cuts.filter((cut) => cut <= gradient.length), gradient.length].sort(
    (a, b) => a - b,
  );
  return bounds.slice(1).map((end, index) => gradient.subarray(bounds[index], end));
}
