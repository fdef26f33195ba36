import * as tf from '@tensorflow/tfjs';
import type { HostTensor } from '../../src/host-tensors';
import type { StepCompiler } from '../../src/trainer/compiled-trainer';

/** Stands in for a compiler: takes each step by the operations of the backend in use, one after another. */
export const eagerCompiler: StepCompiler = (step, { state: initial }) => {
  const state: Record<string, tf.Tensor> = Object.fromEntries(
    Object.entries(initial).map(([name, tensor]) => [name, tf.keep(tensor.clone())]),
  );
  return {
    run(inputs) {
      const { outputs } = tf.tidy(() => {
        const result = step({ ...state }, inputs);
        for (const [name, tensor] of Object.entries(result.state)) {
          if (tensor === state[name]) continue;
          state[name]!.dispose();
          state[name] = tf.keep(tensor.clone());
        }
        return { outputs: { ...result.outputs } };
      });
      return outputs;
    },
    readTensors: (names) =>
      Object.fromEntries(names.map((name) => [name, tf.keep(state[name]!.clone())])),
    async readState(names) {
      const values: Record<string, HostTensor> = {};
      for (const name of names) {
        const tensor = state[name]!;
        values[name] = { shape: tensor.shape, data: Float32Array.from(await tensor.data()) };
      }
      return values;
    },
    dispose: () => tf.dispose(state),
  };
};
