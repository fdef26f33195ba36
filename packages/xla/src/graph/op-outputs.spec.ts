import { isKnownOp, outputReference } from './op-outputs';

describe('outputReference', () => {
  it.each([
    ['Add', 0, 'n:z:0'],
    ['BatchMatMulV2', 0, 'n:output:0'],
    ['SplitV', 2, 'n:output:2'],
    ['TopKV2', 1, 'n:indices:0'],
    ['Softmax', 0, 'n:softmax:0'],
  ])('names output %2$i of %1$s', (op, index, reference) => {
    expect(outputReference(op, { name: 'n', index })).toBe(reference);
  });

  it('refuses an unknown operation, and an output that there is not', () => {
    expect(() => outputReference('Frobnicate', { name: 'n', index: 0 })).toThrow(
      /op must be known/,
    );
    expect(() => outputReference('TopKV2', { name: 'n', index: 2 })).toThrow(/index must be < 2/);
  });
});

describe('isKnownOp', () => {
  it('knows no operation whose shape depends on values', () => {
    expect(['Where', 'UniqueV2', 'NonMaxSuppressionV3'].filter(isKnownOp)).toEqual([]);
  });
});
