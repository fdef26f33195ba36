import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import fc from 'fast-check';

import { unaryDefinitions } from '../../test/elementwise-definitions';
import { bits } from '../../test/naive-product';
import { type InstalledKernels, installTrainingKernels } from '../index';

const { fround } = Math;

/** Some lengths fill rounds of eight and vectors of four entries, others leave one to seven over. */
const values = fc.float32Array({ minLength: 0, maxLength: 40 });

describe('unary kernels', () => {
  let installed: InstalledKernels;

  beforeAll(async () => {
    tf.env().set('IS_TEST', true);
    await tf.setBackend('wasm');
    installed = installTrainingKernels(tf);
  });
  afterAll(() => installed.uninstall());

  it.each(Object.entries(unaryDefinitions))(
    '%s has the bits of its definition for every number of entries',
    (name, define) => {
      fc.assert(
        fc.property(values, (x) => {
          expect(bits(run(name, x))).toEqual(bits(x.map(define)));
        }),
      );
    },
  );

  it('LeakyRelu has the bits of its definition', () => {
    fc.assert(
      fc.property(values, fc.float(), (x, alpha) => {
        const expected = x.map((one) => (one < 0 ? fround(alpha * one) : one));
        expect(bits(run('LeakyRelu', x, { alpha }))).toEqual(bits(expected));
      }),
    );
  });

  it('Step has the bits of its definition', () => {
    fc.assert(
      fc.property(values, fc.float(), (x, alpha) => {
        const expected = x.map((one) => (one > 0 ? 1 : Number.isNaN(one) ? NaN : alpha));
        expect(bits(run('Step', x, { alpha }))).toEqual(bits(expected));
      }),
    );
  });

  it('ClipByValue has the bits of its definition', () => {
    const limits = fc.tuple(fc.float({ noNaN: true }), fc.float({ noNaN: true }));
    fc.assert(
      fc.property(values, limits, (x, ends) => {
        const [low, high] = ends[0] < ends[1] ? ends : [ends[1], ends[0]];
        const expected = x.map((one) => (one < low ? low : one > high ? high : one));
        const actual = run('ClipByValue', x, { clipValueMin: low, clipValueMax: high });
        expect(bits(actual)).toEqual(bits(expected));
      }),
    );
  });

  it('changes nothing outside its result', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Neg', 'Exp', 'Tanh'),
        fc.integer({ min: 1, max: 20 }),
        (name, length) => {
          const neighbours = [tf.fill([length], 7), tf.fill([length], 8), tf.fill([length], 9)];
          tf.dispose(neighbours[1]!);
          const result = tf.engine().runKernel<tf.Tensor>(name, { x: neighbours[0]! });
          expect([...neighbours[0]!.dataSync()]).toEqual(Array<number>(length).fill(7));
          expect([...neighbours[2]!.dataSync()]).toEqual(Array<number>(length).fill(9));
          tf.dispose([neighbours[0]!, neighbours[2]!, result]);
        },
      ),
    );
  });
});

function run(name: string, x: Float32Array, attributes: tf.NamedAttrMap = {}): Float32Array {
  return tf.tidy(() => {
    const result = tf.engine().runKernel<tf.Tensor>(name, { x: tf.tensor1d(x) }, attributes);
    return Float32Array.from(result.dataSync());
  });
}
