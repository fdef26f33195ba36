import { toSlsaProvenance } from '../../src/index';
import { exampleGraph, hostileGraph, model, training, uuid } from '../example-graph';
import { readWithPython } from './read-with-python';

interface Statement {
  subject: unknown;
  predicate: unknown;
}

describe('toSlsaProvenance', () => {
  it("toSlsaProvenance() is what in-toto's own messages hold, without an unknown member", () => {
    const statement = toSlsaProvenance(exampleGraph, { run: training.id });
    const read = readWithPython('read_statement.py', JSON.stringify(statement)) as Statement;
    expect(read).toMatchObject({
      type: 'https://in-toto.io/Statement/v1',
      predicate_type: 'https://slsa.dev/provenance/v1',
      subject: [
        ['sft-model:1.0.0', model.digest],
        ['sft-model:1.0.0/config.json', model.files[0]?.sha256],
        ['sft-model:1.0.0/weights/model.safetensors', model.files[1]?.sha256],
      ],
    });
    const expected = structuredClone(statement['predicate']) as Record<string, Record<string, unknown>>; // prettier-ignore
    expected['runDetails']!['metadata'] = {
      invocationId: `urn:uuid:${training.id}`,
      startedOn: '2026-01-02T03:04:05Z',
      finishedOn: '2026-01-02T03:14:05Z',
    };
    expect(read.predicate).toEqual(expected);
  });

  it('toSlsaProvenance() of hostile texts can be read', () => {
    const runs = hostileGraph.nodes.filter(({ kind }) => kind === 'run');
    for (const { id } of runs) {
      const statement = toSlsaProvenance(hostileGraph, { run: id });
      expect(readWithPython('read_statement.py', JSON.stringify(statement))).toHaveProperty('type');
    }
    expect(runs[0]?.id).toBe(uuid(100));
  });
});
