import { createHash } from 'node:crypto';
import { getReproducibleDataLoaderOptions } from '@pixelis/reproducibility';
import fc from 'fast-check';
import { DataLoader, type DataLoaderOptions, type LoadedBatch } from './data-loader';
import { digitsReasoning, type LevelWeights } from './digits-reasoning-dataset';
import { mnist } from './mnist-dataset';

const settings = fc.record({
  seed: fc.maxSafeNat(),
  batchSize: fc.integer({ min: 4, max: 9 }),
  shards: fc.integer({ min: 1, max: 4 }),
  levels: fc.constantFrom<LevelWeights>({ simple: 1 }, { simple: 0.3, medium: 0.7 }, { hard: 1 }),
});

describe('DataLoader', () => {
  it('gives the same batches with 0, 1, 2 and 4 workers, also after a change of options', async () => {
    await fc.assert(
      fc.asyncProperty(settings, fc.nat(3), async ({ seed, levels, ...rest }, changeAt) => {
        const read = async (numWorkers: number) => {
          const loader = loaderOf({ seed, levels, ...rest, numWorkers });
          const hashes: string[] = [];
          for (let batch = 0; batch < 5; batch++) {
            if (batch === changeAt) loader.reconfigure({ levels: { medium: 1, simple: 2 } });
            hashes.push(hashOf(await loader.next()));
          }
          await loader.close();
          return hashes;
        };
        const expected = await read(0);
        for (const numWorkers of [1, 2, 4]) expect(await read(numWorkers)).toEqual(expected);
        expect(new Set(expected).size).toBe(5);
      }),
      { numRuns: 3 },
    );
  });

  it('goes on from any batch, across the ends of epochs, as if it had not stopped', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.maxSafeNat(),
        fc.integer({ min: 1700, max: 10_000 }),
        fc.nat(5),
        async (seed, batchSize, at) => {
          const options = { batchSize, shards: 2, ...getReproducibleDataLoaderOptions(seed) };
          const whole = new DataLoader(mnist({ split: 'test' }), options);
          for (let batch = 0; batch < at; batch++) await whole.next();
          const state = whole.state();
          expect(state.epoch * whole.batchesPerEpoch + state.batch).toBe(at);
          const resumed = new DataLoader(mnist({ split: 'test' }), options);
          resumed.seek(state);
          for (let batch = 0; batch < 3; batch++) {
            expect(hashOf(await resumed.next())).toBe(hashOf(await whole.next()));
            expect(resumed.state()).toEqual(whole.state());
          }
        },
      ),
      { numRuns: 10 },
    );
  });

  it('goes on from a batch ahead of the present one and behind it, with workers', async () => {
    const options = { batchSize: 5, numWorkers: 2, ...getReproducibleDataLoaderOptions(1) };
    const loader = new DataLoader(mnist({ split: 'test' }), options);
    const hashes: string[] = [];
    for (let batch = 0; batch < 4; batch++) hashes.push(hashOf(await loader.next()));
    for (const batch of [3, 0, 2]) {
      loader.seek({ epoch: 0, batch });
      expect(hashOf(await loader.next())).toBe(hashes[batch]);
    }
    await loader.close();
  });
});

function loaderOf({
  seed,
  levels,
  ...rest
}: { seed: number; levels: LevelWeights } & Omit<DataLoaderOptions, 'generator'>) {
  const reference = digitsReasoning({ split: 'test', seed, levels });
  return new DataLoader(reference, { ...rest, ...getReproducibleDataLoaderOptions(seed) });
}

function hashOf({ epoch, batch, shards }: LoadedBatch<object>): string {
  const hash = createHash('sha256').update(`${epoch}/${batch}/${shards.length}`);
  for (const value of shards.flatMap((shard): unknown[] => Object.values(shard))) {
    if (ArrayBuffer.isView(value)) {
      hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    } else {
      hash.update(String(value));
    }
  }
  return hash.digest('hex');
}
