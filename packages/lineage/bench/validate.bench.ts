import { createHash } from 'node:crypto';
// eslint-disable-next-line @nx/enforce-module-boundaries -- what is measured is the package as it is built
import { LineageGraph, type LineageEdge, type LineageNode } from '@pixelis/lineage';

const NODES = 100_000;
/** What the requirement allows. */
const LIMIT_MS = 2000;
const ROUNDS = 5;

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function artifactId(index: number): string {
  return `model-${String(index)}:1.0.0`;
}

function runId(index: number): string {
  const hex = hash(`run ${index}`);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * Half runs, half artifacts: each run uses the artifacts of two earlier ones and produces one, which is derived from one
 * of them. Run ids are as good as random, so that nothing comes in order.
 */
function history(): { nodes: LineageNode[]; edges: LineageEdge[] } {
  const nodes: LineageNode[] = [];
  const edges: LineageEdge[] = [];
  for (let index = 0; index < NODES / 2; index++) {
    const [id, run, digest] = [artifactId(index), runId(index), hash(artifactId(index))];
    nodes.push({ kind: 'artifact', id, name: `model-${index}`, version: '1.0.0', type: 'model', digest, bytes: 1, createdAt: '2026-01-02T03:04:05.000Z', isExternal: false, aliases: [], description: null, metadata: {}, files: [] }); // prettier-ignore
    nodes.push({ kind: 'run', id: run, runId: `run-${index}`, job: 'train', name: null, status: 'COMPLETED', startedAt: null, endedAt: null, seed: index, params: {}, metrics: {}, git: null, node: null, packages: {} }); // prettier-ignore
    edges.push({ kind: 'produced', from: run, to: id, digest, role: null });
    for (const parent of new Set([Math.floor(index / 2), index - 1])) {
      if (parent < 0 || parent === index) continue;
      const from = artifactId(parent);
      edges.push({ kind: 'used', from, to: run, digest: hash(from), role: 'parent' });
      if (parent === index - 1) edges.push({ kind: 'derived', from, to: id, digest: hash(from), role: null }); // prettier-ignore
    }
  }
  return { nodes, edges };
}

function measure(nodes: readonly LineageNode[], edges: readonly LineageEdge[]): string {
  let [buildMs, validateMs, problems] = [Infinity, Infinity, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const graph = new LineageGraph(nodes, edges);
    const built = performance.now();
    problems = graph.validate().length;
    validateMs = Math.min(validateMs, performance.now() - built);
    buildMs = Math.min(buildMs, built - start);
  }
  const columns = [nodes.length, edges.length, problems, buildMs, validateMs, buildMs + validateMs];
  return columns.map((value) => value.toFixed(0).padStart(10)).join('');
}

function main(): void {
  const { nodes, edges } = history();
  const loop: LineageEdge = { kind: 'derived', from: artifactId(NODES / 2 - 1), to: artifactId(0), digest: null, role: null }; // prettier-ignore
  const spoilt = edges.map((edge, index) => (index % 10 === 0 ? { ...edge, digest: hash('other') } : edge)); // prettier-ignore
  console.log(`Node ${process.version} on ${process.arch}, milliseconds, best of ${ROUNDS}; the limit is ${LIMIT_MS}`); // prettier-ignore
  console.log('lineage           nodes     edges  problems     build  validate     whole');
  console.log(`whole        ${measure(nodes, edges)}`);
  console.log(`one cycle    ${measure(nodes, [...edges, loop])}`);
  console.log(`every tenth  ${measure(nodes, spoilt)}`);
}

main();
