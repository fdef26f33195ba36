import { PixelisError } from '@pixelis/core';
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
  /** Whether an environment lock that cannot be read is a difference as others, not an error. @default false */
  readonly mayLockBeBroken?: boolean;
}

/**
 * Everything in which the present environment is not as the lock file, the environment lock beside it, and what else is
 * expected say; what several say is told once.
 *
 * @throws {DataError} If the environment lock is none.
 * @throws {EnvironmentError} `ENV_LOCK_LATER` if a later Pixelis wrote it.
 */
export function expectedDifferences({
  captured,
  folder,
  facts,
  expected,
  mayLockBeBroken = false,
}: ExpectedDifferencesOptions): ExpectedDifference[] {
  const { standard } = captured;
  const { environment: own, damage } = environmentLock(folder, { mayLockBeBroken });
  const environments = [...own, ...expected];
  const { backend, tensorflow } = facts;
  const present = comparableEnvironment(captured, {
    ...(backend === undefined ? {} : { backend }),
    ...(tensorflow === undefined ? {} : { tensorflow }),
  });
  const all = [
    ...damage,
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

/** What the environment lock of a program asks for, and what is wrong with the file itself. */
function environmentLock(
  folder: string,
  { mayLockBeBroken }: Required<Pick<ExpectedDifferencesOptions, 'mayLockBeBroken'>>,
): { environment: ExpectedEnvironment[]; damage: ExpectedDifference[] } {
  try {
    const found = findEnvironmentLock(folder);
    if (found === null) return { environment: [], damage: [] };
    return { environment: [{ source: found.file, environment: found.lock }], damage: [] };
  } catch (error) {
    if (!mayLockBeBroken || !(error instanceof PixelisError)) throw error;
    const { message: present, remedy } = error;
    const [what, source] = ['environment_lock', 'the environment lock'];
    return { environment: [], damage: [{ what, expected: null, present, remedy, source }] };
  }
}
