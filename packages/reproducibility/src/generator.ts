import { inspect } from 'node:util';

import { IntegrityError, math, sha256 } from '@pixelis/core';

import { philox4x32, type Words2, type Words4 } from './philox';
import { validateSeed } from './seed';

const ALGORITHM = 'philox4x32-10';
const TWO_PI = 2 * Math.PI;

/**
 * Where a {@link Generator} stands, as plain JSON: which stream it is (`identity`, 32 hexadecimal digits) and how many
 * 32-bit words it has drawn. Nothing else is kept, so two generators with equal states go on alike.
 */
export type GeneratorState = {
  readonly algorithm: typeof ALGORITHM;
  readonly identity: string;
  readonly drawn: number;
};

/** The interval that {@link Generator.fillUniform} draws from; `low` is 0 and `high`, which is left out, 1 by default. */
export interface UniformBounds {
  readonly low?: number;
  readonly high?: number;
}

/** The distribution that {@link Generator.fillNormal} draws from; mean 0 and standard deviation 1 by default. */
export interface NormalParameters {
  readonly mean?: number;
  readonly standardDeviation?: number;
}

/**
 * A seeded source of random numbers whose streams are the same on every machine.
 *
 * A stream is Philox 4x32-10 over a 128-bit identity: its first two words are the key, its last two the upper half of the
 * counter, and the lower half counts blocks of four words. The identity comes from SHA-256, of the seed for a root and of
 * the parent's identity and a name for a {@link fork}; so a fork never depends on what was drawn before, and streams do not
 * overlap. Every method draws a fixed number of words (but for the rare rejections of {@link integer}) and keeps nothing else.
 *
 * A patch or minor release never changes a stream.
 */
export class Generator {
  readonly #identity: string;
  readonly #key: Words2;
  readonly #counterHigh: Words2;
  readonly #block = new Uint32Array(4);
  #nextBlock: number;
  #lane: number;

  private constructor(identity: string, drawn: number) {
    this.#identity = identity;
    this.#key = [wordOf(identity, 0), wordOf(identity, 1)];
    this.#counterHigh = [wordOf(identity, 2), wordOf(identity, 3)];
    this.#nextBlock = Math.floor(drawn / 4);
    this.#lane = 4;
    if (drawn % 4 !== 0) {
      this.#refill();
      this.#lane = drawn % 4;
    }
  }

  /**
   * The root generator of `seed`, an integer from 0 to 2^53 − 1.
   *
   * @throws {UsageError} `SEED_INVALID` for any other seed.
   */
  static fromSeed(seed: number): Generator {
    return new Generator(identityOf(`seed:${validateSeed(seed)}`), 0);
  }

  /**
   * The generator that {@link state} described; it goes on exactly where that one stood.
   *
   * @throws {IntegrityError} `GENERATOR_STATE_DAMAGED` if `state` is not such a state.
   */
  static fromState(state: unknown): Generator {
    const { identity, drawn } = validateState(state);
    return new Generator(identity, drawn);
  }

  /**
   * The generator called `name` under this one, at its beginning. It depends on this generator's identity and on `name`
   * alone, not on how much was drawn nor on other forks: the same name gives the same stream each time.
   *
   * @throws {TypeError} If `name` holds a lone surrogate, which UTF-8 cannot tell from another.
   */
  fork(name: string): Generator {
    if (!name.isWellFormed()) throw new TypeError('Cannot fork: the name holds a lone surrogate');
    return new Generator(identityOf(`fork:${this.#identity}:${name}`), 0);
  }

  /** Where this generator stands; {@link fromState} takes it. */
  state(): GeneratorState {
    return {
      algorithm: ALGORITHM,
      identity: this.#identity,
      drawn: this.#nextBlock * 4 - (4 - this.#lane),
    };
  }

