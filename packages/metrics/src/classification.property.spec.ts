import * as fc from 'fast-check';

import { type ClassPairs, classPairs, shuffledClassPairs } from '../test/class-pairs';
import { accuracy, classificationScores, computeMcc, confusionMatrix } from './index';

const confusionOf = ({ predictions, labels, classCount }: ClassPairs) =>
  confusionMatrix(predictions, labels, classCount);

describe('classification metrics', () => {
  it('do not depend on the order of the examples', () => {
    fc.assert(
      fc.property(shuffledClassPairs, ([pairs, shuffled]) => {
        expect(confusionOf(shuffled)).toEqual(confusionOf(pairs));
        expect(accuracy(shuffled.predictions, shuffled.labels)).toBe(
          accuracy(pairs.predictions, pairs.labels),
        );
      }),
    );
  });

  it('are the same from typed arrays', () => {
    fc.assert(
      fc.property(classPairs, ({ predictions, labels, classCount }) => {
        const typed = [Uint8Array.from(predictions), Float32Array.from(labels)] as const;
        expect(confusionMatrix(...typed, classCount)).toEqual(
          confusionMatrix(predictions, labels, classCount),
        );
        expect(accuracy(...typed)).toBe(accuracy(predictions, labels));
      }),
    );
  });
});

describe('confusionMatrix', () => {
  it('holds every example once, the hits of accuracy on its diagonal', () => {
    fc.assert(
      fc.property(classPairs, (pairs) => {
        const confusion = confusionOf(pairs);
        const count = pairs.labels.length;
        const diagonal = confusion.map((row, index) => row[index] ?? 0);
        expect(confusion.flat().reduce((sum, value) => sum + value, 0)).toBe(count);
        expect(diagonal.reduce((sum, value) => sum + value, 0) / count).toBe(
          accuracy(pairs.predictions, pairs.labels),
        );
      }),
    );
  });

  it('is transposed when predictions and labels change places', () => {
    fc.assert(
      fc.property(classPairs, (pairs) => {
        const { predictions, labels, classCount } = pairs;
        const swapped = confusionMatrix(labels, predictions, classCount);
        expect(swapped).toEqual(
          confusionOf(pairs).map((_, row) => confusionOf(pairs).map((other) => other[row])),
        );
      }),
    );
  });
});

describe('computeMcc', () => {
  it('lies between -1 and 1, and is symmetric in predictions and labels', () => {
    fc.assert(
      fc.property(classPairs, ({ predictions, labels, classCount }) => {
        const mcc = computeMcc(confusionMatrix(predictions, labels, classCount));
        expect(mcc).toBeGreaterThanOrEqual(-1);
        expect(mcc).toBeLessThanOrEqual(1);
        expect(computeMcc(confusionMatrix(labels, predictions, classCount))).toBe(mcc);
      }),
    );
  });

  it('is 1 for a perfect prediction of two or more classes, 0 for one of a single class', () => {
    fc.assert(
      fc.property(classPairs, ({ labels, classCount }) => {
        const expected = new Set(labels).size > 1 ? 1 : 0;
        expect(computeMcc(confusionMatrix(labels, labels, classCount))).toBe(expected);
      }),
    );
  });

  it('is the Pearson correlation of the indicators where there are two classes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 1_000_000 }), { minLength: 4, maxLength: 4 }),
        (counts) => {
          const [tn = 0, fp = 0, fn = 0, tp = 0] = counts;
          const product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn);
          const pearson = product === 0 ? 0 : (tp * tn - fp * fn) / Math.sqrt(product);
          const confusion = [
            [tn, fp],
            [fn, tp],
          ];
          expect(computeMcc(confusion)).toBeCloseTo(pearson, 14);
        },
      ),
    );
  });
});

describe('classificationScores', () => {
  it('are shares, the F1 between precision and recall', () => {
    fc.assert(
      fc.property(classPairs, (pairs) => {
        const { classes, macro, weighted } = classificationScores(confusionOf(pairs));
        for (const { precision, recall, f1 } of [...classes, macro, weighted]) {
          for (const share of [precision, recall, f1]) {
            expect(share).toBeGreaterThanOrEqual(0);
            expect(share).toBeLessThanOrEqual(1 + Number.EPSILON);
          }
        }
        for (const { precision, recall, f1 } of classes) {
          expect(f1).toBeGreaterThanOrEqual(Math.min(precision, recall) - Number.EPSILON);
          expect(f1).toBeLessThanOrEqual(Math.max(precision, recall) + Number.EPSILON);
        }
      }),
    );
  });

  it('have the accuracy as their weighted recall', () => {
    fc.assert(
      fc.property(classPairs, (pairs) => {
        const { weighted } = classificationScores(confusionOf(pairs));
        expect(weighted.recall).toBeCloseTo(accuracy(pairs.predictions, pairs.labels), 14);
      }),
    );
  });

  it('are 1 for every class that a perfect prediction has, 0 for the others', () => {
    fc.assert(
      fc.property(classPairs, ({ labels, classCount }) => {
        const { classes, weighted } = classificationScores(
          confusionMatrix(labels, labels, classCount),
        );
        for (const [index, { precision, recall, f1, support }] of classes.entries()) {
          expect(support).toBe(labels.filter((label) => label === index).length);
          const expected = support > 0 ? 1 : 0;
          expect([precision, recall, f1]).toEqual([expected, expected, expected]);
        }
        expect(weighted).toEqual({ precision: 1, recall: 1, f1: 1 });
      }),
    );
  });
});
