import type { RunReference } from '@pixelis/artifacts';
import { identityOf } from '../src/run-members';

/** The run that a folder holds. */
export function settleIdentity(directory: string): RunReference {
  const identity = identityOf(directory);
  if (identity === null) throw new Error(`${directory} holds no run`);
  return { runId: identity.run_id, runUuid: identity.run_uuid };
}
