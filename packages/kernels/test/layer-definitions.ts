// Looked up once: globals are slow in the contexts that tests run in.
const { fround } = Math;

/** The elementary functions of the kernels, entry by entry. */
export interface ElementaryFunctions {
  readonly exp: (values: Float32Array) => Float32Array;
  readonly log: (values: Float32Array) => Float32Array;
}

/** How the rows of packed queries, keys and values make heads. */
export interface HeadsShape {
  readonly batch: number;
  readonly length: number;
  readonly heads: number;
  readonly isCausal: boolean;
}

/** One chain of additions from +0 in ascending order. */
export function chain(terms: Iterable<number>): number {
  let sum = 0;
  for (const term of terms) sum = fround(sum + fround(term));
  return sum;
}

/** Partial sum j takes the terms j, j + 4, …; then (0 + 1) + (2 + 3). */
export function sumOfFour(terms: ArrayLike<number>): number {
  const sums = partialSums(terms, 4);
  return addFour((lane) => sums[lane]!);
}

/** Partial sum j takes the terms j, j + 16, …; then (j + (j + 8)) + ((j + 4) + (j + 12)) for j from 0 to 3, and those as four. */
export function sumOfSixteen(terms: ArrayLike<number>): number {
  const sums = partialSums(terms, 16);
  return addFour((lane) =>
    fround(fround(sums[lane]! + sums[lane + 8]!) + fround(sums[lane + 4]! + sums[lane + 12]!)),
  );
}

function partialSums(terms: ArrayLike<number>, count: number): Float32Array {
  const sums = new Float32Array(count);
  for (let index = 0; index < terms.length; index++) sums[index % count]! += fround(terms[index]!);
  return sums;
}

function addFour(sum: (lane: number) => number): number {
  return fround(fround(sum(0) + sum(1)) + fround(sum(2) + sum(3)));
}

/** Layer normalisation of rows of `weight.length` entries. */
export function defineLayerNorm(
  x: Float32Array,
  parameters: { weight: Float32Array; bias: Float32Array; epsilon: number },
): { value: Float32Array; mean: Float32Array; inverseDeviation: Float32Array } {
  const { weight, bias, epsilon } = parameters;
  const dim = weight.length;
  const [value, rows] = [new Float32Array(x.length), x.length / dim];
  const [means, inverses] = [new Float32Array(rows), new Float32Array(rows)];
  for (let i = 0; i < rows; i++) {
    const row = x.subarray(i * dim, (i + 1) * dim);
    const mean = fround(sumOfSixteen(row) / dim);
    const squares = row.map((entry) => fround(entry - mean) * fround(entry - mean));
    const variance = fround(sumOfSixteen(squares) / dim);
    const inverse = fround(1 / fround(Math.sqrt(fround(variance + fround(epsilon)))));
    for (let j = 0; j < dim; j++) {
      const hat = fround(fround(row[j]! - mean) * inverse);
      value[i * dim + j] = fround(hat * weight[j]!) + bias[j]!;
    }
    [means[i], inverses[i]] = [mean, inverse];
  }
  return { value, mean: means, inverseDeviation: inverses };
}

/** The gradient of {@link defineLayerNorm}. */
export function defineLayerNormGradient(
  dy: Float32Array,
  forward: {
    x: Float32Array;
    weight: Float32Array;
    mean: Float32Array;
    inverseDeviation: Float32Array;
  },
): { dx: Float32Array; dWeight: Float32Array; dBias: Float32Array } {
  const { x, weight, mean, inverseDeviation } = forward;
  const dim = weight.length;
  const dx = new Float32Array(x.length);
  const [dWeight, dBias] = [new Float32Array(dim), new Float32Array(dim)];
  mean.forEach((rowMean, i) => {
    const inverse = inverseDeviation[i]!;
    const slopes = dy.subarray(i * dim, (i + 1) * dim);
    const hats = x
      .subarray(i * dim, (i + 1) * dim)
      .map((entry) => fround(entry - rowMean) * inverse);
    const weighted = slopes.map((slope, j) => slope * weight[j]!);
    const slope = fround(sumOfSixteen(weighted) / dim);
    const along = fround(sumOfSixteen(weighted.map((entry, j) => entry * hats[j]!)) / dim);
    for (let j = 0; j < dim; j++) {
      const centred = fround(weighted[j]! - slope);
      dx[i * dim + j] = fround(centred - fround(hats[j]! * along)) * inverse;
      dWeight[j]! += fround(slopes[j]! * hats[j]!);
      dBias[j]! += slopes[j]!;
    }
  });
  return { dx, dWeight, dBias };
}

/** Softmax of one row, the differences to its maximum multiplied by `scale`, and the sum of exponentials. */
export function defineSoftmax(
  row: Float32Array,
  { exp, scale = 1 }: Pick<ElementaryFunctions, 'exp'> & { scale?: number },
): { probabilities: Float32Array; sum: number; maximum: number } {
  const maximum = row.reduce((largest, entry) => Math.max(largest, entry), -Infinity);
  const exponentials = exp(row.map((entry) => fround(entry - maximum) * fround(scale)));
  const sum = sumOfFour(exponentials);
  const inverse = fround(1 / sum);
  return { probabilities: exponentials.map((entry) => entry * inverse), sum, maximum };
}

/** Log-softmax of one row. */
export function defineLogSoftmax(row: Float32Array, elementary: ElementaryFunctions): Float32Array {
  const { sum, maximum } = defineSoftmax(row, elementary);
  const logSum = elementary.log(Float32Array.of(sum))[0]!;
  return row.map((entry) => fround(entry - maximum) - logSum);
}

