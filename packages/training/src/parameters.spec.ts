import { Generator } from '@pixelis/reproducibility';
import * as tf from '@tensorflow/tfjs';
import { BACKENDS, setBackend } from '../test/support/backends';
import { numbers } from '../test/support/tensors';
import {
  decayRanges,
  initialiseParameters,
  ParameterLayout,
  parameterNamed,
  weightDecayMask,
  type ParameterSpec,
  type ParameterSpecs,
} from './parameters';

const matrix = (fanIn: number, fanOut: number) => ({
  shape: [fanIn, fanOut],
  initializer: { kind: 'glorot_uniform' as const },
  isDecayed: true,
});
const specs: ParameterSpecs = {
  'b.weight': matrix(3, 2),
  'b.bias': { shape: [2], initializer: { kind: 'constant', value: 0.5 }, isDecayed: false },
  a: { shape: [2, 2], initializer: { kind: 'normal', standardDeviation: 0.02 }, isDecayed: false },
};

beforeAll(() => setBackend('cpu'));

describe('initialiseParameters()', () => {
  it('gives a parameter the same values whatever else is declared, and in whatever order', async () => {
    const all = initialiseParameters(specs, Generator.fromSeed(5));
    const one = initialiseParameters(
      { z: matrix(9, 9), 'b.weight': matrix(3, 2) },
      Generator.fromSeed(5),
    );

    expect(await numbers(one['b.weight']!)).toEqual(await numbers(all['b.weight']!));
  });

  it('gives other values for another seed, and for another name', async () => {
    const five = initialiseParameters({ a: matrix(3, 2), b: matrix(3, 2) }, Generator.fromSeed(5));
    const six = initialiseParameters({ a: matrix(3, 2) }, Generator.fromSeed(6));

    expect(await numbers(five['a']!)).not.toEqual(await numbers(six['a']!));
    expect(await numbers(five['a']!)).not.toEqual(await numbers(five['b']!));
  });

  it('follows the declared distributions', async () => {
    const drawn = initialiseParameters(
      {
        uniform: matrix(100, 50),
        normal: {
          shape: [5000],
          initializer: { kind: 'normal', standardDeviation: 0.02 },
          isDecayed: false,
        },
        constant: { shape: [3], initializer: { kind: 'constant', value: -2 }, isDecayed: false },
      },
      Generator.fromSeed(1),
    );
    const uniform = await numbers(drawn['uniform']!);
    const normal = await numbers(drawn['normal']!);
    const bound = Math.sqrt(6 / 150);

    expect(drawn['uniform']!.shape).toEqual([100, 50]);
    expect(Math.max(...uniform.map(Math.abs))).toBeLessThanOrEqual(Math.fround(bound));
    expect(deviation(uniform)).toBeCloseTo(bound / Math.sqrt(3), 2);
    expect(deviation(normal)).toBeCloseTo(0.02, 3);
    expect([...(await numbers(drawn['constant']!))]).toEqual([-2, -2, -2]);
  });

  it('refuses glorot_uniform for what is no matrix', () => {
    expect(() =>
      initialiseParameters({ a: { ...matrix(1, 1), shape: [3] } }, Generator.fromSeed(1)),
    ).toThrow(RangeError);
  });
});

