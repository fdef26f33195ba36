import { DataError } from '@pixelis/core';
import { z } from 'zod';
import { LineageGraph } from './lineage-graph';
import type { LineageEdge, LineageNode } from './lineage-node';
import { printJson, settleJson, type JsonDraft, type JsonObject } from './settle-json';

const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');
const jsonObject = z.record(z.string(), z.json());

/** A number, or the name of one that JSON lacks. */
const measure = z.union([
  z.number(),
  z.literal(['NaN', 'Infinity', '-Infinity']).transform((name) => Number(name)),
]);

const artifactSchema = z.strictObject({
  kind: z.literal('artifact'),
  id: z.string(),
  name: z.string(),
  version: z.string(),
  type: z.string(),
  digest: sha256,
  bytes: count,
  created_at: z.string(),
  is_external: z.boolean(),
  aliases: z.array(z.string()),
  description: z.string().nullable(),
  metadata: jsonObject,
  files: z.array(z.strictObject({ path: z.string(), sha256, bytes: count })),
});

const runSchema = z.strictObject({
  kind: z.literal('run'),
  id: z.string(),
  run_id: z.string(),
  job: z.string(),
  name: z.string().nullable(),
  status: z.enum(['RUNNING', 'COMPLETED', 'FAILED']),
  started_at: z.string().nullable(),
  ended_at: z.string().nullable(),
  seed: z.number().nullable(),
  params: jsonObject,
  metrics: z.record(z.string(), measure),
  git: z
    .strictObject({
      commit: z.string().nullable(),
      remote: z.string().nullable(),
      is_dirty: z.boolean().nullable(),
    })
    .nullable(),
  node: z.string().nullable(),
  packages: z.record(z.string(), z.string()),
  lock_file: z.strictObject({ name: z.string(), sha256 }).nullable(),
});

const edgeSchema = z.strictObject({
  kind: z.enum(['used', 'produced', 'derived']),
  from: z.string(),
  to: z.string(),
  digest: sha256.nullable(),
  role: z.string().nullable(),
});

/** The JSON of a lineage, version 1; all of a graph, so that {@link parseLineageJson} gives it back. */
export const lineageSchema = z.strictObject({
  lineage_version: z.literal(1),
  nodes: z.array(z.discriminatedUnion('kind', [artifactSchema, runSchema])),
  edges: z.array(edgeSchema),
});

/** A graph as JSON of {@link lineageSchema}, version 1: everything that it holds. */
export function toJson(graph: LineageGraph): string {
  const document = { lineage_version: 1, nodes: graph.nodes.map(nodeToJson), edges: graph.edges.map(edgeToJson) }; // prettier-ignore
  return printJson(settleJson(document));
}

/**
 * Reads what {@link toJson} wrote.
 *
 * @throws {DataError} `LINEAGE_INVALID`, with what is wrong where.
 */
export function parseLineageJson(text: string): LineageGraph {
  const document = lineageSchema.safeParse(parseText(text));
  if (!document.success) throw invalid(z.prettifyError(document.error), document.error);
  const nodes = document.data.nodes.map(nodeFromJson);
  try {
    return new LineageGraph(nodes, document.data.edges);
  } catch (error) {
    if (error instanceof RangeError) throw invalid(error.message, error);
    throw error;
  }
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid('it is not JSON', error);
  }
}

function invalid(problem: string, cause: unknown): DataError {
  return new DataError(`the lineage cannot be read: ${problem}`, {
    code: 'LINEAGE_INVALID',
    remedy: 'export it anew from the store that it came from',
    cause,
  });
}

function nodeToJson(node: LineageNode): JsonObject {
  if (node.kind === 'artifact') {
    const { createdAt, isExternal, files, ...rest } = node;
    return settleJson({ ...rest, created_at: createdAt, is_external: isExternal, files: files.map(({ path, sha256, bytes }) => ({ path, sha256, bytes })) }); // prettier-ignore
  }
  const { runId, startedAt, endedAt, lockFile = null, git, ...rest } = node;
  const code: JsonDraft = git && { commit: git.commit, remote: git.remote, is_dirty: git.is_dirty };
  const lock: JsonDraft = lockFile && { name: lockFile.name, sha256: lockFile.sha256 };
  return settleJson({ ...rest, run_id: runId, started_at: startedAt, ended_at: endedAt, git: code, lock_file: lock }); // prettier-ignore
}

function edgeToJson({ kind, from, to, digest, role }: LineageEdge): JsonObject {
  return settleJson({ kind, from, to, digest, role });
}

function nodeFromJson(node: z.infer<typeof lineageSchema>['nodes'][number]): LineageNode {
  if (node.kind === 'artifact') {
    const { created_at: createdAt, is_external: isExternal, ...rest } = node;
    return { ...rest, createdAt, isExternal };
  }
  const { run_id: runId, started_at: startedAt, ended_at: endedAt, lock_file, ...rest } = node;
  return { ...rest, runId, startedAt, endedAt, lockFile: lock_file };
}
