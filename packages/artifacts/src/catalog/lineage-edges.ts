import { type LineageEdge, LineageGraph, type LineageNode } from '@pixelis/lineage';
import { artifactId, type ArtifactVersion } from './history-entry';
import type { RunFacts } from './run-facts';

/** The edges of a graph, as far as they can be told without looking at it whole. */
export interface LineageEdges {
  readonly certain: readonly LineageEdge[];
  /** From runs to versions that others made before, since the same content came out again. */
  readonly repeated: readonly LineageEdge[];
}

/**
 * What versions say of their making, and logs of runs, as the edges of a graph. A run that goes on with what it made
 * itself, such as a checkpoint after a resumption, used nothing; one that put again what it used produced nothing.
 */
export function lineageEdges(
  versions: readonly ArtifactVersion[],
  facts: readonly RunFacts[],
): LineageEdges {
  const producers = new Map(
    versions.map((version) => [artifactId(version), version.producer?.runUuid]),
  );
  const edges = [
    ...versions.flatMap(edgesOfVersion),
    ...facts.flatMap((run) => edgesOfRun(run, (id) => producers.get(id) === run.run.runUuid)),
  ];
  const isRepeated = ({ kind, from, to }: LineageEdge) =>
    kind === 'produced' && producers.get(to) !== from;
  return {
    certain: edges.filter((edge) => !isRepeated(edge)),
    repeated: edges.filter(isRepeated),
  };
}

/**
 * Adds the edges to what came out again, but for what a run came from itself: it is no result of the run then, and data
 * would seem to come from itself.
 */
export function joinEdges(nodes: readonly LineageNode[], edges: LineageEdges): LineageGraph {
  const graph = new LineageGraph(nodes, edges.certain);
  const results = edges.repeated.filter(({ from: run, to: artifact }) => {
    if (graph.node(run) === undefined || graph.node(artifact) === undefined) return true;
    return graph.pathBetween(artifact, run) === null;
  });
  return results.length === 0 ? graph : new LineageGraph(nodes, [...edges.certain, ...results]);
}

function edgesOfVersion(child: ArtifactVersion): LineageEdge[] {
  const to = artifactId(child);
  const derived = child.parents.map((parent): LineageEdge => {
    return { kind: 'derived', from: artifactId(parent), to, digest: parent.digest, role: null };
  });
  if (child.producer === null) return derived;
  const from = child.producer.runUuid;
  return [{ kind: 'produced', from, to, digest: child.digest, role: null }, ...derived];
}

function edgesOfRun(facts: RunFacts, isOwn: (id: string) => boolean): LineageEdge[] {
  const { runUuid } = facts.run;
  const usedIds = new Set(facts.used.map(({ artifact }) => artifactId(artifact)));
  const used = facts.used.flatMap(({ artifact, role }): LineageEdge[] => {
    const from = artifactId(artifact);
    if (isOwn(from)) return [];
    return [{ kind: 'used', from, to: runUuid, digest: artifact.digest, role }];
  });
  const produced = facts.produced.flatMap(({ artifact, role }): LineageEdge[] => {
    const to = artifactId(artifact);
    if (usedIds.has(to) && !isOwn(to)) return [];
    return [{ kind: 'produced', from: runUuid, to, digest: artifact.digest, role }];
  });
  return [...used, ...produced];
}
