import * as fc from 'fast-check';

/** Predictions and labels of the same examples, and how many classes there are. */
export interface ClassPairs {
  readonly classCount: number;
  readonly predictions: number[];
  readonly labels: number[];
}

/** One to fifty examples of one to six classes. */
export const classPairs: fc.Arbitrary<ClassPairs> = fc
  .integer({ min: 1, max: 6 })
  .chain((classCount) => {
    const index = fc.nat({ max: classCount - 1 });
    return fc.array(fc.tuple(index, index), { minLength: 1, maxLength: 50 }).map((pairs) => ({
      classCount,
      predictions: pairs.map(([prediction]) => prediction),
      labels: pairs.map(([, label]) => label),
    }));
  });

/** The same examples in another order, drawn with `pairs`. */
export const shuffledClassPairs: fc.Arbitrary<[ClassPairs, ClassPairs]> = classPairs.chain(
  (pairs) =>
    fc
      .shuffledSubarray([...pairs.labels.keys()], { minLength: pairs.labels.length })
      .map((order): [ClassPairs, ClassPairs] => [
        pairs,
        {
          classCount: pairs.classCount,
          predictions: order.map((position) => pairs.predictions[position]!),
          labels: order.map((position) => pairs.labels[position]!),
        },
      ]),
);
