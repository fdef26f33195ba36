import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  accuracy,
  type ClassificationScores,
  classificationScores,
  computeMcc,
  confusionMatrix,
  type Scores,
  wilsonInterval,
  type WilsonIntervalOptions,
} from '../src';

interface Fixture {
  readonly cases: readonly (ClassificationScores & {
    readonly name: string;
    readonly class_count: number;
    readonly labels: number[];
    readonly predictions: number[];
    readonly accuracy: number;
    readonly confusion: number[][];
    readonly mcc: number;
  })[];
  readonly wilson: readonly (Required<WilsonIntervalOptions> & {
    readonly successes: number;
    readonly trials: number;
    readonly low: number;
    readonly high: number;
  })[];
}

const path = join(__dirname, '..', 'fixtures', 'classification.json');
const fixture = JSON.parse(readFileSync(path, 'utf8')) as Fixture;

/** Both sides round the same few operations, perhaps in another order. */
const digits = 15;

function expectScores(actual: Scores, expected: Scores): void {
  expect(actual.precision).toBeCloseTo(expected.precision, digits);
  expect(actual.recall).toBeCloseTo(expected.recall, digits);
  expect(actual.f1).toBeCloseTo(expected.f1, digits);
}

describe('parity with scikit-learn', () => {
  it.each(fixture.cases)('$name', (expected) => {
    const { predictions, labels } = expected;
    const confusion = confusionMatrix(predictions, labels, expected.class_count);
    expect(confusion).toEqual(expected.confusion);
    expect(accuracy(predictions, labels)).toBe(expected.accuracy);
    expect(computeMcc(confusion)).toBeCloseTo(expected.mcc, digits);
    const scores = classificationScores(confusion);
    expect(scores.classes).toHaveLength(expected.classes.length);
    for (const [index, classScores] of expected.classes.entries()) {
      expectScores(scores.classes[index]!, classScores);
      expect(scores.classes[index]!.support).toBe(classScores.support);
    }
    expectScores(scores.macro, expected.macro);
    expectScores(scores.weighted, expected.weighted);
  });
});

describe('parity with SciPy', () => {
  it.each(fixture.wilson)(
    'wilsonInterval($successes, $trials, $confidence)',
    ({ successes, trials, confidence, low, high }) => {
      const interval = wilsonInterval(successes, trials, { confidence });
      expect(interval.low).toBeCloseTo(low, digits);
      expect(interval.high).toBeCloseTo(high, digits);
    },
  );
});
