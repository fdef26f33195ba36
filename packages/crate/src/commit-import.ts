import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ArtifactManager, HistoryEntry, RunFacts } from '@pixelis/artifacts';
import {
  acquireFileLock,
  type FileLock,
  makeFolderSync,
  renamePersistentlySync,
  UsageError,
} from '@pixelis/core';
import type { CrateArtifact, CrateIndex, CrateRun } from './crate-index';
import { artifactId } from './index-entries';
import { entriesBelow, flushFolder, onDisk } from './on-disk';
import { type ImportPlan, isNewRun } from './plan-import';
import type { Staging } from './staging';

const LATEST = 'latest';
/** Another import of the same crate holds a run while it moves it. */
const LOCK_WAIT_MS = 20;
const LOCK_WAIT_MS_MAX = 10_000;

/** An alias that stayed where it was because the store has one of that name. */
export interface KeptAlias {
  readonly name: string;
  readonly alias: string;
  /** The version that it names here. */
  readonly here: string;
  /** The version that it named where the crate comes from. */
  readonly there: string;
}

/** What {@link commitImport} works on. */
export interface ImportCommit {
  manager: ArtifactManager;
  staging: Staging;
  index: CrateIndex;
  plan: ImportPlan;
}

/**
 * Makes an unpacked and checked crate part of the store: contents and versions, then aliases, run folders and facts. Each
 * step is whole or not there at all, and one that is done is not done again, so that an import that was killed can be
 * repeated.
 */
export async function commitImport(commit: ImportCommit): Promise<KeptAlias[]> {
  const { index, plan } = commit;
  for (const artifact of plan.artifacts) await putArtifact(commit, artifact);
  const kept: KeptAlias[] = [];
  for (const name of new Set(index.artifacts.map((artifact) => artifact.name)))
    kept.push(...(await setAliases(commit, name)));
  for (const run of plan.runs) await moveRun(commit, run);
  const facts = new Map(commit.manager.runFacts().map((one) => [one.run.runUuid, one]));
  for (const run of index.runs) {
    const known = facts.get(run.run_uuid);
    await recordFacts(commit.manager, run, known);
    await recordProduced(commit, run, known);
  }
  return kept;
}

async function putArtifact(
  { manager, staging, index }: ImportCommit,
  artifact: CrateArtifact,
): Promise<void> {
  const { name, type, version, description, metadata, producer } = artifact;
  const members = new Map(index.members.map(({ sha256, path }) => [sha256, path]));
  const source = artifact.files.map(({ path, sha256 }) => {
    return [path, { file: staging.pathOf(members.get(sha256) ?? '') }] as const;
  });
  await manager.put(name, Object.fromEntries(source), {
    type,
    version,
    metadata,
    parents: artifact.parents,
    isExternal: artifact.is_external,
    time: artifact.created_at,
    ...(description !== null && { description }),
    ...(producer && { run: { runId: producer.run_id, runUuid: producer.run_uuid } }),
  });
}

/**
 * Sets the aliases that the store does not have. `latest` moved with each version that was put; if nobody has moved an
 * alias of this artifact here, it goes where it was.
 */
async function setAliases({ manager, index }: ImportCommit, name: string): Promise<KeptAlias[]> {
  const kept: KeptAlias[] = [];
  const ours = index.artifacts.filter((artifact) => artifact.name === name);
  for (const { version: there, aliases } of ours) {
    for (const alias of aliases) {
      const entries = manager.history(name);
      const here = versionNamed(entries, alias);
      if (here === there) continue;
      if (here === null) await manager.setAlias(name, alias, there);
      else if (alias === LATEST && isUntouched(entries, ours))
        await manager.rollback(name, alias, there);
      else kept.push({ name, alias, here, there });
    }
  }
  return kept;
}

/** The version that an alias names; null if there is no such alias. */
function versionNamed(entries: readonly HistoryEntry[], alias: string): string | null {
  const moves = entries.flatMap((entry) => entry.moves);
  return moves.findLast((move) => move.alias === alias)?.to ?? null;
}

