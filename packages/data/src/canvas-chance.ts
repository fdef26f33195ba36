import { loadMnist, type LoadMnistOptions, type Split } from './mnist';
import { DIGIT_COUNTS, KIND_WEIGHTS, type QuestionKind } from './reasoning-example';
import type { Level } from './scene';

/** Which digits {@link canvasChance} counts. */
export interface CanvasChanceOptions extends LoadMnistOptions {
  /** @default {'test'} */
  split?: Split;
}

/**
 * The accuracy, in per one, of the best answers that ignore all pixels: the likeliest one to each kind of question, weighted
 * by how often the level asks it. It is the exact expectation over the digits of the split and all that is drawn.
 *
 * @throws {DataError} If MNIST cannot be read, see {@link loadMnist}.
 */
export function canvasChance(level: Level, options: CanvasChanceOptions = {}): number {
  const { labels, count } = loadMnist(options.split ?? 'test', options);
  const counts = new Float64Array(10);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  const frequencies = counts.map((times) => times / count);
  const [fewest, most] = DIGIT_COUNTS[level];
  const chances: Record<QuestionKind, number> = {
    digit: Math.max(...frequencies),
    count: 1 / (most - fewest + 1),
    compare: compareChance(frequencies),
    sum: sumChance(frequencies),
  };
  const { digit, count: counting, compare, sum } = KIND_WEIGHTS[level];
  return (
    digit * chances.digit + counting * chances.count + compare * chances.compare + sum * chances.sum
  );
}

/** The second digit is drawn from those that differ from the first. */
function compareChance(frequencies: Float64Array): number {
  let greater = 0;
  let below = 0;
  for (const frequency of frequencies) {
    greater += (frequency * below) / (1 - frequency);
    below += frequency;
  }
  return Math.max(greater, 1 - greater);
}

function sumChance(frequencies: Float64Array): number {
  const sums = new Float64Array(19);
  frequencies.forEach((first, a) => {
    frequencies.forEach((second, b) => (sums[a + b] = (sums[a + b] ?? 0) + first * second));
  });
  return Math.max(...sums);
}
