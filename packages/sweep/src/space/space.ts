import type { JsonValue } from '@pixelis/core';
import type { SweepParameter } from '@pixelis/config';
import type { Generator } from '@pixelis/reproducibility';

import { Choice } from './choice';
import { Range } from './range';

/** What a key may be set to, and how likely each value is. */
export type Distribution = Choice | Range;

/** The distributions by key, sorted by key: however a space was written down, its trials are the same. */
export type Space = ReadonlyMap<string, Distribution>;

/**
 * The search space of a configuration's `sweep.space`.
 *
 * @throws {UsageError} `SWEEP_SPACE_INVALID` if a key's values or bounds cannot be searched.
 */
export function createSpace(parameters: Readonly<Record<string, SweepParameter>>): Space {
  const keys = Object.keys(parameters).sort();
  return new Map(
    keys.flatMap((key) => {
      const parameter = parameters[key];
      return parameter === undefined ? [] : [[key, createDistribution(key, parameter)] as const];
    }),
  );
}

/** How many different configurations a space has; infinite with a range without steps. */
export function sizeOfSpace(space: Space): number {
  return [...space.values()].reduce((product, { count }) => product * count, 1);
}

/** A value for each key; that of a key depends on `generator`'s identity and on the key's name alone. */
export function sampleSpace(space: Space, generator: Generator): Record<string, JsonValue> {
  return Object.fromEntries(
    Array.from(space, ([key, distribution]) => [
      key,
      distribution.sample(generator.fork(`key:${key}`)),
    ]),
  );
}

function createDistribution(key: string, parameter: SweepParameter): Distribution {
  return 'values' in parameter ? new Choice(key, parameter.values) : new Range(key, parameter);
}
