import { type ClassIndexes, checkClassPairs, isCount } from './checks';

/** Counts of examples by [label][prediction]: row = what it was, column = what it was taken for. */
export type ConfusionMatrix = readonly (readonly number[])[];

/** The sums of a confusion matrix that the scores are made of. */
export interface ConfusionSums {
  /** All examples. */
  readonly total: number;
  /** Examples on the diagonal. */
  readonly correct: number;
  /** Right predictions of each class. */
  readonly hits: readonly number[];
  /** Examples of each class. */
  readonly labelled: readonly number[];
  /** Predictions of each class. */
  readonly predicted: readonly number[];
}

/**
 * Counts how often each class was taken for each: `classCount` x `classCount` counts, all 0 for empty lists.
 *
 * @throws {RangeError} If the lists differ in length, hold anything but integers from 0 to `classCount` - 1, or
 * `classCount` is no integer >= 1.
 */
export function confusionMatrix(
  predictions: ClassIndexes,
  labels: ClassIndexes,
  classCount: number,
): ConfusionMatrix {
  const task = 'compute the confusion matrix';
  if (!isCount(classCount) || classCount < 1) {
    throw new RangeError(
      `Cannot ${task}: classCount must be an integer >= 1: current value is ${classCount}`,
    );
  }
  checkClassPairs(predictions, labels, { task, classCount });
  const matrix = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
  for (let index = 0; index < labels.length; index += 1) {
    const row = matrix[labels[index] ?? 0];
    const column = predictions[index] ?? 0;
    if (row !== undefined) row[column] = (row[column] ?? 0) + 1;
  }
  return matrix;
}

/**
 * Sums up `confusion`.
 *
 * @throws {RangeError} If it is empty or not square, or holds anything but non-negative integers.
 */
export function sumConfusion(confusion: ConfusionMatrix): ConfusionSums {
  const classCount = confusion.length;
  if (classCount === 0) {
    throw new RangeError('Cannot read a confusion matrix: it must have at least one class');
  }
  const hits = new Array<number>(classCount).fill(0);
  const labelled = new Array<number>(classCount).fill(0);
  const predicted = new Array<number>(classCount).fill(0);
  for (const [label, row] of confusion.entries()) {
    if (row.length !== classCount) {
      throw new RangeError(
        `Cannot read a confusion matrix: row ${label} must have ${classCount} columns: it has ${row.length}`,
      );
    }
    for (const [prediction, count] of row.entries()) {
      if (!isCount(count)) {
        throw new RangeError(
          `Cannot read a confusion matrix: [${label}][${prediction}] must be an integer >= 0: current value is ${count}`,
        );
      }
      labelled[label] = (labelled[label] ?? 0) + count;
      predicted[prediction] = (predicted[prediction] ?? 0) + count;
      if (label === prediction) hits[label] = count;
    }
  }
  return { total: sum(labelled), correct: sum(hits), hits, labelled, predicted };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
