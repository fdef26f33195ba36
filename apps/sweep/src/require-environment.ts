import { checkEnvironment, type EnvironmentPolicyRequest } from '@pixelis/experiment';
import { captureEnvironment, findEnvironmentLock } from '@pixelis/reproducibility';
import type { SweepCommand } from './command-line';
import type { TrialAnswer } from './trial-question';

/** What {@link requireEnvironment} decides by. */
export interface RequireEnvironmentOptions
  extends
    Pick<SweepCommand, 'envPolicy' | 'isForced' | 'out'>,
    Pick<EnvironmentPolicyRequest, 'print'> {
  /** Folder of the program that trains. */
  readonly folder: string;
  /** What trials compute on, as far as that is known here. */
  readonly backends: readonly TrialAnswer[];
  readonly warn: (message: string) => void;
}

/**
 * Refuses by `strict` before anything is written: otherwise each trial would refuse by itself, and be recorded as failed. By
 * other policies the trials warn themselves.
 *
 * @throws {DataError} `ENV_LOCK_INVALID` unless all is ignored; `ENV_LOCK_LATER`, an {@link EnvironmentError}, likewise.
 * @throws {EnvironmentError} `ENVIRONMENT_DIFFERS`, after the table of all that differs was printed.
 */
export function requireEnvironment(options: RequireEnvironmentOptions): void {
  const { envPolicy: policy, isForced, out: root, folder, backends, warn, print } = options;
  if (policy === 'ignore') return;
  if (policy === 'warn') {
    findEnvironmentLock(folder);
    return;
  }
  const captured = captureEnvironment({ level: 'standard', folder });
  const request = { policy, isForced, ...(print === undefined ? {} : { print }) };
  for (const facts of backends.length === 0 ? [{}] : backends)
    checkEnvironment({ request, captured, folder, facts, root, warn });
}
