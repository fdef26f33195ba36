import { type ConfusionMatrix, sumConfusion } from './confusion-matrix';

/**
 * Matthews correlation coefficient of two or more classes (Gorodkin 2004, R_K): 1 is perfect, 0 no better than chance;
 * the least is -1 for two classes and between -1 and 0 for more. 0 where it is undefined, that is where all labels or
 * all predictions are of one class, as in scikit-learn. Exact up to 90 million examples.
 *
 * @throws {RangeError} If `confusion` is not square, or holds anything but non-negative integers.
 */
export function computeMcc(confusion: ConfusionMatrix): number {
  const { total, correct, labelled, predicted } = sumConfusion(confusion);
  const covariance = correct * total - dot(labelled, predicted);
  const labelVariance = total * total - dot(labelled, labelled);
  const predictionVariance = total * total - dot(predicted, predicted);
  if (labelVariance === 0 || predictionVariance === 0) return 0;
  return covariance / Math.sqrt(labelVariance * predictionVariance);
}

function dot(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
}
