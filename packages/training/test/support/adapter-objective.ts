import { Generator } from '@pixelis/reproducibility';
import * as tf from '@tensorflow/tfjs';
import { inputNamed } from '../../src/host-tensors';
import { attention } from '../../src/layers/attention';
import { linear } from '../../src/layers/linear';
import { parameterNamed, type ParameterSpecs } from '../../src/parameters';
import type { Objective } from '../../src/trainer/objective';

const [LENGTH, DIM, RANK] = [4, 16, 2];

/** Rows of 16 numbers, four to a sequence, and what shall come out. */
export interface AdapterShard {
  readonly rows: Float32Array;
  readonly targets: Float32Array;
}

/** Factors of low rank beside frozen matrices (Hu et al. 2021), and a parameter that nothing uses. */
export const adapterSpecs: ParameterSpecs = {
  'qkv.a': factor([DIM, RANK]),
  'qkv.b': factor([RANK, 3 * DIM]),
  'out.a': factor([DIM, RANK]),
  'out.b': factor([RANK, DIM]),
  unused: factor([DIM, DIM]),
};

/** The sum of squared errors of an attention whose matrices are frozen but for what the adapters add. */
export function adapterObjective(): Objective<AdapterShard> {
  const source = Generator.fromSeed(4).fork('frozen');
  const frozen = (name: string, columns: number): tf.Tensor => {
    const values = source.fork(name);
    return tf.tensor2d(
      Float32Array.from({ length: DIM * columns }, () => values.normal() / 4),
      [DIM, columns],
    );
  };
  const weights = { qkv: frozen('qkv', 3 * DIM), out: frozen('out', DIM) };
  return {
    inputs: ({ rows, targets }) => ({
      rows: { shape: [rows.length / DIM, DIM], data: rows },
      targets: { shape: [targets.length / DIM, DIM], data: targets },
    }),
    lossSum: (parameters, inputs) =>
      tf.tidy(() => {
        const adapted = (x: tf.Tensor, name: 'qkv' | 'out'): tf.Tensor => {
          const weight = weights[name];
          const bias = tf.zeros([weight.shape[1]!]);
          const narrow = tf.matMul(x, parameterNamed(parameters, `${name}.a`));
          const added = tf.matMul(narrow, parameterNamed(parameters, `${name}.b`));
          return tf.add(linear(x, { weight, bias }), added);
        };
        const rows = inputNamed(inputs, 'rows');
        const sequences = { batch: rows.shape[0] / LENGTH, length: LENGTH };
        const packed = adapted(rows, 'qkv');
        const attended = attention(packed, { ...sequences, heads: 2, isCausal: true });
        const error = tf.sub(adapted(attended, 'out'), inputNamed(inputs, 'targets'));
        return tf.sum(tf.square(error)).asScalar();
      }),
    weight: ({ rows }) => rows.length / DIM,
  };
}

function factor(shape: number[]): ParameterSpecs[string] {
  return { shape, initializer: { kind: 'normal', standardDeviation: 0.1 }, isDecayed: true };
}
