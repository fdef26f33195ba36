import { type JsonValue, math } from '@pixelis/core';
import type { Generator } from '@pixelis/reproducibility';

import { DecimalSteps } from './decimal-steps';
import { spaceError } from './space-error';

/** What a {@link Range} is made of; the bounds are included. */
export interface RangeOptions {
  readonly distribution: 'uniform' | 'log_uniform' | 'int' | 'log_int';
  readonly low: number;
  readonly high: number;
  /** Distance of neighbouring values, counted from `low`; by default 1 of integers, and none of others. */
  readonly step?: number | undefined;
}

/** Digits that are kept of a value without steps: nobody needs more, and a short number can be read and typed. */
const DIGITS = 6;

/**
 * Numbers between two bounds. What is uniform is the *scale*: the number itself, or its logarithm. With steps, each number
 * stands for the interval half a step to both sides of it (at the lower end of a logarithmic scale at most down to half
 * the number), so that the outermost are as likely as their neighbours.
 *
 * A number without steps is rounded, so that a file shows 0.00123457: to about a millionth of the distance between the
 * bounds, on a logarithmic scale to 6 significant digits, or more if the bounds lie near to each other.
 */
export class Range {
  readonly kind = 'range';
  readonly low: number;
  /** The last number that steps from `low` reach, if there are steps. */
  readonly high: number;
  readonly isLog: boolean;
  /** Ends of the scale: those of the outermost intervals. */
  readonly scaleLow: number;
  readonly scaleHigh: number;
  /** How many numbers there are; infinite without steps. */
  readonly count: number;
  readonly #step: number;
  readonly #steps: DecimalSteps | null;

  /** @throws {UsageError} `SWEEP_SPACE_INVALID` if there is no such range. */
  constructor(key: string, options: RangeOptions) {
    validate(key, options);
    const { distribution, low, high } = options;
    const isInteger = distribution === 'int' || distribution === 'log_int';
    const step = options.step ?? (isInteger ? 1 : undefined);
    this.isLog = distribution === 'log_uniform' || distribution === 'log_int';
    this.low = low;
    this.#step = step ?? 0;
    this.#steps = step === undefined ? null : new DecimalSteps({ low, high, step });
    this.high = this.#steps === null ? high : this.#steps.at(this.#steps.count - 1);
    this.count = this.#steps?.count ?? (low === high ? 1 : Infinity);
    const below = this.isLog ? Math.min(this.#step, low) / 2 : this.#step / 2;
    this.scaleLow = this.#toScale(low - below);
    this.scaleHigh = this.#toScale(this.high + this.#step / 2);
  }

  /** @throws {RangeError} If there is no number `index`, or no steps to count. */
  at(index: number): number {
    if (!(Number.isInteger(index) && index >= 0 && index < this.count && this.count < Infinity)) {
      throw new RangeError(
        `Cannot step: index must be an integer from 0 to ${this.count - 1}: current value is ${index}`,
      );
    }
    return this.#steps?.at(index) ?? this.low;
  }

  /** Each place of the scale is equally likely. */
  sample(generator: Generator): number {
    return this.fromScale(generator.uniform(this.scaleLow, this.scaleHigh));
  }

  /** Where `value` lies between the ends of the scale, from 0 to 1; 0.5 if there is one value only. */
  toUnit(value: JsonValue): number {
    if (this.count === 1) return 0.5;
    return (this.placeOf(value) - this.scaleLow) / (this.scaleHigh - this.scaleLow);
  }

  /** The number nearest to the place `unit` of the scale, from 0 to 1. */
  fromUnit(unit: number): number {
    return this.fromScale(this.scaleLow + unit * (this.scaleHigh - this.scaleLow));
  }

  /**
   * Where `value` lies on the scale.
   *
   * @throws {RangeError} If it is no number between the bounds.
   */
  placeOf(value: JsonValue): number {
    if (typeof value !== 'number' || value < this.low || value > this.high) {
      throw new RangeError(
        `Cannot place ${JSON.stringify(value)}: it must be a number from ${this.low} to ${this.high}`,
      );
    }
    return this.#toScale(value);
  }

  /** The interval of the scale that the step `value` stands for. */
  intervalOf(value: number): readonly [low: number, high: number] {
    const low = value === this.low ? this.scaleLow : this.#toScale(value - this.#step / 2);
    return [low, this.#toScale(value + this.#step / 2)];
  }

  /** The number of the range that is nearest to a place of the scale. */
  fromScale(place: number): number {
    const value = this.isLog ? math.exp(place) : place;
    if (this.#steps !== null) {
      const index = Math.round((value - this.low) / this.#step);
      return this.#steps.at(Math.min(this.count - 1, Math.max(0, index)));
    }
    // + 0 makes 0 of −0.
    return Math.min(this.high, Math.max(this.low, this.#rounded(value))) + 0;
  }

  #toScale(value: number): number {
    return this.isLog ? math.log(value) : value;
  }

  #rounded(value: number): number {
    const missing = Math.max(0, DIGITS - exponentOf(this.scaleHigh - this.scaleLow));
    if (!this.isLog) return missing > 100 ? value : Number(value.toFixed(missing));
    return Number(value.toPrecision(Math.min(17, Math.max(DIGITS, missing))));
  }
}

/** e of the largest power 10^e that is not above `value`; 0 of 0. */
function exponentOf(value: number): number {
  return Number(value.toExponential().split('e')[1]);
}

function validate(key: string, { distribution, low, high, step }: RangeOptions): void {
  const isInteger = distribution === 'int' || distribution === 'log_int';
  const fraction = [low, high, step ?? 1].find((bound) => !Number.isSafeInteger(bound));
  if (!(low <= high) || !Number.isFinite(high - low)) {
    throw spaceError(key, {
      problem: `low ${low} and high ${high} bound no range`,
      remedy: 'Give the smaller bound as low',
    });
  }
  if (step !== undefined && !(step > 0 && step < Infinity)) {
    throw spaceError(key, {
      problem: `the step ${step} is not above 0`,
      remedy: 'Give a step above 0, or none',
    });
  }
  if (isInteger && fraction !== undefined) {
    throw spaceError(key, {
      problem: `${fraction} is no integer`,
      remedy: `Give integers, or use ${distribution === 'int' ? 'uniform' : 'log_uniform'}`,
    });
  }
  if (distribution.startsWith('log_') && low <= 0) {
    throw spaceError(key, {
      problem: `low ${low} has no logarithm`,
      remedy: `Give a low above 0, or use ${isInteger ? 'int' : 'uniform'}`,
    });
  }
}
