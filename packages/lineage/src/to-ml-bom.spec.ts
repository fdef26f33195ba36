import { artifact, edge, exampleGraph, mnist, model, run } from '../test/example-graph';
import { LineageGraph } from './lineage-graph';
import { toMlBom } from './to-ml-bom';

function component(graph: LineageGraph, reference: string): unknown {
  const components = toMlBom(graph)['components'] as { 'bom-ref': string }[];
  return components.find((one) => one['bom-ref'] === reference);
}

describe('toMlBom', () => {
  it('toMlBom() gives a model a card with its data, its measures and those of its evaluations', () => {
    expect(component(exampleGraph, model.id)).toMatchObject({
      type: 'machine-learning-model',
      hashes: [{ alg: 'SHA-256', content: model.digest }],
      tags: ['best', 'latest'],
      components: [
        { type: 'file', name: 'config.json' },
        { type: 'file', name: 'weights/model.safetensors' },
      ],
      modelCard: {
        modelParameters: {
          approach: { type: 'supervised' },
          task: 'classification',
          modelArchitecture: 'ViT-tiny',
          datasets: [{ ref: 'mnist-small:1.0.0' }],
        },
        quantitativeAnalysis: {
          performanceMetrics: [
            { type: 'accuracy/val', value: '0.9' },
            { type: 'loss/train', value: '0.25' },
            { type: 'accuracy', value: '0.875', slice: 'mnist:1.0.0' },
          ],
        },
      },
    });
  });

  it('toMlBom() gives data no model card', () => {
    const data = component(exampleGraph, mnist.id);
    expect(data).toMatchObject({
      type: 'data',
      data: [{ type: 'dataset', name: 'mnist', description: 'Handwritten digits' }],
      licenses: [{ license: { name: 'CC-BY-SA-3.0' } }],
    });
    expect(data).not.toHaveProperty('modelCard');
  });

  it('toMlBom() has a UUID that its content gives, and the latest time of the graph', () => {
    const bom = toMlBom(exampleGraph);
    expect(bom['serialNumber']).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/); // prettier-ignore
    expect(toMlBom(exampleGraph)['serialNumber']).toBe(bom['serialNumber']);
    const other = exampleGraph.subgraph([mnist.id], { depth: 1 });
    expect(toMlBom(other)['serialNumber']).not.toBe(bom['serialNumber']);
    expect(bom['metadata']).toMatchObject({ timestamp: '2026-01-02T06:00:00.000Z' });
    expect(toMlBom(new LineageGraph([], []))['metadata']).not.toHaveProperty('timestamp');
  });

  it('toMlBom() does not make a model depend on itself, nor take what is no evaluation for one', () => {
    const [one, next] = [run(1, { metrics: { loss: 1 } }), run(2, { metrics: { loss: 0.5 } })];
    const [first, second] = [artifact('m', { type: 'model' }), artifact('n', { type: 'model' })];
    const edges = [edge('produced', one, first), edge('used', first, one), edge('used', first, next), edge('produced', next, second)]; // prettier-ignore
    const graph = new LineageGraph([one, next, first, second], edges);
    expect(toMlBom(graph)['dependencies']).toEqual([
      { ref: 'm:1.0.0', dependsOn: [] },
      { ref: 'n:1.0.0', dependsOn: ['m:1.0.0'] },
    ]);
    expect(component(graph, first.id)).toMatchObject({
      modelCard: { quantitativeAnalysis: { performanceMetrics: [{ type: 'loss', value: '1' }] } },
    });
  });
});
