import { join } from 'node:path';
import { captureEnvironment, type CapturedEnvironment } from '@pixelis/reproducibility';
import type { ExperimentFacts } from '../context/experiment-options';
import {
  applyEnvironmentPolicy,
  type EnvironmentPolicy,
  type EnvironmentPolicyRecord,
} from './environment-policy';
import { expectedDifferences, type ExpectedEnvironment } from './expected-differences';
import { readRunEnvironment } from './run-environment';

/** How an experiment looks at the environment before it begins. */
export interface EnvironmentPolicyRequest {
  readonly policy: EnvironmentPolicy;
  /** Whether to go on in spite of `strict`. @default false */
  readonly isForced?: boolean;
  /**
   * Environments to compare with beside the lock file, the environment lock and that of the run which is resumed, such as the
   * environment that a model was trained in. @default none
   */
  readonly expected?: readonly ExpectedEnvironment[];
  /** Takes the table of what differs. @default standard error */
  readonly print?: (table: string) => void;
}

/** What an environment is checked by. */
export interface CheckEnvironmentOptions {
  readonly request: EnvironmentPolicyRequest;
  readonly captured: CapturedEnvironment;
  /** A folder of the program. */
  readonly folder: string;
  /** What is known of the present environment beyond what was captured. @default nothing */
  readonly facts?: ExperimentFacts;
  /** The output folder. */
  readonly root: string;
  /** The run that is resumed. @default none */
  readonly resumed?: string | null;
  readonly warn: (message: string) => void;
}

/**
 * Applies an environment policy before a run is opened, or several are. Changes nothing.
 *
 * @returns What is to be recorded in the run.
 * @throws {EnvironmentError} `ENVIRONMENT_DIFFERS`.
 * @throws {DataError} If an environment lock is none, unless the policy is to ignore what it says; then that is recorded.
 * @throws {EnvironmentError} `ENV_LOCK_LATER` likewise if a later Pixelis wrote it.
 * @throws {IntegrityError} `RECORD_BROKEN` if the environment of the resumed run is not what Pixelis wrote.
 */
export function checkEnvironment({
  request: { policy, isForced = false, expected = [], print },
  captured,
  folder,
  facts = {},
  root,
  resumed = null,
  warn,
}: CheckEnvironmentOptions): EnvironmentPolicyRecord {
  const own = resumed === null ? null : readRunEnvironment(join(root, 'runs', resumed));
  const environments = [
    ...expected,
    ...(own === null ? [] : [{ source: `run ${resumed}`, environment: own }]),
  ];
  return applyEnvironmentPolicy({
    policy,
    isForced,
    differences: expectedDifferences({
      captured: comparable(captured, folder),
      folder,
      facts,
      expected: environments,
      mayLockBeBroken: policy === 'ignore',
    }),
    warn,
    ...(print === undefined ? {} : { print }),
  });
}

/** However little of the environment is to be recorded, all of it is compared. */
function comparable(captured: CapturedEnvironment, folder: string): CapturedEnvironment {
  return captured.standard === null ? captureEnvironment({ level: 'standard', folder }) : captured;
}
