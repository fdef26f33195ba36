import { canonicalJson, type JsonValue } from '@pixelis/core';
import type { Generator } from '@pixelis/reproducibility';

import { spaceError } from './space-error';

/** One of several values, without an order among them. */
export class Choice {
  readonly kind = 'choice';
  readonly values: readonly JsonValue[];
  readonly #indices: ReadonlyMap<string, number>;

  /** @throws {UsageError} `SWEEP_SPACE_INVALID` if there is no value, or one twice. */
  constructor(key: string, values: readonly JsonValue[]) {
    if (values.length === 0) {
      throw spaceError(key, { problem: 'there is no value', remedy: 'Give it values to try' });
    }
    const indices = new Map<string, number>();
    for (const [index, value] of values.entries()) {
      const text = canonicalJson(value);
      if (indices.has(text)) {
        throw spaceError(key, {
          problem: `the value ${text} is given twice`,
          remedy: 'Give each value once',
        });
      }
      indices.set(text, index);
    }
    this.values = values;
    this.#indices = indices;
  }

  /** How many values there are. */
  get count(): number {
    return this.values.length;
  }

  /** @throws {RangeError} If there is no value `index`. */
  at(index: number): JsonValue {
    const value = this.values[index];
    if (value === undefined) {
      throw new RangeError(
        `Cannot choose: index must be an integer from 0 to ${this.count - 1}: current value is ${index}`,
      );
    }
    return value;
  }

  /**
   * Position of `value` among the values, from 0.
   *
   * @throws {RangeError} If it is none of them.
   */
  indexOf(value: JsonValue): number {
    const text = canonicalJson(value);
    const index = this.#indices.get(text);
    if (index === undefined) {
      throw new RangeError(`Cannot place ${text}: it must be one of the values to choose from`);
    }
    return index;
  }

  /** Each value is equally likely. */
  sample(generator: Generator): JsonValue {
    return this.at(generator.integer(0, this.count));
  }

  /** The middle of the value's share of the interval from 0 to 1. */
  toUnit(value: JsonValue): number {
    return (this.indexOf(value) + 0.5) / this.count;
  }

  /** The value in whose share `unit`, from 0 to 1, lies. */
  fromUnit(unit: number): JsonValue {
    return this.at(Math.min(this.count - 1, Math.max(0, Math.floor(unit * this.count))));
  }
}
