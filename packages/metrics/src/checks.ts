/** Class indexes, one for each example: a plain or a typed array of integers from 0. */
export type ClassIndexes = ArrayLike<number>;

/** What {@link checkClassPairs} needs to know besides the two lists. */
interface ClassPairsContext {
  /** What cannot be done, for the message, such as `compute the accuracy`. */
  readonly task: string;
  /** Indexes must be below it; unbounded by default. */
  readonly classCount?: number;
}

/** Refuses lists of different length and values that are no class index. */
export function checkClassPairs(
  predictions: ClassIndexes,
  labels: ClassIndexes,
  { task, classCount = Number.MAX_SAFE_INTEGER }: ClassPairsContext,
): void {
  if (predictions.length !== labels.length) {
    throw new RangeError(
      `Cannot ${task}: predictions and labels must be equally long: there are ${predictions.length} and ${labels.length}`,
    );
  }
  for (const [name, indexes] of Object.entries({ predictions, labels })) {
    for (let position = 0; position < indexes.length; position += 1) {
      const value = indexes[position];
      if (value !== undefined && isCount(value) && value < classCount) continue;
      throw new RangeError(
        `Cannot ${task}: ${name}[${position}] must be an integer from 0 to ${classCount - 1}: current value is ${String(value)}`,
      );
    }
  }
}

/** Whether `value` is a non-negative integer that a double holds exactly. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
