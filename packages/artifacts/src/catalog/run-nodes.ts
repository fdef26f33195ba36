import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunNode } from '@pixelis/lineage';
import { z } from 'zod';
import { ifPresent } from '../runs/disk';
import { listRuns } from '../runs/list-runs';
import { isLaterVersionError } from '../runs/migrate-manifest';
import { readManifestLeniently } from '../runs/read-manifest';
import { flattenConfig, readRunConfig } from '../runs/run-config';
import { STATE_FILE } from '../runs/run-state';
import type { RunSummary } from '../runs/run-summary';
import type { ArtifactVersion, RunReference } from './history-entry';
import type { RunFacts } from './run-facts';

/** What stands in for the job of a run of which nobody said it. */
const UNKNOWN_JOB = 'unknown';

const gitSchema = z.object({
  commit: z.string().nullable(),
  remote: z.string().nullable(),
  is_dirty: z.boolean().nullable(),
});
/** What the lineage wants of a manifest; what it lacks or has wrong is for `validateManifest` to say. */
const manifestSchema = z.object({
  run_uuid: z.string(),
  seed: z.number().nullable().catch(null),
  git: gitSchema.nullable().catch(null),
  node: z.string().nullable().catch(null),
  env_lock: z.object({ name: z.string(), hash: z.string() }).nullable().catch(null),
  results: z.record(z.string(), z.unknown()).catch({}),
});
const stateSchema = z.object({ run_uuid: z.string() });
const environmentSchema = z.object({
  git: gitSchema.nullable().catch(null),
  system: z
    .object({ packages: z.record(z.string(), z.string()) })
    .nullable()
    .catch(null),
});

/** The nodes of all runs: those that have a folder, and those that only the logs or the artifacts know. */
export function runNodes(
  root: string,
  facts: readonly RunFacts[],
  versions: readonly ArtifactVersion[],
): RunNode[] {
  const nodes = new Map<string, RunNode>();
  for (const { producer } of versions) {
    if (producer !== null) nodes.set(producer.runUuid, bareNode(producer));
  }
  for (const fact of facts) nodes.set(fact.run.runUuid, nodeOfFacts(fact));
  for (const summary of listRuns(root)) {
    const node = nodeOfFolder(summary, nodes);
    if (node !== null) nodes.set(node.id, node);
  }
  return [...nodes.values()];
}

/** A run of which it is only known that it was; nothing says that it ended. */
function bareNode({ runId, runUuid }: RunReference): RunNode {
  return {
    kind: 'run',
    id: runUuid,
    runId,
    job: UNKNOWN_JOB,
    name: null,
    status: 'RUNNING',
    startedAt: null,
    endedAt: null,
    seed: null,
    params: {},
    metrics: {},
    git: null,
    node: null,
    packages: {},
  };
}

function nodeOfFacts({ run, job, name, status, startedAt, endedAt }: RunFacts): RunNode {
  const bare = bareNode(run);
  return {
    ...bare,
    job: job ?? bare.job,
    name,
    status: status ?? bare.status,
    startedAt,
    endedAt,
  };
}

/** The folder knows best how the run stands: a run whose process died cannot have said so to a log. */
function nodeOfFolder(
  { runId, directory, status, createdAt }: RunSummary,
  known: ReadonlyMap<string, RunNode>,
): RunNode | null {
  const manifest = manifestIn(directory);
  const runUuid = (manifest ?? readAs(join(directory, STATE_FILE), stateSchema))?.run_uuid;
  if (runUuid === undefined) return null;
  const node = known.get(runUuid) ?? bareNode({ runId, runUuid });
  const environment = readAs(join(directory, 'environment.json'), environmentSchema);
  const config = readRunConfig(directory)?.config ?? null;
  const lock = manifest?.env_lock ?? null;
  return {
    ...node,
    status,
    startedAt: node.startedAt ?? createdAt,
    seed: manifest?.seed ?? null,
    params: config === null ? {} : flattenConfig(config),
    metrics: numbersOf(manifest?.results ?? {}),
    git: manifest?.git ?? environment?.git ?? null,
    node: manifest?.node ?? null,
    packages: environment?.system?.packages ?? {},
    lockFile: lock && { name: lock.name, sha256: lock.hash },
  };
}

/** What a later Pixelis wrote is as good as missing: its own `lineage` shows it. */
function manifestIn(directory: string): z.infer<typeof manifestSchema> | null {
  try {
    return manifestSchema.safeParse(readManifestLeniently(directory)).data ?? null;
  } catch (error) {
    if (isLaterVersionError(error)) return null;
    throw error;
  }
}

/** What a JSON file says; null if it is missing or says something else. */
function readAs<T>(path: string, schema: z.ZodType<T>): T | null {
  const text = ifPresent(() => readFileSync(path, 'utf8'));
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function numbersOf(values: Readonly<Record<string, unknown>>): Record<string, number> {
  const numbers: Record<string, number> = {};
  for (const [key, value] of Object.entries(values)) {
    if (typeof value === 'number') numbers[key] = value;
  }
  return numbers;
}
