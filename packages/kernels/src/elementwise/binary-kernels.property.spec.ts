import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import fc from 'fast-check';

import { binaryDefinitions } from '../../test/elementwise-definitions';
import { bits } from '../../test/naive-product';
import { type InstalledKernels, installTrainingKernels } from '../index';

/** The names under which tfjs gives the operands. */
const operandNames: Readonly<Record<string, readonly [string, string]>> = {
  EluGrad: ['y', 'dy'],
  Prelu: ['x', 'alpha'],
};

interface Operands {
  readonly shape: number[];
  readonly shapeA: number[];
  readonly shapeB: number[];
}

/** A shape and two that broadcast to it: dimensions of one in place of others, leading ones left out. */
const broadcast: fc.Arbitrary<Operands> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom('both', 'a', 'b')), {
    maxLength: 4,
  })
  .chain((dimensions) => {
    const only = (name: string) =>
      dimensions.map(([extent, whose]) => (whose === name || whose === 'both' ? extent : 1));
    const trimmed = (shape: number[]) =>
      fc.boolean().map((isShort) => {
        const first = shape.findIndex((extent) => extent !== 1);
        return isShort ? shape.slice(first < 0 ? shape.length : first) : shape;
      });
    return fc.record({
      shape: fc.constant(dimensions.map(([extent]) => extent)),
      shapeA: trimmed(only('a')),
      shapeB: trimmed(only('b')),
    });
  })
  .filter(({ shape, shapeA, shapeB }) => Math.max(shapeA.length, shapeB.length) === shape.length);

const cases = broadcast.chain((operands) =>
  fc.record({
    operands: fc.constant(operands),
    a: entries(operands.shapeA),
    b: entries(operands.shapeB),
  }),
);

describe('binary kernels', () => {
  let installed: InstalledKernels;

  beforeAll(async () => {
    tf.env().set('IS_TEST', true);
    await tf.setBackend('wasm');
    installed = installTrainingKernels(tf);
  });
  afterAll(() => installed.uninstall());

  it.each(Object.entries(binaryDefinitions))(
    '%s has the bits of its definition for all shapes that broadcast',
    (name, define) => {
      fc.assert(
        fc.property(cases, ({ operands, a, b }) => {
          const expected = new Float32Array(sizeOf(operands.shape));
          expected.forEach((_, index) => {
            expected[index] = define(
              a[sourceIndex(index, operands.shape, operands.shapeA)]!,
              b[sourceIndex(index, operands.shape, operands.shapeB)]!,
            );
          });
          tf.tidy(() => {
            const [first, second] = operandNames[name] ?? ['a', 'b'];
            const result = tf.engine().runKernel<tf.Tensor>(name, {
              [first]: tf.tensor(a, operands.shapeA),
              [second]: tf.tensor(b, operands.shapeB),
            });
            expect(result.shape).toEqual(operands.shape);
            const actual = Float32Array.from(result.dataSync());
            expect(bits(actual).equals(bits(expected))).toBe(true);
          });
        }),
      );
    },
  );

  it('AddN adds its inputs in their order', () => {
    const inputs = fc.integer({ min: 0, max: 20 }).chain((length) =>
      fc.array(entries([length]), {
        minLength: 1,
        maxLength: 6,
      }),
    );
    fc.assert(
      fc.property(inputs, (parts) => {
        const expected = Float32Array.from(parts[0]!);
        for (const part of parts.slice(1)) {
          part.forEach((value, index) => (expected[index]! += value));
        }
        const actual = tf.tidy(() =>
          Float32Array.from(tf.addN(parts.map((part) => tf.tensor1d(part))).dataSync()),
        );
        expect(bits(actual)).toEqual(bits(expected));
      }),
    );
  });
});

function entries(shape: readonly number[]): fc.Arbitrary<Float32Array> {
  return fc.float32Array({ minLength: sizeOf(shape), maxLength: sizeOf(shape) });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** The flat index into an operand of entry `index` of the broadcast shape. */
function sourceIndex(index: number, shape: readonly number[], operand: readonly number[]): number {
  let [source, stride] = [0, 1];
  for (let fromEnd = 1; fromEnd <= shape.length; fromEnd++) {
    const extent = shape.at(-fromEnd)!;
    const own = operand.length >= fromEnd ? operand.at(-fromEnd)! : 1;
    source += own === 1 ? 0 : (index % extent) * stride;
    stride *= own;
    index = Math.floor(index / extent);
  }
  return source;
}
