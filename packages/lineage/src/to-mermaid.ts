import type { LineageGraph } from './lineage-graph';
import type { LineageNode } from './lineage-node';
import { nodeLabel, shorten } from './node-label';
import { nodeNames } from './node-names';
import { MISSING_STROKE, nodeStyle } from './node-style';

/**
 * A graph as a flowchart of Mermaid (https://mermaid.js.org/syntax/flowchart.html), which GitHub draws in a `mermaid` block:
 * runs as rounded boxes, data as cylinders, other artifacts as boxes, coloured by type; what is missing is dashed and red.
 * Mermaid by itself draws 500 edges at most: take a {@link LineageGraph.subgraph} of a larger graph.
 */
export function toMermaid(graph: LineageGraph): string {
  const { names, missing } = nodeNames(graph);
  function nameOf(id: string): string {
    return names.get(id) ?? '';
  }
  const nodes = graph.nodes.map(
    (node) => `  ${nameOf(node.id)}${shape(node)}:::${nodeStyle(node).name}`,
  );
  const absent = missing.map(
    (id) => `  ${nameOf(id)}["${escape(shorten(id))}<br/>missing"]:::missing`,
  );
  const edges = graph.edges.map(({ from, to, kind, role }) => {
    const arrow = kind === 'derived' ? '-.->' : '-->';
    const label = role === null ? kind : `${kind}: ${escape(shorten(role))}`;
    return `  ${nameOf(from)} ${arrow}|"${label}"| ${nameOf(to)}`;
  });
  const styles = new Map(graph.nodes.map((node) => [nodeStyle(node).name, nodeStyle(node)]));
  const classes = [...styles.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, fill, stroke }) => `  classDef ${name} fill:${fill},stroke:${stroke},color:#000`);
  if (missing.length > 0)
    classes.push(`  classDef missing fill:#fff,stroke:${MISSING_STROKE},color:${MISSING_STROKE},stroke-dasharray:4`); // prettier-ignore
  return `${['flowchart LR', ...nodes, ...absent, ...edges, ...classes].join('\n')}\n`;
}

function shape(node: LineageNode): string {
  const label = `"${nodeLabel(node).map(escape).join('<br/>')}"`;
  if (node.kind === 'run') return `(${label})`;
  return node.type === 'dataset' || node.type === 'experience_buffer' ? `[(${label})]` : `[${label}]`; // prettier-ignore
}

/** Writes all but letters, digits and harmless marks as entity codes; a hyphen in front might begin a list. */
function escape(text: string): string {
  return text.replace(
    /[^\p{L}\p{M}\p{N} .,:/@=+…-]|^-/gu,
    (character) => `#${character.codePointAt(0) ?? 0};`,
  );
}