/** Whether an artifact is as an import leaves it: versions of the crate only, and `latest` never moved by hand. */
function isUntouched(entries: readonly HistoryEntry[], ours: readonly CrateArtifact[]): boolean {
  const known = new Set(ours.map(({ version }) => version));
  return entries.every(({ kind, versions, moves }) =>
    kind === 'alias'
      ? moves.every(({ alias }) => alias !== LATEST)
      : versions.every((version) => known.has(version)),
  );
}

/** Under the lock that whoever begins a run of that name would take. */
async function moveRun({ manager, staging, index }: ImportCommit, run: CrateRun): Promise<void> {
  const runs = join(manager.root, 'runs');
  const target = join(runs, run.run_id);
  await onDisk(target, async () => {
    makeFolderSync(runs);
    const lock = await lockRun(runs, run.run_id);
    try {
      // Another import may have been faster.
      if (!(await isNewRun(run, { root: manager.root, members: index.members }))) return;
      const unpacked = staging.pathOf(`runs/${run.run_id}`);
      const folders = entriesBelow(unpacked).map(({ path }) => dirname(join(unpacked, path)));
      for (const folder of new Set(folders)) await flushFolder(folder);
      renamePersistentlySync(unpacked, target);
      await flushFolder(runs);
    } finally {
      lock.release();
    }
  });
}

async function lockRun(runs: string, runId: string): Promise<FileLock> {
  const deadline = performance.now() + LOCK_WAIT_MS_MAX;
  for (;;) {
    const lock = acquireFileLock(join(runs, `.${runId}.lock`));
    if (lock !== undefined) return lock;
    if (performance.now() > deadline) break;
    await wait(LOCK_WAIT_MS);
  }
  throw new UsageError(`run ${runId} is held here by another process`, {
    code: 'RUN_HELD',
    remedy: 'Wait for that process to end, then import the crate again.',
  });
}

/** Records what the logs here do not say yet. */
async function recordFacts(
  manager: ArtifactManager,
  run: CrateRun,
  known: RunFacts | undefined,
): Promise<void> {
  const reference = { runId: run.run_id, runUuid: run.run_uuid };
  for (const { artifact, role, time } of run.used) {
    const isKnown = known?.used.some(
      (fact) => artifactId(fact.artifact) === artifactId(artifact) && fact.role === role,
    );
    if (isKnown === true) continue;
    const options = { run: reference, time, ...(role !== null && { role }) };
    await manager.use(artifactId(artifact), options);
  }
  const { job, name, status, error, started_at: startedAt, ended_at: endedAt } = run;
  if (job === null || status === null || known?.status === status) return;
  const fact = { run: reference, job, name };
  if (startedAt !== null && (known?.startedAt ?? null) === null)
    await manager.recordRun({ ...fact, status: 'RUNNING', time: startedAt });
  if (status !== 'RUNNING')
    await manager.recordRun({ ...fact, status, error, ...(endedAt !== null && { time: endedAt }) });
}

/** A run that made what was there before, such as one that repeats another, produced it all the same. */
async function recordProduced(
  { manager, staging, index }: ImportCommit,
  run: CrateRun,
  known: RunFacts | undefined,
): Promise<void> {
  for (const fact of run.produced) {
    const id = artifactId(fact.artifact);
    const artifact = index.artifacts.find((one) => artifactId(one) === id);
    const isKnown =
      known?.produced.some((one) => artifactId(one.artifact) === id) === true ||
      manager.resolve(id).producer?.runUuid === run.run_uuid;
    if (artifact === undefined || isKnown) continue;
    const source: [string, { file: string }][] = [];
    for (const { path, sha256 } of artifact.files) {
      const copy = staging.pathOf(sha256);
      await manager.store.getFile(sha256, copy);
      source.push([path, { file: copy }]);
    }
    const { name, type, version } = artifact;
    const reference = { runId: run.run_id, runUuid: run.run_uuid };
    await manager.put(name, Object.fromEntries(source), { type, version, run: reference });
  }
}
