import { createHash } from 'node:crypto';
import { getReproducibleDataLoaderOptions } from '@pixelis/reproducibility';
import fc from 'fast-check';
import { DataLoader, type DataLoaderOptions, type LoadedBatch } from './data-loader';
import { digitsReasoning } from './digits-reasoning-dataset';
import type { ReasoningBatch } from './reasoning-batch';
import type { Level } from './scene';

type Batch = LoadedBatch<ReasoningBatch>;

const settings = fc.record({
  seed: fc.maxSafeNat(),
  batchSize: fc.integer({ min: 4, max: 9 }),
  shards: fc.integer({ min: 1, max: 4 }),
  levels: fc.constantFrom<Partial<Record<Level, number>>>(
    { simple: 1 },
    { simple: 0.3, medium: 0.7 },
    { hard: 1 },
  ),
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

  it('goes on after a resume at any batch, and across the end of an epoch, as if it had not stopped', async () => {
    // The 10,000 test digits make epochs of 3 batches.
    const options = { seed: 7, batchSize: 3000, shards: 2, levels: { simple: 1 } };
    const whole = loaderOf(options);
    const states = [];
    const hashes: string[] = [];
    for (let batch = 0; batch < 5; batch++) {
      states.push(whole.state());
      hashes.push(hashOf(await whole.next()));
    }
    expect(states).toEqual([
      { epoch: 0, batch: 0 },
      { epoch: 0, batch: 1 },
      { epoch: 0, batch: 2 },
      { epoch: 1, batch: 0 },
      { epoch: 1, batch: 1 },
    ]);
    const resumed = loaderOf(options);
    for (const at of [3, 1]) {
      resumed.seek(states[at]!);
      for (const hash of hashes.slice(at, at + 2)) expect(hashOf(await resumed.next())).toBe(hash);
    }
  });

  function loaderOf({
    seed,
    levels,
    ...rest
  }: { seed: number; levels: Partial<Record<Level, number>> } & Omit<
    DataLoaderOptions,
    'generator'
  >) {
    const split = rest.batchSize > 1000 ? 'test' : 'train';
    return new DataLoader(digitsReasoning({ split, seed, levels }), {
      ...rest,
      ...getReproducibleDataLoaderOptions(seed),
    });
  }
});

function hashOf({ epoch, batch, shards }: Batch): string {
  const hash = createHash('sha256').update(`${epoch}/${batch}/${shards.length}`);
  for (const shard of shards) {
    for (const value of Object.values(shard)) {
      hash.update(ArrayBuffer.isView(value) ? value : String(value));
    }
  }
  return hash.digest('hex');
}
