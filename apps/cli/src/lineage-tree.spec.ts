import { type ArtifactNode, type LineageEdge, LineageGraph, type RunNode } from '@pixelis/lineage';
import { describeNode, lineageTree } from './lineage-tree';

const data = artifact('data');
const model = artifact('model');
const run = runNode('r1');
const edges = [edge('used', 'data:1.0.0', 'uuid-r1'), edge('produced', 'uuid-r1', 'model:1.0.0'), edge('derived', 'data:1.0.0', 'model:1.0.0')]; // prettier-ignore

describe('lineageTree', () => {
  it('shows what a node came from, without an edge that its run says already', () => {
    const graph = new LineageGraph([data, model, run], edges);
    expect(lines(graph, model, 'ancestors')).toEqual([
      'model:v1',
      '└─ made by run r1 (train, COMPLETED)',
      '   └─ used as role data:v1',
    ]);
    expect(lines(graph, data, 'descendants')).toEqual([
      'data:v1',
      '└─ used by as role run r1 (train, COMPLETED)',
      '   └─ made model:v1',
    ]);
  });

  it('shows an artifact made from another where no run is known', () => {
    const graph = new LineageGraph([data, model], edges.slice(2));
    expect(lines(graph, model, 'ancestors')).toEqual(['model:v1', '└─ made from data:v1']);
  });

  it('opens a node once, and ends in a cycle', () => {
    const graph = new LineageGraph(
      [data, model],
      [edges[2]!, edge('derived', 'model:1.0.0', 'data:1.0.0')],
    );
    expect(lines(graph, model, 'ancestors')).toEqual([
      'model:v1',
      '└─ made from data:v1',
      '   └─ made from model:v1, see above',
    ]);
  });

  it('names a node that is missing', () => {
    const graph = new LineageGraph([model], edges.slice(2));
    expect(lines(graph, model, 'ancestors')[1]).toBe('└─ made from data:1.0.0 (missing)');
  });

  it('goes no deeper than asked', () => {
    const graph = new LineageGraph([data, model, run], edges);
    expect(lines(graph, model, 'ancestors', 1)).toHaveLength(2);
    expect(lines(graph, model, 'ancestors', 0)).toEqual(['model:v1']);
  });
});

describe('describeNode', () => {
  it('says what a node is in a few words', () => {
    expect(describeNode({ ...data, isExternal: true, version: '1.2.0' })).toBe('data:1.2.0 (external)');
    expect(describeNode({ ...run, name: 'first' })).toBe('run r1 "first" (train, COMPLETED)');
  }); // prettier-ignore
});

// Helpers

function lines(graph: LineageGraph, node: ArtifactNode | RunNode, direction: 'ancestors' | 'descendants', depth = 9): string[] {
  return lineageTree(graph, node, { direction, depth }).split('\n');
} // prettier-ignore

function edge(kind: LineageEdge['kind'], from: string, to: string): LineageEdge {
  return { kind, from, to, digest: null, role: kind === 'used' ? 'role' : null };
}

function artifact(name: string): ArtifactNode {
  return {
    kind: 'artifact', id: `${name}:1.0.0`, name, version: '1.0.0', type: 'other', digest: 'd', bytes: 1,
    createdAt: '2026-01-01T00:00:00.000Z', isExternal: false, aliases: [], description: null, metadata: {}, files: [],
  }; // prettier-ignore
}

function runNode(runId: string): RunNode {
  return {
    kind: 'run', id: `uuid-${runId}`, runId, job: 'train', name: null, status: 'COMPLETED', startedAt: null, endedAt: null,
    seed: null, params: {}, metrics: {}, git: null, node: null, packages: {},
  }; // prettier-ignore
}
