import { EnvironmentError } from '@pixelis/core';
import * as tf from '@tensorflow/tfjs';
import { compileStep } from './compile-step';

describe('compileStep', () => {
  it('refuses another backend, with its name', async () => {
    await tf.setBackend('cpu');
    let thrown: unknown;
    try {
      compileStep((state) => ({ state, outputs: {} }), { state: {} });
    } catch (error) {
      thrown = error;
    }
    if (!(thrown instanceof EnvironmentError)) throw new Error('it was compiled');
    expect(thrown.code).toBe('BACKEND_CANNOT_COMPILE');
    expect(thrown.message).toMatch(/current backend is cpu/);
  });
});