/** Weighted sum of the cross-entropy of rows against class ids. */
export function defineCrossEntropy(
  logits: Float32Array,
  labels: { targets: Int32Array; weights: Float32Array },
  elementary: ElementaryFunctions,
): { value: number; probabilities: Float32Array } {
  const { targets, weights } = labels;
  const classes = logits.length / targets.length;
  const all = new Float32Array(logits.length);
  let value = 0;
  targets.forEach((target, i) => {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    const { probabilities, sum, maximum } = defineSoftmax(row, elementary);
    all.set(probabilities, i * classes);
    if (target < 0) return;
    const logSum = elementary.log(Float32Array.of(sum))[0]!;
    value += fround(weights[i]! * fround(logSum - fround(row[target]! - maximum)));
  });
  return { value: fround(value), probabilities: all };
}

/** The gradient of {@link defineCrossEntropy}. */
export function defineCrossEntropyGradient(
  dy: number,
  probabilities: Float32Array,
  { targets, weights }: { targets: Int32Array; weights: Float32Array },
): Float32Array {
  const classes = probabilities.length / targets.length;
  return probabilities.map((probability, index) => {
    const row = Math.floor(index / classes);
    const target = targets[row]!;
    if (target < 0) return 0;
    const isTarget = index - row * classes === target;
    return fround(probability - (isTarget ? 1 : 0)) * fround(dy * weights[row]!);
  });
}

/** Where the entries of one head lie: entry `d` of the query, key or value of position `i`, and of its share of the output. */
interface Head {
  readonly headDim: number;
  readonly scale: number;
  /** Index into the probabilities of the row of position `i`. */
  readonly row: (i: number) => number;
  readonly packed: (part: 0 | 1 | 2, i: number, d: number) => number;
  readonly output: (i: number, d: number) => number;
}

function headsOf(size: number, { batch, length, heads }: HeadsShape): Head[] {
  const dim = size / (3 * batch * length);
  const headDim = dim / heads;
  return Array.from({ length: batch * heads }, (_, index) => {
    const [sequence, column] = [Math.floor(index / heads), (index % heads) * headDim];
    return {
      headDim,
      scale: fround(1 / Math.sqrt(headDim)),
      row: (i) => (index * length + i) * length,
      packed: (part, i, d) => ((sequence * length + i) * 3 + part) * dim + column + d,
      output: (i, d) => (sequence * length + i) * dim + column + d,
    };
  });
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}

/** Attention of packed queries, keys and values. */
export function defineAttention(
  packed: Float32Array,
  shape: HeadsShape,
  { exp }: Pick<ElementaryFunctions, 'exp'>,
): { value: Float32Array; probabilities: Float32Array } {
  const { batch, length, heads, isCausal } = shape;
  const value = new Float32Array(packed.length / 3);
  const probabilities = new Float32Array(batch * heads * length * length);
  for (const { headDim, scale, row, packed: at, output } of headsOf(packed.length, shape)) {
    const columns = range(0, headDim);
    for (let i = 0; i < length; i++) {
      const seen = range(0, isCausal ? i + 1 : length);
      const scores = seen.map((j) =>
        chain(columns.map((d) => packed[at(0, i, d)]! * packed[at(1, j, d)]!)),
      );
      const { probabilities: p } = defineSoftmax(Float32Array.from(scores), { exp, scale });
      probabilities.set(p, row(i));
      for (const d of columns)
        value[output(i, d)] = chain(seen.map((j) => p[j]! * packed[at(2, j, d)]!));
    }
  }
  return { value, probabilities };
}

/** The gradient of {@link defineAttention}. */
export function defineAttentionGradient(
  dy: Float32Array,
  { packed, probabilities: p }: { packed: Float32Array; probabilities: Float32Array },
  shape: HeadsShape,
): Float32Array {
  const { length, isCausal } = shape;
  const dPacked = new Float32Array(packed.length);
  for (const { headDim, scale, row, packed: at, output } of headsOf(packed.length, shape)) {
    const columns = range(0, headDim);
    const dScores = range(0, length).map((i) => {
      const seen = range(0, isCausal ? i + 1 : length);
      const slopes = seen.map((j) =>
        chain(columns.map((d) => dy[output(i, d)]! * packed[at(2, j, d)]!)),
      );
      const sum = sumOfSixteen(slopes.map((slope, j) => slope * p[row(i) + j]!));
      return slopes.map((slope, j) => fround(fround(p[row(i) + j]! * fround(slope - sum)) * scale));
    });
    for (let i = 0; i < length; i++) {
      const [seen, seeing] = [range(0, isCausal ? i + 1 : length), range(isCausal ? i : 0, length)];
      for (const d of columns) {
        dPacked[at(0, i, d)] = chain(seen.map((j) => dScores[i]![j]! * packed[at(1, j, d)]!));
        dPacked[at(1, i, d)] = chain(seeing.map((j) => dScores[j]![i]! * packed[at(0, j, d)]!));
        dPacked[at(2, i, d)] = chain(seeing.map((j) => p[row(j) + i]! * dy[output(j, d)]!));
      }
    }
  }
  return dPacked;
}

/** Sums over rows, one chain a column. */
export function defineColumnSums(x: Float32Array, columns: number): Float32Array {
  const sums = new Float32Array(columns);
  x.forEach((entry, index) => (sums[index % columns]! += entry));
  return sums;
}
