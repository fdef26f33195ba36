import { artifact, digest, edge, evaluating, evaluation, exampleGraph, failing, mnist, model, run, running, subset, training, uuid } from '../test/example-graph'; // prettier-ignore
import { LineageGraph } from './lineage-graph';
import { thrownBy } from '../test/thrown-by';

function ids(nodes: readonly { readonly id: string }[]): string[] {
  return nodes.map(({ id }) => id);
}

describe('LineageGraph', () => {
  it('LineageGraph is the same whatever order its nodes and edges come in, and however often an edge', () => {
    const { nodes, edges } = exampleGraph;
    const other = new LineageGraph(nodes.toReversed(), [...edges.toReversed(), ...edges]);
    expect(other.nodes).toEqual(nodes);
    expect(other.edges).toEqual(edges);
  });

  it('LineageGraph keeps edges apart that differ in role or digest only', () => {
    const [data, job] = [artifact('data'), run(1)];
    const graph = new LineageGraph([data, job], [edge('used', data, job, { role: 'train' }), edge('used', data, job, { role: 'test' }), edge('used', data, job, { role: '' }), edge('used', data, job)]); // prettier-ignore
    expect(graph.edges.map(({ role }) => role)).toEqual([null, '', 'test', 'train']);
  });

  it('LineageGraph throws for two nodes of one id', () => {
    expect(() => new LineageGraph([mnist, mnist], [])).toThrow(RangeError);
  });

  it.each([
    ['used', training, mnist],
    ['produced', mnist, training],
    ['derived', mnist, training],
    ['derived', training, evaluating],
  ] as const)(
    'LineageGraph throws for a %s edge between the wrong kinds of nodes',
    (kind, from, to) => {
      expect(() => new LineageGraph([mnist, training, evaluating], [edge(kind, from, to)])).toThrow(RangeError); // prettier-ignore
    },
  );

  it('node() gives a node by its id, undefined if there is none', () => {
    expect(exampleGraph.node('mnist:1.0.0')).toBe(mnist);
    expect(exampleGraph.node('mnist:2.0.0')).toBeUndefined();
  });

  it('ancestors() gives the nearest first and stops at the depth', () => {
    const all = [evaluating, mnist, model, training, subset];
    expect(ids(exampleGraph.ancestors(evaluation.id))).toEqual(ids(all));
    expect(ids(exampleGraph.ancestors(evaluation.id, { depth: 2 }))).toEqual(ids(all.slice(0, 3)));
    expect(exampleGraph.ancestors(evaluation.id, { depth: 0 })).toEqual([]);
    expect(exampleGraph.ancestors(mnist.id)).toEqual([]);
  });

  it('descendants() gives what came from a node, the nearest first', () => {
    const near = [evaluating, failing, running, subset];
    const far = [training, evaluation, model];
    expect(ids(exampleGraph.descendants(mnist.id))).toEqual(ids([...near, ...far]));
    expect(ids(exampleGraph.descendants(mnist.id, { depth: 1 }))).toEqual(ids(near));
  });

  it('descendants() ends in a cycle', () => {
    const [a, b] = [artifact('a'), artifact('b')];
    const graph = new LineageGraph([a, b], [edge('derived', a, b), edge('derived', b, a)]);
    expect(ids(graph.descendants(a.id))).toEqual(['b:1.0.0']);
  });

  it('ancestors() names the nearest node for one that is unknown', () => {
    expect(thrownBy(() => exampleGraph.ancestors('mnist:1.0.1'))).toMatchObject({
      code: 'LINEAGE_NODE_UNKNOWN',
      remedy: 'did you mean "mnist:1.0.0"?',
    });
  });

  it.each([-1, Number.NaN])('ancestors() throws for a depth of %p', (depth) => {
    expect(() => exampleGraph.ancestors(mnist.id, { depth })).toThrow(RangeError);
  });

  it('pathBetween() gives a shortest path with its edges', () => {
    const path = exampleGraph.pathBetween(mnist.id, evaluation.id);
    expect(ids(path?.nodes ?? [])).toEqual(ids([mnist, evaluating, evaluation]));
    expect(path?.edges.map(({ kind, role }) => [kind, role])).toEqual([
      ['used', 'test_data'],
      ['produced', null],
    ]);
  });

  it('pathBetween() follows edges forward only, and a node leads to itself', () => {
    expect(exampleGraph.pathBetween(evaluation.id, mnist.id)).toBeNull();
    expect(exampleGraph.pathBetween(model.id, subset.id)).toBeNull();
    expect(exampleGraph.pathBetween(mnist.id, mnist.id)).toEqual({ nodes: [mnist], edges: [] });
  });

  it('subgraph() takes in both directions, and all edges between what it holds', () => {
    const graph = exampleGraph.subgraph([model.id]);
    expect(ids(graph.nodes)).toEqual(ids([training, evaluating, evaluation, subset, mnist, model]));
    expect(graph.edges).toEqual(exampleGraph.edges.filter(({ to }) => to !== failing.id && to !== running.id)); // prettier-ignore
  });

  it('subgraph() looks one way and so far as it is told', () => {
    const before = exampleGraph.subgraph([model.id], { direction: 'ancestors' });
    expect(ids(before.nodes)).toEqual(ids([training, subset, mnist, model]));
    const around = exampleGraph.subgraph([model.id, failing.id], { depth: 1 });
    expect(ids(around.nodes)).toEqual(ids([training, evaluating, failing, mnist, model]));
    const alone = exampleGraph.subgraph([], { depth: 1 });
    expect(alone.nodes).toEqual([]);
  });

  it('subgraph() keeps edges to what is missing', () => {
    const gone = artifact('gone');
    const graph = new LineageGraph([mnist, training], [edge('used', gone, training), edge('derived', gone, mnist)]); // prettier-ignore
    expect(graph.subgraph([training.id]).edges).toEqual([edge('used', gone, training)]);
  });
});

