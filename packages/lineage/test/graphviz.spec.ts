import { LineageGraph, toDot } from '../src/index';
import { artifact, edge, exampleGraph, HOSTILE_TEXTS, hostileGraph } from './example-graph';
import { runModule } from './node-program';

/** Draws DOT with Graphviz itself, as WebAssembly, into its JSON and an SVG. */
const PROGRAM = `
import { Graphviz } from '@hpcc-js/wasm-graphviz';
import { readFileSync } from 'node:fs';
const dot = readFileSync(0, 'utf8');
const graphviz = await Graphviz.load();
const json = JSON.parse(graphviz.dot(dot, 'dot_json'));
console.log(JSON.stringify({ json, svg: graphviz.dot(dot, 'svg') }));
`;

interface Drawing {
  readonly json: {
    readonly objects: readonly { name: string; label: string; tooltip: string; shape: string }[];
    readonly edges: readonly { tail: number; head: number; label: string }[];
  };
  /** The lines of text in the picture. */
  readonly texts: readonly string[];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&amp;': '&',
  '&#45;': '-',
  '&#39;': "'",
  '&#160;': ' ',
};

function draw(graph: LineageGraph): Drawing {
  const { json, svg } = runModule(PROGRAM, toDot(graph)) as Pick<Drawing, 'json'> & { svg: string };
  const texts = [...svg.matchAll(/<text[^>]*>(.*?)<\/text>/g)].map(([, text = '']) =>
    text.replace(/&[^;]*;/g, (entity) => ENTITIES[entity] ?? entity),
  );
  return { json, texts };
}

describe('toDot', () => {
  it('toDot() is drawn by Graphviz with the nodes, shapes and edges of the graph', () => {
    const { json, texts } = draw(exampleGraph);
    expect(json.objects.map(({ tooltip }) => tooltip)).toEqual(exampleGraph.nodes.map(({ id }) => id)); // prettier-ignore
    expect(json.objects.map(({ shape }) => shape)).toEqual([
      'box', 'box', 'box', 'box', 'note', 'cylinder', 'cylinder', 'note',
    ]); // prettier-ignore
    const ids = json.edges.map(({ tail, head }) => [json.objects[tail]?.tooltip, json.objects[head]?.tooltip]); // prettier-ignore
    expect(ids).toEqual(exampleGraph.edges.map(({ from, to }) => [from, to]));
    expect(texts).toEqual(
      expect.arrayContaining(['sft-model:1.0.0', '@best @latest', 'used: train_data', 'failed']),
    );
  });

  it('toDot() of hostile texts gives Graphviz the very texts, and no markup', () => {
    const { json, texts } = draw(hostileGraph);
    expect(json.objects).toHaveLength(hostileGraph.nodes.length);
    expect(json.edges).toHaveLength(hostileGraph.edges.length);
    expect(texts).toEqual(
      expect.arrayContaining([
        `data-0-${HOSTILE_TEXTS[0]}:1.0.0`,
        'model-1-lines of text tab nul:1.0.0',
        `data-2-${HOSTILE_TEXTS[2]}:1.0.0`,
        `data-3-${HOSTILE_TEXTS[3]}:1.0.0`,
        'data-4-lone \ufffd surrogate:1.0.0',
        `data-6-${HOSTILE_TEXTS[6]}:1.0.0`.slice(0, 59) + '…',
      ]),
    );
  });

  it('toDot() shows what is missing', () => {
    const [there, gone] = [artifact('there'), artifact('gone')];
    const { json } = draw(new LineageGraph([there], [edge('derived', gone, there)]));
    expect(json.objects.map(({ label }) => label)).toEqual([
      'there:1.0.0\\ndataset',
      'gone:1.0.0\\nmissing',
    ]);
    expect(json.edges).toMatchObject([{ tail: 1, head: 0 }]);
  });

  it('toDot() cuts long names and keeps them whole in the tooltip', () => {
    const long = HOSTILE_TEXTS[5];
    const { json } = draw(new LineageGraph([artifact(long)], []));
    expect(json.objects).toMatchObject([
      { label: `${'x'.repeat(59)}…\\ndataset`, tooltip: `${long}:1.0.0` },
    ]);
  });
});
