import fc from 'fast-check';
import type { JsonValue } from '@pixelis/core';
import { z } from 'zod';
import { valueDifferences } from './value-difference';

const json = fc
  .jsonValue()
  .map((value): JsonValue => z.json().parse(JSON.parse(JSON.stringify(value))));

describe('valueDifferences()', () => {
  it('finds nothing between a value and its copy', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(valueDifferences(value, structuredClone(value))).toEqual([]);
      }),
    );
  });

  it('finds the same places from both sides', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const turned = valueDifferences(b, a).map((row) => ({
          path: row.path,
          a: row.b,
          b: row.a,
        }));
        expect(new Set(valueDifferences(a, b).map((row) => JSON.stringify(row)))).toEqual(
          new Set(turned.map((row) => JSON.stringify(row))),
        );
      }),
    );
  });

  it('writes paths as people do, in the order of the first value', () => {
    const a = { stages: [{ name: 'x', exit: [] }], seed: 1, gone: true };
    const b = { new: null, seed: 2, stages: [{ name: 'y', exit: [] }, 3] };
    expect(valueDifferences(a, b)).toEqual([
      { path: 'stages[0].name', a: 'x', b: 'y' },
      { path: 'stages[1]', a: null, b: 3 },
      { path: 'seed', a: 1, b: 2 },
      { path: 'gone', a: true, b: null },
    ]);
  });
});
