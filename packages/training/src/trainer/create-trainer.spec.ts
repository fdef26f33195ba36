import { UsageError } from '@pixelis/core';
import * as tf from '@tensorflow/tfjs';
import { setBackend } from '../../test/support/backends';
import { squares, squaresSpecs } from '../../test/support/squares-objective';
import { thrownBy } from '../../test/support/thrown-by';
import { ArenaTrainer } from '../threads/arena-trainer';
import { createTrainer } from './create-trainer';
import { TensorTrainer } from './tensor-trainer';

const options = { specs: squaresSpecs, objective: squares, optimizer: {}, gradientClipNorm: 1 };

describe('createTrainer()', () => {
  it.each([
    ['wasm', ArenaTrainer],
    ['cpu', TensorTrainer],
  ] as const)(
    'makes on %s the trainer for it, at values or where another stood',
    async (backend, type) => {
      await setBackend(backend);
      const parameters = { slope: tf.tensor1d([2, -1]), bias: tf.scalar(0.5) };
      const first = createTrainer({ parameters }, options);
      await first.update([{ inputs: [[1, 3]], targets: [1] }], 0.1);
      const second = createTrainer({ snapshot: await first.snapshot() }, options);

      expect(first).toBeInstanceOf(type);
      expect(second).toBeInstanceOf(type);
      expect(second.step).toBe(1);
      expect(await second.snapshot()).toEqual(await first.snapshot());
      tf.dispose(parameters);
      await Promise.all([first.dispose(), second.dispose()]);
    },
  );

  it('refuses several threads on another backend than wasm', async () => {
    await setBackend('cpu');
    const parameters = { slope: tf.tensor1d([2, -1]), bias: tf.scalar(0.5) };
    const error = thrownBy(() => createTrainer({ parameters }, { ...options, threads: 2 }));

    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ code: 'THREADS_UNSUPPORTED', exitCode: 2 });
  });

  it.each([
    [{ isCompiled: true }, 'wasm', 'COMPILE_UNSUPPORTED', /"wasm" cannot compile/],
    [{ isCompiled: true }, 'cpu', 'COMPILE_UNSUPPORTED', /"reference" cannot compile/],
    [{ precision: 'bf16' }, 'wasm', 'PRECISION_UNSUPPORTED', /not bf16/],
  ] as const)('refuses %p on %s', async (wish, backend, code, message) => {
    await setBackend(backend);
    const parameters = { slope: tf.tensor1d([2, -1]), bias: tf.scalar(0.5) };
    const error = thrownBy(() => createTrainer({ parameters }, { ...options, ...wish }));

    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ code, exitCode: 2 });
    expect(String(error)).toMatch(message);
    tf.dispose(parameters);
  });

  it.each([
    ['lacks a parameter', { slope: [2] }],
    ['has one of another shape', { slope: [3], bias: [] }],
  ])('refuses a start that %s', async (_, shapes) => {
    await setBackend('wasm');
    const parameters = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name, tf.zeros(shape)]),
    );

    expect(() => createTrainer({ parameters }, options)).toThrow(RangeError);
    tf.dispose(parameters);
  });

  it('refuses a snapshot of another size', async () => {
    await setBackend('wasm');
    const tree = { slope: { shape: [2], data: new Float32Array(2) } };
    const snapshot = { step: 1, parameters: tree, firstMoments: tree, secondMoments: tree };

    expect(() => createTrainer({ snapshot }, options)).toThrow(RangeError);
  });
});
