import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { toMermaid } from '../../src/index';
import { exampleGraph, hostileGraph } from '../example-graph';
import { runModule } from '../node-program';

interface Diagram {
  readonly type: string;
  readonly vertices: readonly { id: string; text: string; type: string; classes: string[] }[];
  readonly edges: readonly { start: string; end: string; text: string; stroke: string }[];
}

function parse(text: string): Diagram {
  const services = process.env['PIXELIS_SERVICES'];
  if (services === undefined) throw new Error('PIXELIS_SERVICES is not set');
  const anchor = JSON.stringify(pathToFileURL(join(services, 'node', 'package.json')).href);
  const program = `
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { readFileSync } from 'node:fs';
const require = createRequire(${anchor});
const { JSDOM } = require('jsdom');
const { window } = new JSDOM('');
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import(pathToFileURL(require.resolve('mermaid')).href.replace('/mermaid.cjs', '/mermaid.core.mjs'));
const text = readFileSync(0, 'utf8');
await mermaid.parse(text);
const { db, type } = await mermaid.mermaidAPI.getDiagramFromText(text);
console.log(JSON.stringify({ type, vertices: [...db.getVertices().values()], edges: db.getEdges() }));
`;
  return runModule(program, text) as Diagram;
}

describe('toMermaid', () => {
  it('toMermaid() is parsed by Mermaid into the nodes and edges of the graph', () => {
    const { type, vertices, edges } = parse(toMermaid(exampleGraph));
    expect(type).toMatch(/^flowchart/);
    expect(vertices.map((one) => [one.id, one.type, ...one.classes])).toEqual([
      ['n0', 'round', 'run'],
      ['n1', 'round', 'run'],
      ['n2', 'round', 'failed'],
      ['n3', 'round', 'running'],
      ['n4', 'square', 'evaluation'],
      ['n5', 'cylinder', 'dataset'],
      ['n6', 'cylinder', 'dataset'],
      ['n7', 'square', 'model'],
    ]);
    const indexes = new Map(exampleGraph.nodes.map(({ id }, index) => [id, `n${index}`]));
    expect(edges.map(({ start, end }) => [start, end])).toEqual(
      exampleGraph.edges.map(({ from, to }) => [indexes.get(from), indexes.get(to)]),
    );
  });

  it('toMermaid() of hostile texts keeps its nodes and edges apart', () => {
    const { vertices, edges } = parse(toMermaid(hostileGraph));
    expect(vertices).toHaveLength(hostileGraph.nodes.length);
    expect(edges).toHaveLength(hostileGraph.edges.length);
    expect(JSON.stringify(vertices)).not.toMatch(/<script|<b>/);
  });
});
