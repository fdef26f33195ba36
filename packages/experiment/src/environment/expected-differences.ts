import {
  type CapturedEnvironment,
  comparableEnvironment,
  type ComparableEnvironment,
  compareEnvironments,
  findEnvironmentLock,
  lockFileDifferences,
} from '@pixelis/reproducibility';
import type { ExperimentFacts } from '../context/experiment-options';
import type { ExpectedDifference } from './environment-policy';

/** An environment that the present one is compared with. */
export interface ExpectedEnvironment {
  /** Where it was recorded, in words, such as `run x`. */
  readonly source: string;
  readonly environment: ComparableEnvironment;
}

/** What {@link expectedDifferences} compares. */
export interface ExpectedDifferencesOptions {
  /** The present environment. */
  readonly captured: CapturedEnvironment;
  /** A folder of the program. */
  readonly folder: string;
  /** What is known of the present environment beyond what was captured. */
  readonly facts: ExperimentFacts;
  /** Compared with as well. */
  readonly expected: readonly ExpectedEnvironment[];
}

/**
 * Everything in which the present environment is not as the lock file, the environment lock beside it, and what else is
 * expected say; what several say is told once.
 *
 * @throws {DataError} If the environment lock is none.
 */
export function expectedDifferences({
  captured,
  folder,
  facts,
  expected,
}: ExpectedDifferencesOptions): ExpectedDifference[] {
  const { standard } = captured;
  const found = findEnvironmentLock(folder);
  const environments = [
    ...(found === null ? [] : [{ source: found.file, environment: found.lock }]),
    ...expected,
  ];
  const { backend, tensorflow } = facts;
  const present = comparableEnvironment(captured, {
    ...(backend === undefined ? {} : { backend }),
    ...(tensorflow === undefined ? {} : { tensorflow }),
  });
  const all = [
    ...(standard === null ? [] : lockFileDifferences(standard)).map((difference) => ({
      ...difference,
      source: standard?.lock_file?.name ?? 'package.json',
    })),
    ...environments.flatMap(({ source, environment }) =>
      compareEnvironments(environment, present).map((difference) => ({ ...difference, source })),
    ),
  ];
  return all.filter(({ what }, at) => all.findIndex((other) => other.what === what) === at);
}
