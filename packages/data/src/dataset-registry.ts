import { nearestName, UsageError } from '@pixelis/core';
import type { Dataset, DatasetOptions } from './dataset';
import { createDigitsReasoning } from './digits-reasoning-dataset';
import { createMnist } from './mnist-dataset';

/** Makes a data set of its options, which it must check. */
export type DatasetFactory = (options: DatasetOptions) => Dataset<unknown>;

const factories = new Map<string, DatasetFactory>([
  ['digits-reasoning', createDigitsReasoning],
  ['mnist', createMnist],
]);

/**
 * Makes a data set known by name.
 *
 * @throws {RangeError} If the name is taken.
 */
export function registerDataset(name: string, factory: DatasetFactory): void {
  if (factories.has(name)) {
    throw new RangeError(`Cannot register dataset: name must be new: current value is "${name}"`);
  }
  factories.set(name, factory);
}

/** Names of the known data sets, sorted. */
export function datasetNames(): string[] {
  return [...factories.keys()].sort();
}

/**
 * Makes the data set called `name`.
 *
 * @throws {UsageError} If there is none, or it refuses the options.
 */
export function createDataset(name: string, options: DatasetOptions = {}): Dataset<unknown> {
  const factory = factories.get(name);
  if (factory !== undefined) return factory(options);
  const nearest = nearestName(name, datasetNames());
  throw new UsageError(`There is no dataset "${name}"`, {
    code: 'DATASET_UNKNOWN',
    remedy:
      nearest === undefined
        ? `Use one of: ${datasetNames().join(', ')}.`
        : `Did you mean "${nearest}"? Known: ${datasetNames().join(', ')}.`,
  });
}
