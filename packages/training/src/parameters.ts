import * as tf from '@tensorflow/tfjs';

/** A model's parameters: a flat tree from dotted names such as `encoder.blocks.0.attention.qkv.weight` to tensors. */
export type ParameterTree = Readonly<Record<string, tf.Tensor>>;

/**
 * How a parameter starts.
 *
 * - `constant`: every entry is `value`.
 * - `normal`: independent draws of mean 0 and standard deviation `standardDeviation`.
 * - `glorot_uniform`: uniform in ±√(6 / (fan in + fan out)) of a matrix `[in, out]`
 *   (Glorot & Bengio 2010, equation 16), which keeps the variance of activations and gradients.
 */
export type Initializer =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly standardDeviation: number }
  | { readonly kind: 'glorot_uniform' };

/** What a model declares of one parameter. */
export interface ParameterSpec {
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  /** Whether weight decay shrinks it: true for matrices, false for biases, norms and embeddings. */
  readonly isDecayed: boolean;
}

/** What a model declares of all its parameters, by dotted name. */
export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

/** The part of a forked random generator that initialisation draws from; `Generator` of `@pixelis/reproducibility` is one. */
export interface ParameterSource {
  /** A generator that depends on this one's seed and the name alone. */
  fork(name: string): ParameterSource;
  /** A draw from [0, 1). */
  uniform(): number;
  /** A draw of mean 0 and variance 1. */
  normal(): number;
}

/**
 * Draws every parameter that a model declares. A value depends on the generator's seed and the parameter's own name,
 * so adding, removing or reordering other parameters does not change it.
 *
 * @returns new tensors, owned by the caller
 */
export function initialiseParameters(
  specs: ParameterSpecs,
  generator: ParameterSource,
): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      tf.tensor(initialValues(spec, generator.fork(name)), [...spec.shape], 'float32'),
    ]),
  );
}

/** The number of entries of a tensor of this shape. */
export function sizeOfShape(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

function initialValues(spec: ParameterSpec, generator: ParameterSource): Float32Array {
  const values = new Float32Array(sizeOfShape(spec.shape));
  const { initializer } = spec;
  switch (initializer.kind) {
    case 'constant':
      return values.fill(initializer.value);
    case 'normal':
      return values.map(() => generator.normal() * initializer.standardDeviation);
    case 'glorot_uniform': {
      const [fanIn, fanOut, ...rest] = spec.shape;
      if (fanIn === undefined || fanOut === undefined || rest.length > 0) {
        throw new RangeError(
          `Cannot initialise by glorot_uniform: the shape must be [in, out]: current value is [${spec.shape.join(', ')}]`,
        );
      }
      const bound = Math.sqrt(6 / (fanIn + fanOut));
      return values.map(() => (2 * generator.uniform() - 1) * bound);
    }
  }
}

/** One parameter's place in the flat vector. */
export interface ParameterSlot {
  readonly name: string;
  readonly shape: readonly number[];
  /** Index of its first entry in the flat vector. */
  readonly offset: number;
  /** Number of its entries. */
  readonly size: number;
}

/** How a {@link ParameterLayout} places parameters. */
export interface ParameterLayoutOptions {
  /** Offsets are multiples of it; the entries between are zeros. @default {1} */
  readonly alignment?: number;
}

/**
 * The order in which a tree of parameters lies in one flat vector: names sorted by their UTF-8 bytes, each tensor in row-major
 * order. The optimizer works on that vector, so a step costs a dozen operations however many parameters there are.
 */
export class ParameterLayout {
  readonly slots: readonly ParameterSlot[];
  /** What lies one after another in the flat vector: slots, and gaps of zeros that align them. */
  readonly parts: readonly { readonly size: number; readonly slot?: ParameterSlot }[];
  /** Number of entries of the flat vector. */
  readonly size: number;

  constructor(
    specs: Readonly<Record<string, { readonly shape: readonly number[] }>>,
    { alignment = 1 }: ParameterLayoutOptions = {},
  ) {
    let offset = 0;
    this.slots = Object.entries(specs)
      .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .map(([name, { shape }]) => {
        const size = sizeOfShape(shape);
        const slot = { name, shape: [...shape], offset, size };
        offset = Math.ceil((offset + size) / alignment) * alignment;
        return slot;
      });
    this.size = offset;
    this.parts = this.slots.flatMap((slot, index) => {
      const end = slot.offset + slot.size;
      const gap = (this.slots[index + 1]?.offset ?? this.size) - end;
      return gap === 0 ? [{ size: slot.size, slot }] : [{ size: slot.size, slot }, { size: gap }];
    });
  }

  /**
   * The tree as one vector `[size]`.
   *
   * @throws {RangeError} If a parameter is missing or of another shape; other names are ignored.
   */
  flatten(tree: ParameterTree): tf.Tensor1D {
    return tf.tidy(() =>
      tf.concat1d(
        this.parts.map(({ slot, size }) =>
          slot === undefined ? tf.zeros<tf.Rank.R1>([size]) : asVector(parameterOf(tree, slot)),
        ),
      ),
    );
  }

  /**
   * The tree whose flat vector holds these values, in new tensors owned by the caller. Where the values are in JavaScript anyway, as in a
   * worker that was sent them, this is faster than {@link unflatten}: no kernel runs.
   *
   * @throws {RangeError} If there are more or fewer values.
   */
  treeOf(values: Float32Array): Record<string, tf.Tensor> {
    this.#validateSize(values.length);
    return Object.fromEntries(
      this.slots.map(({ name, shape, offset, size }) => [
        name,
        tf.tensor(values.slice(offset, offset + size), [...shape]),
      ]),
    );
  }

  /**
   * The vector `[size]` as a tree of new tensors, owned by the caller.
   *
   * @throws {RangeError} If the vector has another length.
   */
  unflatten(flat: tf.Tensor1D): Record<string, tf.Tensor> {
    this.#validateSize(flat.size);
    return tf.tidy(() => {
      const tensors = tf.split(
        flat,
        this.parts.map(({ size }) => size),
      );
      return Object.fromEntries(
        tensors.flatMap((tensor, index) => {
          const slot = this.parts[index]?.slot;
          if (slot === undefined) return [];
          // A reshape of nothing would still call a kernel.
          const { name, shape } = slot;
          return [[name, shape.length === 1 ? tensor : tf.reshape(tensor, [...shape])]];
        }),
      );
    });
  }

  #validateSize(entries: number): void {
    if (entries !== this.size) {
      throw new RangeError(
        `Cannot unflatten parameters: the vector must have ${this.size} entries: current value is ${entries}`,
      );
    }
  }
}

