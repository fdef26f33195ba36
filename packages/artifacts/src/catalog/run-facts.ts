import type { Fact } from './fact';
import type { ArtifactReference, RunReference } from './history-entry';
import type { LoggedFact } from './fact-reader';

/** How a run stands, as it or a later writer said. */
export type RecordedStatus = 'RUNNING' | 'COMPLETED' | 'FAILED';

/** An artifact that a run used or produced. */
export interface ArtifactFact {
  readonly artifact: ArtifactReference;
  /** What it was to the run, such as `base`; null if nobody said. */
  readonly role: string | null;
  /** RFC 3339, UTC. */
  readonly time: string;
}

/** All that the logs say of one run. */
export interface RunFacts {
  readonly run: RunReference;
  /** What kind of work it is, such as `train:sft`; null if only its uses are recorded. */
  readonly job: string | null;
  readonly name: string | null;
  /** Null if only its uses are recorded. */
  readonly status: RecordedStatus | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  /** RFC 3339, UTC; when it was first said to run. */
  readonly startedAt: string | null;
  /** RFC 3339, UTC; null while it runs. */
  readonly endedAt: string | null;
  /** Each once, in the order of their first use. */
  readonly used: readonly ArtifactFact[];
  readonly produced: readonly ArtifactFact[];
}

type Draft = { -readonly [Key in keyof RunFacts]: RunFacts[Key] } & {
  used: ArtifactFact[];
  produced: ArtifactFact[];
};

/** What facts in their order say of each run, by its UUID. */
export function foldRunFacts(facts: Iterable<LoggedFact>): Map<string, RunFacts> {
  const runs = new Map<string, Draft>();
  for (const { fact } of facts) {
    const runUuid = fact.run.run_uuid;
    const draft = runs.get(runUuid) ?? emptyFacts({ runId: fact.run.run_id, runUuid });
    runs.set(runUuid, draft);
    addFact(draft, fact);
  }
  return runs;
}

function emptyFacts(run: RunReference): Draft {
  return {
    run,
    job: null,
    name: null,
    status: null,
    error: null,
    startedAt: null,
    endedAt: null,
    used: [],
    produced: [],
  };
}

function addFact(draft: Draft, fact: Fact): void {
  if (fact.kind !== 'run') {
    const { artifact, role } = fact;
    const time = timeOf(fact);
    const list = draft[fact.kind];
    const isKnown = list.some((one) => isSameArtifact(one.artifact, artifact) && one.role === role);
    if (!isKnown) list.push({ artifact, role, time });
    return;
  }
  const isRunning = fact.status === 'RUNNING';
  draft.job = fact.job;
  draft.name = fact.name ?? draft.name;
  draft.status = fact.status;
  draft.error = fact.error;
  draft.startedAt ??= isRunning ? timeOf(fact) : null;
  draft.endedAt = isRunning ? null : timeOf(fact);
}

function timeOf({ time, happened_at = time }: Fact): string {
  return happened_at;
}

/** Whether two references name the same content of the same version. */
export function isSameArtifact(a: ArtifactReference, b: ArtifactReference): boolean {
  return a.name === b.name && a.version === b.version && a.digest === b.digest;
}
