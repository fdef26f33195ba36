import { ArtifactManager } from '@pixelis/artifacts';
import { EXIT_CODES } from '@pixelis/core';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { formatCount } from '../format';
import { readLineage } from '../lineage-node-spec';

/** `pixelis lineage validate` */
export const lineageValidate = defineCommand({
  options: {},
  async run({ root }, output) {
    const graph = await readLineage(ArtifactManager.open({ root }));
    const problems = graph.validate();
    const errors = problems.filter(({ severity }) => severity === 'error');
    const counts = `${formatCount(graph.nodes.length, 'node')}, ${formatCount(graph.edges.length, 'edge')}`;
    output.print({
      json: {
        is_valid: errors.length === 0,
        node_count: graph.nodes.length,
        edge_count: graph.edges.length,
        problems: asJson(problems),
      },
      text: [
        ...errors.map(({ kind, message }) => `error (${kind}): ${message}`),
        ...noteLines(problems.length - errors.length),
        `${errors.length === 0 ? 'valid' : 'invalid'}: ${counts}`,
      ].join('\n'),
    });
    return errors.length === 0 ? undefined : EXIT_CODES.integrity;
  },
});

/** What is only odd is counted: it may be every other run. */
function noteLines(count: number): string[] {
  return count === 0
    ? []
    : [`${formatCount(count, 'run')} used and made nothing; --json names them`];
}
