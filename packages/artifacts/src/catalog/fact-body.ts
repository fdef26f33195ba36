import { redactSecrets } from '@pixelis/core';
import type { RunStatusFact } from './artifact-options';
import type { FactBody } from './fact';
import type { ArtifactReference, RunReference } from './history-entry';

/** That a run used or produced a version. */
export interface ArtifactUse {
  readonly run: RunReference;
  readonly artifact: ArtifactReference;
  /** @default none */
  readonly role?: string | null;
  /** When it happened, if that is not now. */
  readonly time: string | undefined;
}

export function artifactFact(kind: 'used' | 'produced', use: ArtifactUse): FactBody {
  const { run, artifact, role = null, time } = use;
  const { name, version, digest } = artifact;
  return {
    kind,
    run: storedRun(run),
    artifact: { name, version, digest },
    role: role && redactSecrets(role),
    ...happenedAt(time),
  };
}

export function runStatusFact(fact: RunStatusFact): FactBody {
  const { run, job, status, name = null, error = null, time } = fact;
  return {
    kind: 'run',
    run: storedRun(run),
    job: redactSecrets(job),
    status,
    name: name && redactSecrets(name),
    error: error && { code: error.code, message: redactSecrets(error.message) },
    ...happenedAt(time),
  };
}

function happenedAt(time: string | undefined): { happened_at?: string } {
  return time === undefined ? {} : { happened_at: time };
}

function storedRun({ runId, runUuid }: RunReference): { run_id: string; run_uuid: string } {
  return { run_id: runId, run_uuid: runUuid };
}
