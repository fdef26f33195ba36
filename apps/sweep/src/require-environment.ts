import { checkEnvironment, type EnvironmentPolicyRequest } from '@pixelis/experiment';
import { captureEnvironment } from '@pixelis/reproducibility';
import type { SweepCommand } from './command-line';

/** What {@link requireEnvironment} decides by. */
export interface RequireEnvironmentOptions
  extends
    Pick<SweepCommand, 'envPolicy' | 'isForced' | 'out'>,
    Pick<EnvironmentPolicyRequest, 'print'> {
  /** Folder of the program that trains. */
  readonly folder: string;
  readonly warn: (message: string) => void;
}

/**
 * Refuses by `strict` before anything is written: otherwise each trial would refuse by itself, and be recorded as failed. By
 * other policies the trials warn themselves.
 *
 * @throws {EnvironmentError} `ENVIRONMENT_DIFFERS`, after the table of all that differs was printed.
 */
export function requireEnvironment(options: RequireEnvironmentOptions): void {
  const { envPolicy: policy, isForced, out: root, folder, warn, print } = options;
  if (policy !== 'strict') return;
  checkEnvironment({
    request: { policy, isForced, ...(print === undefined ? {} : { print }) },
    captured: captureEnvironment({ level: 'standard', folder }),
    folder,
    root,
    warn,
  });
}
