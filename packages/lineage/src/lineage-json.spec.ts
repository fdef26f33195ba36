import { DataError, type JsonValue } from '@pixelis/core';
import fc from 'fast-check';
import { artifact, digest, exampleGraph, hostileGraph, mnist, run, uuid } from '../test/example-graph'; // prettier-ignore
import { LineageGraph } from './lineage-graph';
import { parseLineageJson, toJson } from './lineage-json';
import { thrownBy } from '../test/thrown-by';

describe('toJson', () => {
  it('toJson() holds everything, so that parseLineageJson() gives the graph back', () => {
    const read = parseLineageJson(toJson(exampleGraph));
    expect(read.nodes).toEqual(exampleGraph.nodes);
    expect(read.edges).toEqual(exampleGraph.edges);
  });

  it('toJson() of hostile texts is read back to the very same text', () => {
    const text = toJson(hostileGraph);
    expect(toJson(parseLineageJson(text))).toBe(text);
    const [node] = parseLineageJson(text).nodes;
    expect(node).toMatchObject({ metrics: { finite: 1 } });
    expect(text).toContain('"NaN"');
  });

  it('toJson() keeps measures that JSON has no numbers for', () => {
    const metrics = { a: Number.NaN, b: Infinity, c: -Infinity };
    const read = parseLineageJson(toJson(new LineageGraph([run(1, { metrics })], [])));
    expect(read.nodes).toMatchObject([{ metrics }]);
  });

  it('toJson() is the same text whatever order keys are in', () => {
    const [one, other] = [
      { a: 1, b: { c: 2, d: 3 } },
      { b: { d: 3, c: 2 }, a: 1 },
    ].map((params) => toJson(new LineageGraph([run(1, { params })], [])));
    expect(one).toBe(other);
  });

  it('toJson() gives back any metadata and parameters', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (values, text) => {
        fc.pre(!JSON.stringify(values).includes('__proto__'));
        const settled = JSON.parse(JSON.stringify(values)) as Record<string, JsonValue>;
        const graph = new LineageGraph(
          [artifact(text, { metadata: settled }), run(1, { params: settled, job: text })],
          [],
        );
        expect(parseLineageJson(toJson(graph)).nodes).toEqual(graph.nodes);
      }),
    );
  });
});

describe('parseLineageJson', () => {
  it.each([
    ['no JSON', '{'],
    ['another version', JSON.stringify({ lineage_version: 2, nodes: [], edges: [] })],
    ['a member that is not known', JSON.stringify({ lineage_version: 1, nodes: [], edges: [], x: 1 })], // prettier-ignore
    ['a digest that is none', toJson(exampleGraph).replaceAll(digest('mnist'), 'mnist')],
    ['two nodes of one id', toJson(exampleGraph).replaceAll(uuid(2), uuid(1))],
  ])('parseLineageJson() refuses %s', (_, text) => {
    expect(() => parseLineageJson(text)).toThrow(DataError);
    expect(thrownBy(() => parseLineageJson(text))).toMatchObject({ code: 'LINEAGE_INVALID' });
  });

  it('parseLineageJson() names where what is wrong', () => {
    const text = toJson(new LineageGraph([mnist], [])).replace('"bytes": 10', '"bytes": -1');
    expect(() => parseLineageJson(text)).toThrow('nodes[0]');
  });
});
