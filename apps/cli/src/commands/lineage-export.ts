import { ArtifactManager } from '@pixelis/artifacts';
import { UsageError, writeFileAtomic } from '@pixelis/core';
import {
  exportLineage,
  type ExportLineageOptions,
  LINEAGE_FORMATS,
  type LineageGraph,
  type LineageNode,
} from '@pixelis/lineage';
import { defineCommand } from '../command';
import { formatCount } from '../format';
import { findNode, readLineage } from '../lineage-node-spec';

/** `pixelis lineage export` */
export const lineageExport = defineCommand({
  words: [
    { placeholder: 'NODE', help: 'Only what these came from and led to', isRepeatable: true },
  ],
  options: {
    format: {
      kind: 'text',
      placeholder: 'FORMAT',
      help: 'As what',
      choices: LINEAGE_FORMATS,
      default: 'mermaid',
    },
    output: { kind: 'text', placeholder: 'FILE', help: 'Where to; stdout without it' },
  },
  async run({ words, options, root }, output) {
    const manager = ArtifactManager.open({ root });
    const whole = await readLineage(manager);
    const nodes = words.map((word) => findNode(whole, manager, word));
    const graph = nodes.length === 0 ? whole : whole.subgraph(nodes.map(({ id }) => id));
    const format = LINEAGE_FORMATS.find((known) => known === options.text('format')) ?? 'mermaid';
    const text = exportLineage(graph, format, exportOptions(format, graph, nodes));
    const file = options.text('output');
    if (file !== undefined) {
      await writeFileAtomic(file, text);
      output.print({
        json: { file, format },
        text: `lineage of ${formatCount(graph.nodes.length, 'node')} in ${file}`,
      });
      return;
    }
    output.print({ json: { format, text }, text: text.trimEnd() });
  },
});

function exportOptions(
  format: string,
  graph: LineageGraph,
  nodes: readonly LineageNode[],
): ExportLineageOptions {
  if (format === 'ro-crate') {
    return {
      roCrate: {
        name: nodes.length === 0 ? 'Lineage of a Pixelis store' : nodes.map(nameOf).join(', '),
        description: 'Runs and artifacts with what came of what, as Pixelis recorded it',
        license: 'All rights reserved unless its files say otherwise',
        datePublished: lastTime(graph),
      },
    };
  }
  if (format === 'slsa') return { slsa: { run: runOf(nodes) } };
  return {};
}

function nameOf(node: LineageNode): string {
  return node.kind === 'run' ? node.runId : node.id;
}

/** The newest time in the graph, so that equal graphs give equal exports. */
function lastTime(graph: LineageGraph): string {
  const times = graph.nodes.flatMap((node) =>
    node.kind === 'run' ? [node.startedAt, node.endedAt] : [node.createdAt],
  );
  return times.reduce<string>(
    (last, time) => (time !== null && time > last ? time : last),
    '1970-01-01',
  );
}

function runOf(nodes: readonly LineageNode[]): string {
  const [node, ...others] = nodes;
  if (node?.kind === 'run' && others.length === 0) return node.id;
  throw new UsageError('The format slsa is about one run', {
    code: 'COMMAND_LINE_INVALID',
    remedy: 'Name the run, such as pixelis lineage export RUN_ID --format slsa.',
  });
}
