import { toProvJson } from '../../src/index';
import { exampleGraph, hostileGraph } from '../example-graph';
import { readWithPython } from './read-with-python';

interface Records {
  elements: Record<'Entity' | 'Activity' | 'Agent', string[]>;
  relations: string[][];
}

describe('toProvJson', () => {
  it('toProvJson() says to the package prov which run used and made what', () => {
    const { elements, relations } = readWithPython(
      'read_prov.py',
      JSON.stringify(toProvJson(exampleGraph)),
    ) as Records;
    expect(elements.Entity).toEqual([
      'eval-sft-model-on-mnist:1.0.0',
      'mnist-small:1.0.0',
      'mnist:1.0.0',
      'sft-model:1.0.0',
    ]);
    expect(elements.Activity).toHaveLength(4);
    expect(elements.Agent).toEqual(['evaluate', 'train:sft', 'train:sft']);
    const training = 'run:019b7c2e-0000-7000-8000-000000000001';
    const evaluating = 'run:019b7c2e-0000-7000-8000-000000000002';
    const mnist = 'artifact:mnist%3A1.0.0';
    expect(relations.filter(([kind]) => kind !== 'Association')).toEqual([
      ['Derivation', 'artifact:mnist-small%3A1.0.0', mnist],
      ['Generation', 'artifact:eval-sft-model-on-mnist%3A1.0.0', evaluating],
      ['Generation', 'artifact:sft-model%3A1.0.0', training],
      ['Usage', training, 'artifact:mnist-small%3A1.0.0'],
      ['Usage', evaluating, mnist],
      ['Usage', evaluating, 'artifact:sft-model%3A1.0.0'],
      ['Usage', 'run:019b7c2e-0000-7000-8000-000000000003', mnist],
      ['Usage', 'run:019b7c2e-0000-7000-8000-000000000004', mnist],
    ]);
    expect(relations.filter(([kind]) => kind === 'Association')).toHaveLength(4);
  });

  it('toProvJson() of hostile texts keeps every name and every relation', () => {
    const { elements, relations } = readWithPython(
      'read_prov.py',
      JSON.stringify(toProvJson(hostileGraph)),
    ) as Records;
    const artifacts = hostileGraph.nodes.filter(({ kind }) => kind === 'artifact');
    const runs = hostileGraph.nodes.filter(({ kind }) => kind === 'run');
    expect(elements.Entity).toEqual(byCodePoint(artifacts.map(({ id }) => id.toWellFormed())));
    expect(elements.Activity).toHaveLength(runs.length);
    expect(relations).toHaveLength(hostileGraph.edges.length + runs.length);
  });
});

/** As Python sorts. */
function byCodePoint(texts: readonly string[]): string[] {
  return [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
