import { artifact, edge, exampleGraph, run, uuid } from '../test/example-graph';
import { LineageGraph } from './lineage-graph';
import { toOpenLineage } from './to-open-lineage';

interface Item {
  name: string;
  namespace: string;
  facets: Record<string, Record<string, unknown>>;
  inputFacets?: object;
}

interface Event {
  eventType: string;
  eventTime: string;
  producer: string;
  run: { runId: string; facets: Record<string, Record<string, unknown>> };
  job: { name: string; namespace: string; facets: Record<string, Record<string, unknown>> };
  inputs: Item[];
  outputs: Item[];
}

function parse(text: string): Event[] {
  return text.trimEnd().split('\n').map((line) => JSON.parse(line) as Event); // prettier-ignore
}

describe('toOpenLineage', () => {
  it('toOpenLineage() gives a START and one end of each run in order of time, none for a running one', () => {
    const events = parse(toOpenLineage(exampleGraph));
    expect(events.map(({ run: { runId }, eventType, eventTime }) => [runId, eventType, eventTime])).toEqual([
      [uuid(1), 'START', '2026-01-02T03:04:05.000Z'],
      [uuid(1), 'COMPLETE', '2026-01-02T03:14:05.000Z'],
      [uuid(2), 'START', '2026-01-02T04:04:05.000Z'],
      [uuid(2), 'COMPLETE', '2026-01-02T04:14:05.000Z'],
      [uuid(3), 'START', '2026-01-02T05:00:00.000Z'],
      [uuid(3), 'FAIL', '2026-01-02T05:00:01.000Z'],
      [uuid(4), 'START', '2026-01-02T06:00:00.000Z'],
    ]); // prettier-ignore
  });

  it('toOpenLineage() names inputs in each event and outputs at the end, the model as a data set', () => {
    const [start, end] = parse(toOpenLineage(exampleGraph));
    expect(start?.inputs.map(({ name }) => name)).toEqual(['mnist-small']);
    expect(start?.inputs[0]?.inputFacets).toMatchObject({ pixelis_use: { role: 'train_data' } });
    expect(start?.outputs).toEqual([]);
    expect(end?.inputs).toEqual(start?.inputs);
    expect(end?.outputs).toMatchObject([
      {
        name: 'sft-model',
        facets: {
          version: { datasetVersion: '1.0.0' },
          datasetType: { datasetType: 'MODEL', subType: 'model' },
          pixelis_artifact: { bytes: 30, aliases: ['best', 'latest'] },
        },
        outputFacets: { outputStatistics: { size: 30, fileCount: 2 } },
      },
    ]);
  });

  it('toOpenLineage() writes down parameters, seed, code and engine of a run', () => {
    const [{ run: of, job } = { run: undefined, job: undefined }] = parse(toOpenLineage(exampleGraph)); // prettier-ignore
    expect(of?.facets).toMatchObject({
      executionParameters: {
        parameters: [
          { key: 'batch_size', value: '32' },
          { key: 'optimizer', value: '{"lr":0.001,"name":"adamw"}' },
        ],
      },
      pixelis_run: { seed: 42, metrics: { 'accuracy/val': 0.9, 'loss/train': 0.25 } },
      processing_engine: { name: 'Node.js', version: 'v20.20.2' },
    });
    expect(job?.facets).toMatchObject({
      sourceCodeLocation: { type: 'git', url: 'https://example.org/pixelis.git' },
    });
  });

  it('toOpenLineage() takes a namespace and a producer, which every facet names', () => {
    const text = toOpenLineage(exampleGraph, {
      namespace: 'lab',
      producer: 'https://example.org/',
    });
    for (const { producer, job, inputs, outputs, run: of } of parse(text)) {
      expect([producer, job.namespace]).toEqual(['https://example.org/', 'lab']);
      const facets = [of, job, ...inputs, ...outputs].flatMap((one) => Object.values(one.facets));
      expect(new Set(facets.map(({ _producer }) => _producer))).toEqual(new Set([producer]));
      expect(inputs.every(({ namespace }) => namespace === 'lab')).toBe(true);
    }
  });

  it('toOpenLineage() takes times that are not known from what a run made', () => {
    const facts = { startedAt: null, endedAt: null };
    const [made, job, idle] = [artifact('made'), run(1, facts), run(2, facts)];
    const graph = new LineageGraph([made, job, idle], [edge('produced', job, made)]);
    expect(parse(toOpenLineage(graph)).map(({ eventTime }) => eventTime)).toEqual([
      '1970-01-01T00:00:00.000Z',
      '1970-01-01T00:00:00.000Z',
      made.createdAt,
      made.createdAt,
    ]);
  });

  it('toOpenLineage() leaves out what is missing', () => {
    const graph = new LineageGraph([run(1)], [edge('used', artifact('gone'), run(1))]);
    expect(parse(toOpenLineage(graph)).flatMap(({ inputs }) => inputs)).toEqual([]);
  });
});
