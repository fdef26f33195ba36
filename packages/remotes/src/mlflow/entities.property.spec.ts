import * as fc from 'fast-check';
import { posix } from 'node:path';
import { cutText, inBatches, metricValue, mlflowKey, pointIdentity } from './entities';

const text = fc.string({ unit: 'binary', maxLength: 400 });
const key = fc.oneof(
  text,
  fc
    .array(fc.constantFrom('a', '.', '..', '', ' ', 'b/c', 'ü', '%', 'x'.repeat(200)), {
      maxLength: 6,
    })
    .map((parts) => parts.join('/')),
);

describe('mlflowKey', () => {
  it('gives a key that MLflow takes', () => {
    fc.assert(
      fc.property(key, (given) => {
        const taken = mlflowKey(given);
        expect(taken).toMatch(/^[/\w.\- ]{1,250}$/);
        expect(posix.normalize(taken)).toBe(taken);
        expect(taken).not.toMatch(/^(?:\.\.?(?:\/|$)|\/)/);
      }),
    );
  });

  it('leaves a key that needs no change, and changes none to that of another', () => {
    expect(mlflowKey('loss/train')).toBe('loss/train');
    fc.assert(
      fc.property(key, key, (a, b) => {
        fc.pre(a !== b);
        expect(mlflowKey(a)).not.toBe(mlflowKey(b));
        expect(mlflowKey(mlflowKey(a))).toBe(mlflowKey(a));
      }),
    );
  });
});

describe('cutText', () => {
  it('gives at most as many characters as asked, well formed, and different texts for different ones', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (given) => {
        const cut = cutText(given, 60);
        expect(cut.length).toBeLessThanOrEqual(60);
        expect(cut.isWellFormed()).toBe(true);
        if (given.length <= 60) expect(cut).toBe(given);
        else expect(cut).not.toBe(cutText(`${given}x`, 60));
      }),
    );
  });
});

describe('inBatches', () => {
  it('keeps every item in order, within the limits', () => {
    const limits = { count: 7, bytes: 300 };
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 80 })), (items) => {
        const batches = [...inBatches(items, limits)];
        expect(batches.flat()).toEqual(items);
        for (const batch of batches) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(7);
          const isAlone = batch.length === 1;
          expect(isAlone || Buffer.byteLength(JSON.stringify(batch)) <= 302).toBe(true);
        }
      }),
    );
  });
});

describe('metricValue', () => {
  it.each([
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [-Infinity, '-Infinity'],
    [0.1, 0.1],
  ])('writes %d as %j', (value, written) => {
    expect(metricValue(value)).toBe(written);
  });
});

describe('pointIdentity', () => {
  it('tells points apart by step and value alone, with infinities as MLflow stores them', () => {
    expect(pointIdentity({ step: 1, value: Infinity })).toBe(
      pointIdentity({ step: 1, value: Number.MAX_VALUE }),
    );
    expect(pointIdentity({ step: 1, value: -0 })).toBe(pointIdentity({ step: 1, value: 0 }));
    fc.assert(
      fc.property(fc.nat(), fc.double(), fc.nat(), fc.double(), (a, x, b, y) => {
        const isEqual = a === b && (x === y || (Number.isNaN(x) && Number.isNaN(y)));
        fc.pre(Number.isFinite(x) && Number.isFinite(y));
        expect(pointIdentity({ step: a, value: x }) === pointIdentity({ step: b, value: y })).toBe(
          isEqual,
        );
      }),
    );
  });
});
