import { type ArtifactManager, LineageTracker, resolveRunId } from '@pixelis/artifacts';
import { nearestName, UsageError } from '@pixelis/core';
import type { LineageGraph, LineageNode } from '@pixelis/lineage';

/** The lineage of an output folder. */
export function readLineage(manager: ArtifactManager): Promise<LineageGraph> {
  return new LineageTracker(manager).graph();
}

/**
 * The node that a word names: an artifact (`model-x`, `model-x:best`), or a run by its UUID, its id, the beginning of one or
 * `latest`.
 *
 * @throws {UsageError} `LINEAGE_NODE_UNKNOWN`, or as `ArtifactManager.resolve` does.
 */
export function findNode(graph: LineageGraph, manager: ArtifactManager, word: string): LineageNode {
  const exact = graph.node(word);
  if (exact !== undefined) return exact;
  const runId = runIdOf(manager.root, word);
  const run = graph.nodes.find((node) => node.kind === 'run' && node.runId === runId);
  if (run !== undefined) return run;
  const [name] = word.split(':');
  if (graph.nodes.some((node) => node.kind === 'artifact' && node.name === name)) {
    const version = manager.resolve(word);
    const node = graph.node(`${version.name}:${version.version}`);
    if (node !== undefined) return node;
  }
  const known = graph.nodes.map((node) => (node.kind === 'run' ? node.runId : node.name));
  const nearest = nearestName(word, new Set(known));
  throw new UsageError(`The lineage has neither an artifact nor a run "${word}"`, {
    code: 'LINEAGE_NODE_UNKNOWN',
    remedy:
      nearest === undefined
        ? 'pixelis artifacts list and pixelis runs list show what there is.'
        : `Did you mean "${nearest}"?`,
  });
}

/** The run that a word means; the word itself if it means none of the folder. */
function runIdOf(root: string, word: string): string {
  try {
    return resolveRunId(root, word);
  } catch (error) {
    if (error instanceof UsageError && error.code !== 'RUN_AMBIGUOUS') return word;
    throw error;
  }
}
