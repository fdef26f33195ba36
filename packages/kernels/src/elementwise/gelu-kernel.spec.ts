import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';

import { defineGeluOfErf, defineGeluOfTanh } from '../../test/elementwise-definitions';
import { bits } from '../../test/naive-product';
import { type InstalledKernels, installTrainingKernels } from '../index';

const definitions = { erf: defineGeluOfErf, tanh: defineGeluOfTanh } as const;

type Form = keyof typeof definitions;

const forms: readonly Form[] = ['erf', 'tanh'];

/** Points with value and gradient as PyTorch 2.13 has them in float32, and as they are exactly. */
const fixtures = JSON.parse(
  readFileSync(join(__dirname, '..', '..', 'fixtures', 'gelu.json'), 'utf8'),
) as Record<Form, string[]>;

describe.each(forms)('kernel PixelisGelu, form %s', (form) => {
  let installed: InstalledKernels;
  const { x, torch, exact } = fixture(form);

  beforeAll(async () => {
    tf.env().set('IS_TEST', true);
    await tf.setBackend('wasm');
    installed = installTrainingKernels(tf);
  });
  afterAll(() => installed.uninstall());

  it('agrees with PyTorch in value and derivative, as far as PyTorch with the exact ones', () => {
    const actual = run(form, x);
    x.forEach((point, index) => {
      const size = Math.max(1, Math.abs(point));
      expect(Math.abs(actual.value[index]! - torch.value[index]!) / size).toBeLessThan(5e-7);
      expect(Math.abs(actual.derivative[index]! - torch.derivative[index]!)).toBeLessThan(1.1e-6);
    });
  });

  it('keeps the relative accuracy of the value where x is far below 0', () => {
    const { value } = run(form, x);
    const relative = (index: number) => Math.abs(value[index]! / exact.value[index]! - 1);
    const regular = [...x.keys()].filter((index) => Math.abs(exact.value[index]!) > 2 ** -120);
    expect(Math.min(...regular.map((index) => x[index]!))).toBeLessThan(form === 'erf' ? -12 : -9);
    expect(Math.max(...regular.map(relative))).toBeLessThan(relativeBounds[form]);
  });

  it('has the derivative of the exact function', () => {
    const { derivative } = run(form, x);
    const errors = Array.from(derivative, (one, index) => Math.abs(one - exact.derivative[index]!));
    expect(Math.max(...errors)).toBeLessThan(1.3e-7);
  });

  it('has the bits of its definition, for every number of entries', () => {
    const define = definitions[form];
    for (let count = 0; count <= 40; count++) {
      const some = x.slice(300, 300 + count);
      const { value, derivative } = run(form, some);
      expect(bits(value)).toEqual(bits(some.map((one) => define(one).value)));
      expect(bits(derivative)).toEqual(bits(some.map((one) => define(one).derivative)));
    }
    const { value, derivative } = run(form, x);
    expect(bits(value)).toEqual(bits(x.map((one) => define(one).value)));
    expect(bits(derivative)).toEqual(bits(x.map((one) => define(one).derivative)));
  });

  it('has its limits at the infinities, keeps the signs of zeros, and gives NaN for NaN', () => {
    const { value, derivative } = run(
      form,
      new Float32Array([Infinity, -Infinity, 1e30, -1e30, 0, -0, NaN]),
    );
    expect([...value]).toEqual([Infinity, 0, Math.fround(1e30), 0, 0, -0, NaN]);
    expect([...derivative]).toEqual([1, -0, 1, -0, 0.5, 0.5, NaN]);
  });

  it('takes shapes of any rank and empty tensors', () => {
    for (const shape of [[], [0, 3], [2, 3, 4]]) {
      const [value, derivative] = tf
        .engine()
        .runKernel<tf.Tensor[]>('PixelisGelu', { x: tf.zeros(shape) }, { form });
      expect([value!.shape, derivative!.shape]).toEqual([shape, shape]);
    }
  });
});

describe('kernel PixelisGelu', () => {
  it('refuses another form', async () => {
    await tf.setBackend('wasm');
    const installed = installTrainingKernels(tf);
    expect(() =>
      tf.engine().runKernel('PixelisGelu', { x: tf.zeros([1]) }, { form: 'fast' }),
    ).toThrow(RangeError);
    installed.uninstall();
  });
});

/** The exponent of the tanh form is rounded, which its exponential magnifies. */
const relativeBounds = { erf: 5e-7, tanh: 1.4e-5 } as const;

function run(form: Form, x: Float32Array): { value: Float32Array; derivative: Float32Array } {
  return tf.tidy(() => {
    const [value, derivative] = tf
      .engine()
      .runKernel<tf.Tensor[]>('PixelisGelu', { x: tf.tensor1d(x) }, { form });
    return {
      value: Float32Array.from(value!.dataSync()),
      derivative: Float32Array.from(derivative!.dataSync()),
    };
  });
}

function fixture(form: Form) {
  const rows = fixtures[form].map((row) => row.split(' ').map((text) => Buffer.from(text, 'hex')));
  const floats = (column: number) => Float32Array.from(rows, (row) => row[column]!.readFloatBE());
  const doubles = (column: number) => Float64Array.from(rows, (row) => row[column]!.readDoubleBE());
  return {
    x: floats(0),
    torch: { value: floats(1), derivative: floats(2) },
    exact: { value: doubles(3), derivative: doubles(4) },
  };
}
