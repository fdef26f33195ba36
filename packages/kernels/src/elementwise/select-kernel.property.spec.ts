import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import fc from 'fast-check';

import { bits } from '../../test/naive-product';
import { type InstalledKernels, installTrainingKernels } from '../index';

describe('kernel Select', () => {
  let installed: InstalledKernels;

  beforeAll(async () => {
    tf.env().set('IS_TEST', true);
    await tf.setBackend('wasm');
    installed = installTrainingKernels(tf);
  });
  afterAll(() => installed.uninstall());

  it('takes the one entry or the other, with its bits', () => {
    const cases = fc.array(fc.tuple(fc.boolean(), fc.float(), fc.float()), { maxLength: 30 });
    fc.assert(
      fc.property(cases, (rows) => {
        const [t, e] = [rows.map(([, one]) => one), rows.map(([, , other]) => other)];
        const conditions = rows.map(([condition]) => condition);
        const expected = conditions.map((condition, i) => (condition ? t[i]! : e[i]!));
        const actual = tf.tidy(() =>
          tf.where(tf.tensor1d(conditions, 'bool'), tf.tensor1d(t), tf.tensor1d(e)).dataSync(),
        );
        expect(bits(Float32Array.from(actual))).toEqual(bits(Float32Array.from(expected)));
      }),
    );
  });

  it('takes whole rows by a condition for each row, also of integers', () => {
    const cases = fc.record({
      conditions: fc.array(fc.boolean(), { maxLength: 5 }),
      columns: fc.integer({ min: 0, max: 5 }),
      dtype: fc.constantFrom('float32' as const, 'int32' as const),
    });
    fc.assert(
      fc.property(cases, ({ conditions, columns, dtype }) => {
        const shape: [number, number] = [conditions.length, columns];
        tf.tidy(() => {
          const result = tf.engine().runKernel<tf.Tensor>('Select', {
            condition: tf.tensor1d(conditions, 'bool'),
            t: tf.fill(shape, 3, dtype),
            e: tf.fill(shape, -4, dtype),
          });
          expect([result.shape, result.dtype]).toEqual([shape, dtype]);
          expect([...result.dataSync()]).toEqual(
            conditions.flatMap((condition) => Array<number>(columns).fill(condition ? 3 : -4)),
          );
        });
      }),
    );
  });

  it('leaves other types to tfjs', () => {
    const [condition, t] = [tf.tensor1d([true, true], 'bool'), tf.tensor1d([true, false], 'bool')];
    const result = tf.where(condition, t, tf.logicalNot(t));
    expect([result.dtype, ...result.dataSync()]).toEqual(['bool', 1, 0]);
  });
});