describe.each(BACKENDS)('ParameterLayout on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  const layout = new ParameterLayout({
    // UTF-16 code units would put the emoji before the ligature; bytes put it after.
    '😀': { shape: [] },
    ﬁ: { shape: [1, 2] },
    Z: { shape: [2, 1, 2] },
    'a.b': { shape: [1] },
    a: { shape: [3] },
  });
  const values = Float32Array.from({ length: 11 }, (_, index) => index);

  it('sorts names by their bytes and places tensors one after another', () => {
    expect(layout.slots.map(({ name, offset, size }) => [name, offset, size])).toEqual([
      ['Z', 0, 4],
      ['a', 4, 3],
      ['a.b', 7, 1],
      ['ﬁ', 8, 2],
      ['😀', 10, 1],
    ]);
    expect(layout.size).toBe(11);
  });

  it('unflatten() and flatten() are inverses, and leak nothing', async () => {
    const flat = tf.tensor1d(values);
    const before = tf.memory().numTensors;
    const tree = layout.unflatten(flat);
    const again = layout.flatten(tree);

    expect(tf.memory().numTensors - before).toBe(6);
    expect(Object.fromEntries(Object.entries(tree).map(([k, t]) => [k, t.shape]))).toEqual({
      Z: [2, 1, 2],
      a: [3],
      'a.b': [1],
      ﬁ: [1, 2],
      '😀': [],
    });
    expect([...(await numbers(tree['a']!))]).toEqual([4, 5, 6]);
    expect(await numbers(again)).toEqual(values);
    tf.dispose([flat, tree, again]);
  });

  it('treeOf() gives the tree that unflatten() gives', async () => {
    const flat = tf.tensor1d(values);
    const [expected, actual] = [layout.unflatten(flat), layout.treeOf(values)];

    for (const { name } of layout.slots) {
      expect(actual[name]!.shape).toEqual(expected[name]!.shape);
      expect(await numbers(actual[name]!)).toEqual(await numbers(expected[name]!));
    }
    tf.dispose([flat, expected, actual]);
  });

  it('leaves gaps of zeros where offsets are to be aligned', async () => {
    const specs = { a: { shape: [3] }, b: { shape: [4] }, c: { shape: [1] } };
    const aligned = new ParameterLayout(specs, { alignment: 4 });
    const flat = tf.tensor1d([1, 2, 3, 0, 4, 5, 6, 7, 8, 0, 0, 0]);

    const tree = aligned.unflatten(flat);
    const again = aligned.flatten(tree);

    expect(aligned.slots.map(({ offset }) => offset)).toEqual([0, 4, 8]);
    expect(aligned.size).toBe(12);
    expect([...(await numbers(tree['b']!))]).toEqual([4, 5, 6, 7]);
    expect([...(await numbers(tree['c']!))]).toEqual([8]);
    expect(await numbers(again)).toEqual(await numbers(flat));
    tf.dispose([flat, tree, again]);
  });

  it('refuses a tree that lacks a parameter or has another shape, and a vector of another length', () => {
    const tree = layout.treeOf(values);
    const { a, ...rest } = tree;

    expect(() => layout.flatten(rest)).toThrow(RangeError);
    expect(() => layout.flatten({ ...rest, a: tf.reshape(a!, [3, 1]) })).toThrow(RangeError);
    expect(() => layout.unflatten(tf.zeros([10]))).toThrow(RangeError);
    expect(() => layout.treeOf(new Float32Array(12))).toThrow(RangeError);
  });
});

describe('weightDecayMask()', () => {
  it('is 1 over the decayed parameters, in the order of the layout', async () => {
    const layout = new ParameterLayout(specs);

    expect([...(await numbers(weightDecayMask(specs, layout)))]).toEqual([
      ...[0, 0, 0, 0],
      ...[0, 0],
      ...[1, 1, 1, 1, 1, 1],
    ]);
    expect(() => weightDecayMask({}, layout)).toThrow(RangeError);
  });
});

describe('decayRanges()', () => {
  it('joins neighbours that are treated alike, over their gaps', () => {
    const parameter = (size: number, isDecayed: boolean): ParameterSpec => ({
      shape: [size],
      initializer: { kind: 'constant', value: 0 },
      isDecayed,
    });
    const specs = { a: parameter(3, true), b: parameter(5, true), c: parameter(2, false) };
    const layout = new ParameterLayout(specs, { alignment: 4 });

    expect(decayRanges(specs, layout)).toEqual([
      { offset: 0, count: 9, isDecayed: true },
      { offset: 12, count: 2, isDecayed: false },
    ]);
    expect(() => decayRanges({}, layout)).toThrow(RangeError);
  });
});

describe('parameterNamed()', () => {
  it.each(['missing', 'constructor', '__proto__'])(
    'refuses the name %p that is not there',
    (name) => {
      expect(() => parameterNamed({}, name)).toThrow(RangeError);
    },
  );
});

function deviation(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}
