import type { HeadsShape } from './layer-definitions';

/** Inputs of a layer in float64 by name. */
export type Inputs = Readonly<Record<string, Float64Array>>;

/** A layer by the formulas of its paper in float64, in no particular order of sums. */
export type Reference = (inputs: Inputs) => Float64Array;

function named(inputs: Inputs, name: string): Float64Array {
  const values = inputs[name];
  if (values === undefined) throw new Error(`Input ${name} is missing`);
  return values;
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function mapRows(
  values: Float64Array,
  width: number,
  map: (row: Float64Array, index: number) => Float64Array,
): Float64Array {
  const rows = Array.from({ length: values.length / width }, (_, index) =>
    map(values.subarray(index * width, (index + 1) * width), index),
  );
  return Float64Array.from(rows.flatMap((row) => [...row]));
}

/** (x − mean) / √(variance + epsilon) · weight + bias of the inputs x, weight and bias. */
export function layerNormReference(epsilon: number): Reference {
  return (inputs) => {
    const [weight, bias] = [named(inputs, 'weight'), named(inputs, 'bias')];
    return mapRows(named(inputs, 'x'), weight.length, (row) => {
      const mean = total(row) / row.length;
      const variance = total(row.map((entry) => (entry - mean) ** 2)) / row.length;
      return row.map(
        (entry, j) => ((entry - mean) / Math.sqrt(variance + epsilon)) * weight[j]! + bias[j]!,
      );
    });
  };
}

function softmax(row: Float64Array): Float64Array {
  const largest = Math.max(...row);
  const exponentials = row.map((entry) => Math.exp(entry - largest));
  return exponentials.map((entry) => entry / total(exponentials));
}

/** softmax(Q · Kᵀ / √headDim) · V of the input packed. */
export function attentionReference({ batch, length, heads, isCausal }: HeadsShape): Reference {
  return (inputs) => {
    const packed = named(inputs, 'packed');
    const dim = packed.length / (3 * batch * length);
    const headDim = dim / heads;
    const entry = (part: number, position: number, column: number): number =>
      packed[(position * 3 + part) * dim + column]!;
    const out = new Float64Array(batch * length * dim);
    for (let position = 0; position < batch * length; position++) {
      const first = position - (position % length);
      const seen = isCausal ? (position % length) + 1 : length;
      for (let column = 0; column < dim; column++) {
        const start = column - (column % headDim);
        const scores = Float64Array.from({ length: seen }, (_, j) => {
          let score = 0;
          for (let d = start; d < start + headDim; d++)
            score += entry(0, position, d) * entry(1, first + j, d);
          return score / Math.sqrt(headDim);
        });
        const shares = softmax(scores).map((share, j) => share * entry(2, first + j, column));
        out[position * dim + column] = total(shares);
      }
    }
    return out;
  };
}

/** Σ weight · −log softmax(logits)[target] of the input logits. */
export function crossEntropyReference(targets: Int32Array, weights: Float32Array): Reference {
  return (inputs) => {
    const logits = named(inputs, 'logits');
    const terms = mapRows(logits, logits.length / targets.length, (row, i) => {
      const target = targets[i]!;
      return Float64Array.of(target < 0 ? 0 : -Math.log(softmax(row)[target]!) * weights[i]!);
    });
    return Float64Array.of(total(terms));
  };
}

/** The gradient of Σ upstream · reference(inputs) for every input, by central differences. */
export function centralDifferences(
  reference: Reference,
  inputs: Inputs,
  upstream: ArrayLike<number>,
): Record<string, Float64Array> {
  const spacing = 1e-5;
  const loss = (changed: Inputs): number =>
    total(reference(changed).map((value, index) => value * upstream[index]!));
  const gradientOf = (name: string, values: Float64Array): Float64Array =>
    values.map((value, index) => {
      const [above, below] = [value + spacing, value - spacing].map((moved) =>
        loss({ ...inputs, [name]: values.with(index, moved) }),
      );
      return (above! - below!) / (2 * spacing);
    });
  return Object.fromEntries(
    Object.entries(inputs).map(([name, values]) => [name, gradientOf(name, values)]),
  );
}
