import type { SweepConfig } from '@pixelis/config';

import { thrownBy } from '../../test/support/thrown-by';
import { createStrategy } from './create-strategy';

type SweepSection = SweepConfig['sweep'];

const section = (changes: Partial<SweepSection>): SweepSection => ({
  strategy: 'grid',
  trials: null,
  generation_size: 4,
  metric: 'loss/val',
  direction: 'min',
  space: { a: { values: [1, 2, 3] } },
  halving: null,
  ...changes,
});

describe('createStrategy', () => {
  it.each([
    ['grid', null, 3, 3],
    ['random', 7, 7, 7],
    ['tpe', 7, 7, 4],
  ] as const)('%s with %p trials has %d in generations of %d', (strategy, trials, all, size) => {
    const created = createStrategy(section({ strategy, trials }), { seed: 1 });
    expect([created.trials, created.generationSize]).toEqual([all, size]);
    const { a } = created.propose({ trial: 1, history: [], pending: [] });
    expect([1, 2, 3]).toContain(a);
  });

  it.each([
    ['SWEEP_SPACE_EMPTY', { space: {} }],
    ['SWEEP_TRIALS_MISSING', { strategy: 'random' }],
    ['SWEEP_TRIALS_MISSING', { strategy: 'tpe' }],
    ['SWEEP_TRIALS_SURPLUS', { trials: 3 }],
    ['SWEEP_TOO_LARGE', { strategy: 'random', trials: 100_001 }],
    ['SWEEP_SPACE_INVALID', { space: { a: { values: [1, 1] } } }],
    ['SWEEP_SPACE_INVALID', { space: { a: { distribution: 'uniform', low: 0, high: 1 } } }],
  ] as const)('%s for %j', (code, changes) => {
    expect(
      thrownBy(() => createStrategy(section(changes as Partial<SweepSection>), { seed: 1 })),
    ).toMatchObject({ code, name: 'UsageError' });
  });

  it('throws for a seed that is none', () => {
    const strategy = createStrategy(section({ strategy: 'random', trials: 1 }), { seed: -1 });
    expect(thrownBy(() => strategy.propose({ trial: 1, history: [], pending: [] }))).toMatchObject({
      code: 'SEED_INVALID',
    });
  });
});
