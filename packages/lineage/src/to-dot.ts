import type { LineageGraph } from './lineage-graph';
import { nodeLabel, shorten } from './node-label';
import type { LineageEdge, LineageNode } from './lineage-node';
import { nodeNames } from './node-names';
import { MISSING_STROKE, nodeStyle } from './node-style';

const SHAPES: ReadonlyMap<string, string> = new Map([
  ['dataset', 'cylinder'],
  ['experience_buffer', 'cylinder'],
]);

/**
 * A graph in the DOT language of Graphviz (https://graphviz.org/doc/info/lang.html), data flowing from left to right:
 * runs as boxes, data as cylinders, other artifacts as notes, coloured by type; what is missing is dashed and red. Names
 * are cut to 60 characters; the tooltip has them whole.
 */
export function toDot(graph: LineageGraph): string {
  const { names, missing } = nodeNames(graph);
  function nameOf(id: string): string {
    return names.get(id) ?? '';
  }
  const nodes = graph.nodes.map((node) => `  ${nameOf(node.id)} [${attributes(node)}];`);
  const absent = missing.map((id) => `  ${nameOf(id)} [${missingAttributes(id)}];`);
  const edges = graph.edges.map(
    (edge) => `  ${nameOf(edge.from)} -> ${nameOf(edge.to)} [${edgeAttributes(edge)}];`,
  );
  return [
    'digraph lineage {',
    '  rankdir=LR;',
    '  node [fontname="Helvetica,Arial,sans-serif", fontsize=11, style=filled, shape=note];',
    '  edge [fontname="Helvetica,Arial,sans-serif", fontsize=9, color="#64748b"];',
    ...nodes,
    ...absent,
    ...edges,
    '}\n',
  ].join('\n');
}

function attributes(node: LineageNode): string {
  const { fill, stroke } = nodeStyle(node);
  const shape =
    node.kind === 'run' ? 'box, style="filled,rounded"' : (SHAPES.get(node.type) ?? 'note');
  return `label=${quote(nodeLabel(node).join('\n'))}, tooltip=${quote(node.id)}, shape=${shape}, fillcolor="${fill}", color="${stroke}"`;
}

function missingAttributes(id: string): string {
  const label = quote(`${shorten(id)}\nmissing`);
  return `label=${label}, tooltip=${quote(id)}, style=dashed, color="${MISSING_STROKE}", fontcolor="${MISSING_STROKE}"`;
}

function edgeAttributes({ kind, role }: LineageEdge): string {
  const style = kind === 'derived' ? 'style=dashed, ' : '';
  return `${style}label=${quote(role === null ? kind : `${kind}: ${shorten(role)}`)}`;
}

/** A quoted string as labels take it: `\` escapes, and `&` begins an entity. */
function quote(text: string): string {
  const escaped = text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/(?!\n)\p{Cc}/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n');
  return `"${escaped}"`;
}
