import { UsageError } from '@pixelis/core';
import { createDataset, datasetNames, registerDataset } from './dataset-registry';

describe('createDataset()', () => {
  it('knows the data sets of this package', () => {
    expect(datasetNames()).toEqual(['digits-reasoning', 'mnist']);
    expect(createDataset('mnist').length).toBe(55_000);
    expect(createDataset('digits-reasoning', { split: 'val' }).length).toBe(5_000);
    for (const name of datasetNames()) {
      const { card } = createDataset(name);
      expect(card).toMatchObject({ name, version: '1' });
      expect(Object.values(card.hashes)).toHaveLength(4);
      expect(card.licence).not.toBe('');
    }
  });

  it.each([
    ['digit-reasoning', 'Did you mean "digits-reasoning"? Known: digits-reasoning, mnist.'],
    ['MNIST', 'Did you mean "mnist"? Known: digits-reasoning, mnist.'],
    ['imagenet-21k', 'Use one of: digits-reasoning, mnist.'],
    ['constructor', 'Use one of: digits-reasoning, mnist.'],
  ])('refuses "%s" and names the nearest', (name, remedy) => {
    const error = usageErrorOf(() => createDataset(name));
    expect(error.message).toBe(`There is no dataset "${name}"`);
    expect([error.exitCode, error.code, error.remedy]).toEqual([2, 'DATASET_UNKNOWN', remedy]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['mnist', { splitt: 'val' }, 'Dataset "mnist" has no option "splitt"'],
    ['mnist', { split: 'dev' }, 'There is no split "dev"'],
    ['mnist', { directory: 7 }, "A dataset's directory must be text: found 7"],
    ['digits-reasoning', { level: 'hard' }, 'Dataset "digits-reasoning" has no option "level"'],
    ['digits-reasoning', { levels: { easy: 1 } }, 'There is no level "easy"'],
    ['digits-reasoning', { levels: null }, 'Levels must be weights by name: found null'],
    [
      'digits-reasoning',
      { levels: { hard: -1 } },
      'The weight of level "hard" must be >= 0: found -1',
    ],
    ['digits-reasoning', { levels: { hard: 0 } }, 'At least one level must have a weight > 0'],
    ['digits-reasoning', { patchSize: 5 }, 'The patch size must divide 28: found 5'],
    ['digits-reasoning', { patchSize: -7 }, 'The patch size must divide 28: found -7'],
    [
      'digits-reasoning',
      { actionTokenWeight: '1' },
      'The weight of action tokens must be >= 0: found "1"',
    ],
  ])('%s refuses %j', (name, options, message) => {
    const error = usageErrorOf(() => createDataset(name, options));
    expect([error.message, error.code]).toEqual([message, 'DATASET_OPTION_INVALID']);
    expect(error.remedy).not.toBe('');
  });

  it('refuses a seed that is none', () => {
    expect(() => createDataset('digits-reasoning', { seed: -1 })).toThrow(UsageError);
  });
});

describe('registerDataset()', () => {
  it('makes a data set known, once', () => {
    const factory = () => ({ ...createDataset('mnist'), length: 3 });
    registerDataset('three', factory);
    expect(createDataset('three').length).toBe(3);
    expect(() => registerDataset('three', factory)).toThrow(RangeError);
  });
});

function usageErrorOf(act: () => unknown): UsageError {
  try {
    act();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
