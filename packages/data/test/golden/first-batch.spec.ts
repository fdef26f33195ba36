import { createHash } from 'node:crypto';
import { getReproducibleDataLoaderOptions } from '@pixelis/reproducibility';
import { DataLoader, digitsReasoning } from '../../src';

/**
 * The invariant: for one seed, the first batch of the default task holds the same bytes on every machine, operating
 * system and Node version, and a patch or minor release does not change it. A change here breaks every recorded run.
 */
describe('the first batch of seed 42', () => {
  it('never changes', async () => {
    const loader = new DataLoader(digitsReasoning({ seed: 42 }), {
      batchSize: 64,
      shards: 8,
      ...getReproducibleDataLoaderOptions(42),
    });
    const { shards } = await loader.next();
    const hash = createHash('sha256');
    for (const { images, tokens, patches, targets, weights, lengths } of shards) {
      for (const array of [images, tokens, patches, targets, weights, lengths]) hash.update(array);
    }
    expect(hash.digest('hex')).toBe(
      '37a8bcdbbdb8f1d8338af4afa6257dd52c49959b77d35f2ed4414d2311dadd5e',
    );
  });
});
