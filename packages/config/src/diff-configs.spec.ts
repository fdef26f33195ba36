import fc from 'fast-check';
import { validSettings } from '../test/config-arbitraries';
import { diffConfigs } from './diff-configs';
import { resolveTrainingConfig } from './entry-point-resolution';
import { extendConfig } from './extend-config';

const base = resolveTrainingConfig({});
const schema = { layer: 'default', source: 'schema' };

describe('diffConfigs()', () => {
  it('diffConfigs() gives both values of each difference, and who set them', () => {
    const other = resolveTrainingConfig({ overrides: ['training.seed=7', 'training.steps=1800'] });
    const originB = { layer: 'argument', source: 'training.seed' };
    expect(diffConfigs(base, other)).toEqual([
      { path: 'training.seed', a: 42, b: 7, originA: schema, originB },
    ]);
  });

  it('diffConfigs() says where one side has no such value', () => {
    const other = resolveTrainingConfig({ overrides: ['curriculum.stages.0.exit=[]'] });
    const differences = diffConfigs(base, other);
    expect(differences.map(({ path, b }) => [path, b])).toEqual([
      ['curriculum.stages[0].exit[0].metric', undefined],
      ['curriculum.stages[0].exit[0].threshold', undefined],
      ['curriculum.stages[0].exit[0].direction', undefined],
      ['curriculum.stages[0].exit', []],
    ]);
    expect(differences[0]?.originB).toBeUndefined();
    expect(differences[3]?.originA).toBeUndefined();
  });

  it('diffConfigs() finds nothing between equals, and the same from both sides', () => {
    fc.assert(
      fc.property(validSettings(), (settings) => {
        const other = extendConfig(base, { layer: 'sweep', settings });
        expect(diffConfigs(other, other)).toEqual([]);
        const there = diffConfigs(base, other).map(({ path, a, b }) => [path, a, b]);
        const back = diffConfigs(other, base).map(({ path, a, b }) => [path, b, a]);
        expect(there.sort()).toEqual(back.sort());
        expect(there.every(([, a, b]) => a !== b)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