describe('LineageGraph.validate', () => {
  it('validate() finds nothing in a whole lineage', () => {
    expect(exampleGraph.validate()).toEqual([]);
  });

  it('validate() names the nodes of every cycle', () => {
    const [a, b, c, d] = [artifact('a'), artifact('b'), artifact('c'), artifact('d')];
    const [first, second] = [run(1), run(2)];
    const edges = [
      edge('used', a, first), edge('produced', first, b), edge('derived', b, a),
      edge('derived', c, c), edge('used', c, second), edge('produced', second, d),
    ]; // prettier-ignore
    const problems = new LineageGraph([a, b, c, d, first, second], edges).validate();
    expect(problems).toMatchObject([
      { kind: 'cycle', severity: 'error', nodes: [uuid(1), 'a:1.0.0', 'b:1.0.0'] },
      { kind: 'cycle', severity: 'error', nodes: ['c:1.0.0'] },
    ]);
    expect(problems[1]?.message).toBe('c:1.0.0 came of themselves: their edges form a cycle');
  });

  it('validate() finds a cycle as long as the graph without running out of stack', () => {
    const chain = Array.from({ length: 50_000 }, (_, index) => artifact(`a${index}`));
    const edges = chain.map((one, index) => edge('derived', one, chain[(index + 1) % chain.length] ?? one)); // prettier-ignore
    const [problem, ...others] = new LineageGraph(chain, edges).validate();
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ kind: 'cycle', nodes: { length: 50_000 } });
    expect(problem?.message).toContain(' and 49995 more came of themselves');
  });

  it('validate() finds artifacts that nothing accounts for, and only notes idle runs', () => {
    const orphan = artifact('orphan');
    const graph = new LineageGraph([orphan, artifact('outside', { isExternal: true }), run(1)], []);
    expect(graph.validate()).toMatchObject([
      { kind: 'orphan', severity: 'note', node: uuid(1) },
      { kind: 'orphan', severity: 'error', node: orphan.id },
    ]);
  });

  it('validate() finds an orphan that is used, but none in what a missing run produced', () => {
    const [used, made] = [artifact('used'), artifact('made')];
    const graph = new LineageGraph([used, made, training], [edge('used', used, training), edge('produced', run(9), made)]); // prettier-ignore
    expect(graph.validate()).toMatchObject([
      { kind: 'missing', node: uuid(9) },
      { kind: 'orphan', severity: 'error', node: used.id },
    ]);
  });

  it('validate() finds both missing ends of an edge', () => {
    const lost = edge('used', artifact('gone'), run(9));
    expect(new LineageGraph([], [lost]).validate()).toMatchObject([
      { kind: 'missing', node: 'gone:1.0.0', edge: lost },
      { kind: 'missing', node: uuid(9), edge: lost },
    ]);
  });

  it('validate() finds digests that differ, at whichever end the artifact is', () => {
    const [parent, child] = [artifact('parent', { isExternal: true }), artifact('child')];
    const facts = { digest: digest('other') };
    const edges = [
      edge('used', parent, training, facts),
      edge('produced', training, child, facts),
      edge('derived', parent, child, facts),
    ];
    const problems = new LineageGraph([parent, child, training], edges).validate();
    expect(problems.map((one) => one.kind === 'hash-mismatch' && [one.edge.kind, one.node, one.digest])).toEqual([
      ['produced', child.id, child.digest],
      ['used', parent.id, parent.digest],
      ['derived', parent.id, parent.digest],
    ]); // prettier-ignore
    const same = edges.map((one) => ({ ...one, digest: one.kind === 'produced' ? child.digest : parent.digest })); // prettier-ignore
    expect(new LineageGraph([parent, child, training], same).validate()).toEqual([]);
  });
});
