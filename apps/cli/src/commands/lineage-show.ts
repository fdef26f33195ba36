import { ArtifactManager } from '@pixelis/artifacts';
import type { LineageGraph, LineageNode } from '@pixelis/lineage';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { findNode, readLineage } from '../lineage-node-spec';
import { describeNode, lineageTree } from '../lineage-tree';

/** `pixelis lineage show` */
export const lineageShow = defineCommand({
  words: [
    {
      placeholder: 'NODE',
      help: 'An artifact, such as model-x:best, or the id of a run',
      isRequired: true,
    },
  ],
  options: {
    to: { kind: 'text', placeholder: 'NODE', help: 'Show a shortest way from NODE to this one' },
    depth: {
      kind: 'integer',
      placeholder: 'N',
      help: 'How many levels up and down',
      default: '20',
    },
  },
  async run({ words, options, root }, output) {
    const manager = ArtifactManager.open({ root });
    const graph = await readLineage(manager);
    const node = findNode(graph, manager, words[0] ?? '');
    const to = options.text('to');
    if (to !== undefined) {
      const path = graph.pathBetween(node.id, findNode(graph, manager, to).id);
      const text =
        path?.nodes.map(describeNode).join('\n→ ') ??
        `nothing leads from ${words[0] ?? ''} to ${to}`;
      output.print({ json: asJson(path), text });
      return;
    }
    const depth = options.number('depth') ?? Infinity;
    output.print({
      json: asJson({
        node,
        ancestors: graph.ancestors(node.id, { depth }),
        descendants: graph.descendants(node.id, { depth }),
      }),
      text: describe(graph, node, depth),
    });
  },
});

function describe(graph: LineageGraph, node: LineageNode, depth: number): string {
  const trees = [lineageTree(graph, node, { direction: 'ancestors', depth })];
  if (graph.descendants(node.id, { depth: 1 }).length > 0)
    trees.push('', 'led to', lineageTree(graph, node, { direction: 'descendants', depth }));
  return trees.join('\n');
}
