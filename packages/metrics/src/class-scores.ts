import { type ConfusionMatrix, type ConfusionSums, sumConfusion } from './confusion-matrix';

/** Precision, recall and their harmonic mean, each from 0 to 1. */
export interface Scores {
  /** Share of a class's predictions that are right; 0 if there are none. */
  readonly precision: number;
  /** Share of a class's examples that are found; 0 if there are none. */
  readonly recall: number;
  /** 2 x hits / (examples + predictions); 0 if there are neither. */
  readonly f1: number;
}

/** The scores of one class. */
export interface ClassScores extends Scores {
  /** Number of examples of the class. */
  readonly support: number;
}

/** The scores of all classes, and two means of them. */
export interface ClassificationScores {
  /** By class index. */
  readonly classes: readonly ClassScores[];
  /** Every class of the matrix counts the same, also one without examples. */
  readonly macro: Scores;
  /** Every example counts the same; 0 without examples. */
  readonly weighted: Scores;
}

/**
 * Precision, recall and F1 of each class with their macro and weighted means, as scikit-learn's
 * `precision_recall_fscore_support` gives them with `labels=range(classCount)` and `zero_division=0`.
 *
 * @throws {RangeError} If `confusion` is not square, or holds anything but non-negative integers.
 */
export function classificationScores(confusion: ConfusionMatrix): ClassificationScores {
  const sums = sumConfusion(confusion);
  const classes = confusion.map((_, index) => classScores(sums, index));
  return {
    classes,
    macro: meanScores(classes, () => 1),
    weighted: meanScores(classes, ({ support }) => support),
  };
}

function classScores(sums: ConfusionSums, index: number): ClassScores {
  const hits = sums.hits[index] ?? 0;
  const support = sums.labelled[index] ?? 0;
  const predicted = sums.predicted[index] ?? 0;
  return {
    precision: ratio(hits, predicted),
    recall: ratio(hits, support),
    f1: ratio(2 * hits, support + predicted),
    support,
  };
}

function meanScores(
  classes: readonly ClassScores[],
  weightOf: (scores: ClassScores) => number,
): Scores {
  let weights = 0;
  const sums = { precision: 0, recall: 0, f1: 0 };
  for (const scores of classes) {
    const weight = weightOf(scores);
    weights += weight;
    sums.precision += weight * scores.precision;
    sums.recall += weight * scores.recall;
    sums.f1 += weight * scores.f1;
  }
  return {
    precision: ratio(sums.precision, weights),
    recall: ratio(sums.recall, weights),
    f1: ratio(sums.f1, weights),
  };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
