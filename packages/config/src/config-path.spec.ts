import { formatPath, isSettable, parsePath } from './config-path';

describe('formatPath()', () => {
  it.each([
    [['training', 'seed'], 'training.seed'],
    [['curriculum', 'stages', 0, 'exit', 1, 'metric'], 'curriculum.stages[0].exit[1].metric'],
    [['training.seed'], '["training.seed"]'],
    [['a', ''], 'a[""]'],
    [[], ''],
  ])('formatPath() writes %j as %s', (path, text) => {
    expect(formatPath(path)).toBe(text);
  });
});

describe('parsePath()', () => {
  it('parsePath() reads indices with dots and with brackets', () => {
    const path = ['curriculum', 'stages', '0', 'name'];
    expect(parsePath('curriculum.stages.0.name')).toEqual(path);
    expect(parsePath('curriculum.stages[0].name')).toEqual(path);
  });

  it.each(['', '.', 'a.', '.a', 'a..b', 'a b', 'a[x]', 'a["b"]', 'a=b'])(
    'parsePath() refuses %j',
    (text) => {
      expect(parsePath(text)).toBeUndefined();
    },
  );
});

describe('isSettable()', () => {
  it.each(['__proto__', 'constructor', 'prototype'])('isSettable() refuses %s anywhere', (key) => {
    expect(isSettable(['training', key])).toBe(false);
    expect(isSettable([key, 'x'])).toBe(false);
  });

  it('isSettable() refuses a path deeper than any configuration', () => {
    expect(isSettable(new Array<string>(32).fill('a'))).toBe(true);
    expect(isSettable(new Array<string>(33).fill('a'))).toBe(false);
  });
});
