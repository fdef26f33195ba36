import { accuracy, classificationScores, computeMcc, confusionMatrix } from './index';

describe('accuracy', () => {
  it('is the share of hits', () => {
    expect(accuracy([0, 1, 2, 2], [0, 1, 1, 2])).toBe(0.75);
  });

  it('refuses empty lists and lists of different length', () => {
    expect(() => accuracy([], [])).toThrow(
      new RangeError('Cannot compute the accuracy: predictions must not be empty'),
    );
    expect(() => accuracy([1], [1, 2])).toThrow(
      'Cannot compute the accuracy: predictions and labels must be equally long: there are 1 and 2',
    );
  });

  it.each([-1, 0.5, NaN, Infinity, 2 ** 53])('refuses the class index %d', (value) => {
    expect(() => accuracy([0, value], [0, 1])).toThrow(
      `Cannot compute the accuracy: predictions[1] must be an integer from 0 to 9007199254740990: current value is ${value}`,
    );
    expect(() => accuracy([0, 1], [value, 1])).toThrow(RangeError);
  });
});

describe('confusionMatrix', () => {
  it('has a row for each label and a column for each prediction', () => {
    expect(confusionMatrix([1, 1, 0, 2], [1, 0, 0, 0], 3)).toEqual([
      [1, 1, 1],
      [0, 1, 0],
      [0, 0, 0],
    ]);
  });

  it('is all 0 for no examples', () => {
    expect(confusionMatrix([], [], 2)).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it('refuses an index outside of the classes, naming it', () => {
    expect(() => confusionMatrix([0, 1], [0, 2], 2)).toThrow(
      new RangeError(
        'Cannot compute the confusion matrix: labels[1] must be an integer from 0 to 1: current value is 2',
      ),
    );
  });

  it.each([0, -1, 1.5, NaN])('refuses %d classes', (classCount) => {
    expect(() => confusionMatrix([], [], classCount)).toThrow(
      `classCount must be an integer >= 1: current value is ${classCount}`,
    );
  });
});

describe('computeMcc', () => {
  it('is 1 for a perfect prediction, -1 for the opposite, 0 for chance', () => {
    const [perfect, opposite, chance] = [
      [
        [3, 0],
        [0, 5],
      ],
      [
        [0, 3],
        [5, 0],
      ],
      [
        [2, 2],
        [3, 3],
      ],
    ];
    expect([perfect, opposite, chance].map((confusion) => computeMcc(confusion))).toEqual([
      1, -1, 0,
    ]);
  });

  it('is 0 where only one class is labelled or predicted, and for no examples', () => {
    expect(computeMcc([[4]])).toBe(0);
    expect(
      computeMcc([
        [0, 4],
        [0, 3],
      ]),
    ).toBe(0);
    expect(computeMcc(confusionMatrix([], [], 3))).toBe(0);
  });

  it('is exact for a perfect prediction of many examples', () => {
    expect(
      computeMcc([
        [45_000_001, 0],
        [0, 44_999_998],
      ]),
    ).toBe(1);
  });

  it('refuses what is no confusion matrix, naming the place', () => {
    expect(() => computeMcc([])).toThrow(
      new RangeError('Cannot read a confusion matrix: it must have at least one class'),
    );
    expect(() => computeMcc([[1, 2], [3]])).toThrow('row 1 must have 2 columns: it has 1');
    expect(() =>
      computeMcc([
        [1, 2],
        [3, -1],
      ]),
    ).toThrow('[1][1] must be an integer >= 0: current value is -1');
  });
});

describe('classificationScores', () => {
  it('gives a class without examples and predictions the scores 0, which the macro mean counts', () => {
    const { classes, macro, weighted } = classificationScores([
      [2, 0],
      [0, 0],
    ]);
    expect(classes).toEqual([
      { precision: 1, recall: 1, f1: 1, support: 2 },
      { precision: 0, recall: 0, f1: 0, support: 0 },
    ]);
    expect(macro).toEqual({ precision: 0.5, recall: 0.5, f1: 0.5 });
    expect(weighted).toEqual({ precision: 1, recall: 1, f1: 1 });
  });

  it('is 0 for no examples', () => {
    expect(classificationScores([[0]]).weighted).toEqual({ precision: 0, recall: 0, f1: 0 });
  });
});
