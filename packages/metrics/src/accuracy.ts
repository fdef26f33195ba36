import { type ClassIndexes, checkClassPairs } from './checks';

/**
 * The share of predictions that equal their labels, from 0 to 1.
 *
 * @throws {RangeError} If the lists are empty, differ in length or hold anything but integers from 0.
 */
export function accuracy(predictions: ClassIndexes, labels: ClassIndexes): number {
  const task = 'compute the accuracy';
  checkClassPairs(predictions, labels, { task });
  const count = predictions.length;
  if (count === 0) throw new RangeError(`Cannot ${task}: predictions must not be empty`);
  let hits = 0;
  for (let index = 0; index < count; index += 1) {
    if (predictions[index] === labels[index]) hits += 1;
  }
  return hits / count;
}
