import type { Origin } from './config-error';
import { formatPath } from './config-path';
import { merge, mergeAt, originAt, plant, toPlain } from './config-tree';

const LOW: Origin = { layer: 'file', source: 'low' };
const HIGH: Origin = { layer: 'argument', source: 'high' };

describe('plant()', () => {
  it('plant() copies plain data, Maps among it', () => {
    const data = { a: [1, 'x', null, true, new Map([['b', 2]])] };
    expect(toPlain(plant(data, LOW, refuse))).toEqual({ a: [1, 'x', null, true, { b: 2 }] });
  });

  it('plant() makes 0 of -0, so that equal configurations have equal text', () => {
    expect(Object.is(toPlain(plant(-0, LOW, refuse)), 0)).toBe(true);
  });

  it.each([
    [{ a: NaN }, 'a must be a finite number'],
    [{ a: [Infinity] }, 'a[0] must be a finite number'],
    [{ a: undefined }, 'a must be plain data'],
    [{ a: new Date(0) }, 'a must be plain data'],
    [{ a: 1n }, 'a must be plain data'],
    [{ a: '\ud800' }, 'a must be plain data'],
    [{ '\ud800': 1 }, '["\\ud800"] is no key that can be set'],
    [JSON.parse('{"a": {"__proto__": {"x": 1}}}'), 'a.__proto__ is no key that can be set'],
    [new Map([['__proto__', 1]]), '__proto__ is no key that can be set'],
    [{ a: { constructor: 1 } }, 'a.constructor is no key that can be set'],
    [{ prototype: 1 }, 'prototype is no key that can be set'],
  ])('plant() reports what is in %p', (data, problem) => {
    expect(problemsOf(data)).toEqual([problem]);
  });

  it('plant() reports a cycle and more values than a configuration has, and comes to an end', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const shared = new Array<number>(10_000).fill(1);
    expect(problemsOf(cycle)).toEqual([expect.stringContaining('is nested deeper than 32')]);
    expect(problemsOf([shared, shared, shared])).toEqual([
      expect.stringContaining('has more than 20000 values'),
    ]);
  });
});

describe('merge()', () => {
  it('merge() merges sections and replaces lists as a whole', () => {
    const lower = plant({ a: { b: 1, c: 2 }, list: [1, 2] }, LOW, refuse);
    const merged = merge(lower, plant({ a: { b: 3 }, list: [4] }, HIGH, refuse));
    expect(toPlain(merged)).toEqual({ a: { b: 3, c: 2 }, list: [4] });
    expect(originAt(merged, ['a', 'b'])).toEqual(HIGH);
    expect(originAt(merged, ['a', 'c'])).toEqual(LOW);
    expect(toPlain(lower)).toEqual({ a: { b: 1, c: 2 }, list: [1, 2] });
  });
});

describe('mergeAt()', () => {
  const list = plant({ a: [{ b: 1 }, { b: 2 }] }, LOW, refuse);

  it('mergeAt() changes one item of a list', () => {
    const merged = mergeAt(list, ['a', '1', 'b'], plant(3, HIGH, refuse));
    expect(toPlain(merged)).toEqual({ a: [{ b: 1 }, { b: 3 }] });
    expect(originAt(merged, ['a', 0, 'b'])).toEqual(LOW);
    expect(originAt(merged, ['a', 1, 'b'])).toEqual(HIGH);
  });

  it.each(['2', '-1', '1.0', 'x', '99999999999999999999'])(
    'mergeAt() refuses the index %s of a list of two',
    (index) => {
      expect(() => mergeAt(list, ['a', index], plant(3, HIGH, refuse))).toThrow(RangeError);
    },
  );
});

describe('originAt()', () => {
  it('originAt() takes a single section for a list of one, and knows nothing of what is not set', () => {
    const tree = plant({ exit: { metric: 'm' } }, LOW, refuse);
    expect(originAt(tree, ['exit', 0, 'metric'])).toEqual(LOW);
    expect(originAt(tree, ['exit', 0, 'direction'])).toBeUndefined();
    expect(originAt(tree, ['enter'])).toBeUndefined();
  });
});

// Helpers

function refuse(): never {
  throw new Error('Nothing should be reported');
}

function problemsOf(data: unknown): string[] {
  const problems: string[] = [];
  plant(data, LOW, (path, problem) => problems.push(`${formatPath(path)} ${problem}`));
  return problems;
}
