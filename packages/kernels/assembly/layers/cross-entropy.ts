/** Softmax cross-entropy of rows of logits against class ids, and its gradient. A row whose target is negative has none. */
import { logarithm } from '../functions';
import { at, clear, firstLane } from './lanes';
import { multiplyRow, rowMaximum, softmaxRow } from './softmax';

/**
 * probabilities = softmax of logits [rows, classes]; value = Σ weight · (log Σ exp(z − maximum) − (z[target] − maximum)),
 * each row's term rounded to float32, the terms added in float64 in ascending order from +0, and the sum rounded.
 */
export function crossEntropy(
  rows: i32, classes: i32, logits: usize, targets: usize, weights: usize, value: usize, probabilities: usize,
): void {
  let loss: f64 = 0;
  for (let i: i32 = 0; i < rows; i++) {
    const maximum = firstLane(rowMaximum(classes, logits));
    const sum = softmaxRow(classes, logits, 1, probabilities);
    const target = load<i32>(at(targets, i));
    if (target >= 0) {
      const term: f32 = firstLane(logarithm(f32x4.splat(sum))) - (load<f32>(at(logits, target)) - maximum);
      loss += <f64>(load<f32>(at(weights, i)) * term);
    }
    logits = at(logits, classes);
    probabilities = at(probabilities, classes);
  }
  store<f32>(value, <f32>loss);
}

/** dLogits = (probabilities − one-hot target) · (dy · weight); zero in a row without a target. */
export function crossEntropyGradient(
  rows: i32, classes: i32, dy: usize, probabilities: usize, targets: usize, weights: usize, dLogits: usize,
): void {
  const slope = load<f32>(dy);
  for (let i: i32 = 0; i < rows; i++) {
    const target = load<i32>(at(targets, i));
    if (target < 0) {
      clear(classes, dLogits);
    } else {
      memory.copy(dLogits, probabilities, (<usize>classes) << 2);
      store<f32>(at(dLogits, target), load<f32>(at(dLogits, target)) - 1);
      multiplyRow(classes, dLogits, f32x4.splat(slope * load<f32>(at(weights, i))));
    }
    probabilities = at(probabilities, classes);
    dLogits = at(dLogits, classes);
  }
}