/**
 * A vector `[layout.size]` of 1 where weight decay applies and 0 elsewhere.
 *
 * @throws {RangeError} If the layout names a parameter that `specs` lacks.
 */
export function weightDecayMask(specs: ParameterSpecs, layout: ParameterLayout): tf.Tensor1D {
  const mask = new Float32Array(layout.size);
  for (const { name, offset, size } of layout.slots) {
    mask.fill(specNamed(specs, name).isDecayed ? 1 : 0, offset, offset + size);
  }
  return tf.tensor1d(mask);
}

/** A run of entries of the flat vector that weight decay treats alike. */
export interface DecayRange {
  readonly offset: number;
  readonly count: number;
  readonly isDecayed: boolean;
}

/**
 * The runs of entries where weight decay applies or does not, in ascending order and as few as possible.
 *
 * @throws {RangeError} If the layout names a parameter that `specs` lacks.
 */
export function decayRanges(specs: ParameterSpecs, layout: ParameterLayout): DecayRange[] {
  const ranges: DecayRange[] = [];
  for (const { name, offset, size } of layout.slots) {
    const { isDecayed } = specNamed(specs, name);
    const last = ranges.at(-1);
    if (last?.isDecayed === isDecayed)
      ranges[ranges.length - 1] = { ...last, count: offset + size - last.offset };
    else ranges.push({ offset, count: size, isDecayed });
  }
  return ranges;
}

function specNamed(specs: ParameterSpecs, name: string): ParameterSpec {
  const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
  if (spec === undefined) throw new RangeError(`Cannot find parameter "${name}" in the specs`);
  return spec;
}

/**
 * The parameter of that name.
 *
 * @throws {RangeError} If the tree has none.
 */
export function parameterNamed(tree: ParameterTree, name: string): tf.Tensor {
  const tensor = Object.hasOwn(tree, name) ? tree[name] : undefined;
  if (tensor === undefined) {
    throw new RangeError(`Cannot find parameter "${name}" in the tree`);
  }
  return tensor;
}

/**
 * The parameter of a slot.
 *
 * @throws {RangeError} If the tree has none, or it is of another shape.
 */
export function parameterOf(tree: ParameterTree, { name, shape }: ParameterSlot): tf.Tensor {
  const tensor = parameterNamed(tree, name);
  if (hasShape(tensor, shape)) return tensor;
  throw new RangeError(
    `Cannot flatten parameters: ${name} must have shape [${shape.join(', ')}]: current value is [${tensor.shape.join(', ')}]`,
  );
}

function asVector(tensor: tf.Tensor): tf.Tensor1D {
  return isVector(tensor) ? tensor : tf.reshape<tf.Rank.R1>(tensor, [tensor.size]);
}

function isVector(tensor: tf.Tensor): tensor is tf.Tensor1D {
  return tensor.rank === 1;
}

function hasShape(tensor: tf.Tensor, shape: readonly number[]): boolean {
  return (
    tensor.shape.length === shape.length &&
    shape.every((extent, axis) => tensor.shape[axis] === extent)
  );
}
