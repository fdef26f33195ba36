import { configKeys } from './known-keys';

describe('configKeys()', () => {
  it('configKeys() gives every key and section of a run once, by its dotted path', () => {
    const keys = configKeys();
    expect(keys).toEqual(
      expect.arrayContaining(['training', 'training.seed', 'model.dim', 'evaluation.benchmark']),
    );
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.filter((key) => /[[\]]/.test(key))).toEqual([]);
    expect(keys).not.toContain('sweep.trials');
  });
});