  /** An integer from 0 to 2^32 − 1. Draws one word. */
  uint32(): number {
    if (this.#lane === 4) this.#refill();
    const word = this.#block[this.#lane] ?? 0;
    this.#lane++;
    return word;
  }

  /**
   * A number in [`low`, `high`), a multiple of 2^-53 before scaling. Draws two words.
   *
   * @throws {RangeError} If a bound or their difference is not finite, or `high` is less than `low`.
   */
  uniform(low = 0, high = 1): number {
    const span = validateSpan(low, high);
    const value = low + span * (this.#uint53() / 2 ** 53);
    // Rounding can reach the upper bound, which the interval leaves out.
    return value < high ? value : low;
  }

  /**
   * A number from the normal distribution, by Box-Muller (cosine half): sqrt(−2 ln(1 − u)) cos(2πv) with u and v uniform
   * in [0, 1). Draws four words. The largest deviation it can give is 8.57 standard deviations.
   *
   * @throws {RangeError} If the mean is not finite, or the standard deviation is negative or not finite.
   */
  normal(mean = 0, standardDeviation = 1): number {
    if (!Number.isFinite(mean) || !(standardDeviation >= 0 && standardDeviation < Infinity)) {
      throw new RangeError(
        `Cannot draw: mean must be finite and standardDeviation finite and >= 0: current values are ${mean} and ${standardDeviation}`,
      );
    }
    const radius = Math.sqrt(-2 * math.log(1 - this.uniform()));
    const angle = TWO_PI * this.uniform();
    return mean + standardDeviation * (radius * math.cos(angle));
  }

  /**
   * An integer from `low` up to but not including `high`, each equally likely: draws that would favour some are rejected.
   * Draws one word if `high - low` is at most 2^32, else two; more only after a rejection.
   *
   * @throws {RangeError} If a bound is not an integer of at most 2^53 in size, `high` is not greater than `low`, or they
   * lie more than 2^53 apart.
   */
  integer(low: number, high: number): number {
    const span = high - low;
    const isSpanExact = low + span === high;
    if (
      !isIntegerBound(low) ||
      !isIntegerBound(high) ||
      span < 1 ||
      span > 2 ** 53 ||
      !isSpanExact
    ) {
      throw new RangeError(
        `Cannot draw: bounds must be integers with 1 <= high - low <= 2^53: current values are ${low} and ${high}`,
      );
    }
    return low + this.#below(span);
  }

  /**
   * The numbers 0 to `size` − 1 in random order, every order equally likely (Fisher-Yates).
   *
   * @throws {RangeError} If `size` is not an integer from 0 to 2^32 − 1.
   */
  permutation(size: number): Uint32Array<ArrayBuffer> {
    if (!Number.isInteger(size) || size < 0 || size >= 2 ** 32) {
      throw new RangeError(
        `Cannot permute: size must be an integer from 0 to 2^32 - 1: current value is ${size}`,
      );
    }
    const order = Uint32Array.from({ length: size }, (_, index) => index);
    for (let last = size - 1; last > 0; last--) {
      const other = this.#below(last + 1);
      const swapped = order[other] ?? 0;
      order[other] = order[last] ?? 0;
      order[last] = swapped;
    }
    return order;
  }

  /**
   * One of `items`, each equally likely. Draws one word.
   *
   * @throws {RangeError} If there are none, or the one drawn is undefined.
   */
  choice<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('Cannot choose: items must not be empty');
    const index = this.#below(items.length);
    const item = items[index];
    if (item === undefined) {
      throw new RangeError(`Cannot choose: items must not be undefined: item ${index} is`);
    }
    return item;
  }

  /**
   * Fills `target` with numbers in [`low`, `high`), multiples of 2^-24 before scaling, and returns it; the bounds are rounded
   * to 32 bits first. Draws one word for each.
   *
   * @throws {RangeError} As {@link uniform}.
   */
  fillUniform(target: Float32Array, bounds: UniformBounds = {}): Float32Array {
    const low = Math.fround(bounds.low ?? 0);
    const high = Math.fround(bounds.high ?? 1);
    const span = validateSpan(low, high);
    for (let index = 0; index < target.length; index++) {
      const value = Math.fround(low + span * ((this.uint32() >>> 8) / 2 ** 24));
      target[index] = value < high ? value : low;
    }
    return target;
  }

  /**
   * Fills `target` with what {@link normal} would give number by number, and returns it.
   *
   * @throws {RangeError} As {@link normal}.
   */
  fillNormal(
    target: Float32Array,
    { mean = 0, standardDeviation = 1 }: NormalParameters = {},
  ): Float32Array {
    for (let index = 0; index < target.length; index++) {
      target[index] = this.normal(mean, standardDeviation);
    }
    return target;
  }

  #uint53(): number {
    const upper = this.uint32() >>> 5;
    const lower = this.uint32() >>> 6;
    return upper * 2 ** 26 + lower;
  }

  #below(span: number): number {
    const isWide = span > 2 ** 32;
    const range = isWide ? 2 ** 53 : 2 ** 32;
    const limit = range - (range % span);
    let value: number;
    do value = isWide ? this.#uint53() : this.uint32();
    while (value >= limit);
    return value % span;
  }

  #refill(): void {
    const counter: Words4 = [
      this.#nextBlock >>> 0,
      Math.floor(this.#nextBlock / 2 ** 32),
      ...this.#counterHigh,
    ];
    philox4x32(counter, this.#key, this.#block);
    this.#nextBlock++;
    this.#lane = 0;
  }
}

function identityOf(text: string): string {
  return sha256(`pixelis.generator.1:${text}`).slice(0, 32);
}

function wordOf(identity: string, index: number): number {
  return Number.parseInt(identity.slice(index * 8, index * 8 + 8), 16);
}

function validateSpan(low: number, high: number): number {
  const span = high - low;
  if (span >= 0 && span < Infinity) return span;
  throw new RangeError(
    `Cannot draw: bounds must be finite and ordered: current values are ${low} and ${high}`,
  );
}

function isIntegerBound(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) <= 2 ** 53;
}

function validateState(state: unknown): GeneratorState {
  if (
    typeof state === 'object' &&
    state !== null &&
    'algorithm' in state &&
    state.algorithm === ALGORITHM &&
    'identity' in state &&
    typeof state.identity === 'string' &&
    /^[0-9a-f]{32}$/.test(state.identity) &&
    'drawn' in state &&
    typeof state.drawn === 'number' &&
    Number.isSafeInteger(state.drawn) &&
    state.drawn >= 0
  ) {
    return { algorithm: ALGORITHM, identity: state.identity, drawn: state.drawn };
  }
  throw new IntegrityError(`The generator state ${inspect(state)} is damaged`, {
    code: 'GENERATOR_STATE_DAMAGED',
    remedy: 'Restore it from another checkpoint, or start again from a seed.',
  });
}
