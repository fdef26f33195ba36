import { createStrategy } from '../src/strategies/create-strategy';
import type { Parameters, TrialResult } from '../src/strategies/strategy';
import type { SweepManifest } from '../src/folder/sweep-manifest';
import { runSweep } from '../src/run-sweep';
import { digestsBelow } from './support/digests-below';
import { useTemporaryFolder } from './support/temporary-folder';
import { DriverDeath } from './support/toy-launcher';
import { type ToySearch, toySweep } from './support/toy-sweep';

const fresh = useTemporaryFolder();

const RATES = { 'training.learning_rate': { distribution: 'uniform', low: 0.001, high: 1 } };

/** Of the two metrics the toy's loss falls with every step, so that by values alone the trials that were stopped first are the best. */
const GUIDED: ToySearch = {
  ...{ strategy: 'tpe', trials: 20, generation_size: 4, direction: 'max', steps: 4 },
  space: RATES,
  halving: { minimum_steps: 1, reduction_factor: 2 },
};

/** What the strategy proposes, told of the trials of earlier generations as `tell` says. */
function proposals(
  { search, seed, trials }: SweepManifest,
  { tell, hasPending = true }: { tell: (result: TrialResult) => TrialResult; hasPending?: boolean },
): Parameters[] {
  const strategy = createStrategy(search, { seed });
  const results = trials.map(({ trial, parameters, value, rungs }) =>
    tell({ trial, parameters, value, rung: Math.max(0, rungs.length - 1) }),
  );
  return trials.map(({ trial }) => {
    const first = trial - 1 - ((trial - 1) % strategy.generationSize);
    const earlier = results.slice(first, trial - 1).map(({ parameters }) => parameters);
    const pending = hasPending ? earlier : [];
    return strategy.propose({ trial, history: results.slice(0, first), pending });
  });
}

function asTheyAre(result: TrialResult): TrialResult {
  return result;
}

function withoutRung({ trial, parameters, value }: TrialResult): TrialResult {
  return { trial, parameters, value };
}

describe('a search that is guided by results', () => {
  it('runSweep() tells the strategy how far each trial came, and what is proposed beside it', async () => {
    const { manifest } = await runSweep(toySweep(fresh(), GUIDED));
    if (manifest === null) throw new Error('the sweep has no manifest');
    const proposed = manifest.trials.map(({ parameters }) => parameters);
    expect(proposed).toEqual(proposals(manifest, { tell: asTheyAre }));
    expect(proposed).not.toEqual(proposals(manifest, { tell: withoutRung }));
    expect(proposed).not.toEqual(proposals(manifest, { tell: asTheyAre, hasPending: false }));
  });

  it.each<[string, ToySearch]>([
    ['tpe', { strategy: 'tpe', trials: 4, generation_size: 2, space: RATES }],
    [
      'halving',
      {
        space: { 'training.seed': { values: [1, 2, 3, 4] } },
        halving: { minimum_steps: 2, reduction_factor: 2 },
      },
    ],
  ])(
    'runSweep() refuses another metric of an unfinished sweep by %s, and keeps its outcomes',
    async (_, search) => {
      const out = fresh();
      // In the second half, when some trials are decided.
      let steps = 0;
      const fate = () => ((steps += 1) > 11 ? ('driver-dies' as const) : undefined);
      await expect(runSweep(toySweep(out, search, { fate }))).rejects.toThrow(DriverDeath);
      const before = digestsBelow(out);
      expect(Object.keys(before)).toContainEqual(expect.stringMatching(/outcomes.\d{4}\.json$/));
      const other = runSweep(toySweep(out, { ...search, metric: 'loss/train' }));
      await expect(other).rejects.toMatchObject({ code: 'SWEEP_TAG_TAKEN', exitCode: 2 });
      expect(digestsBelow(out)).toEqual(before);
    },
  );
});
