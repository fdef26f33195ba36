import { digest, exampleGraph, failing, model, run, running, subset, training } from '../test/example-graph'; // prettier-ignore
import { artifact, edge } from '../test/example-graph';
import { LineageGraph } from './lineage-graph';
import { toSlsaProvenance } from './to-slsa-provenance';
import { thrownBy } from '../test/thrown-by';

describe('toSlsaProvenance', () => {
  it('toSlsaProvenance() says what a run made of what', () => {
    expect(toSlsaProvenance(exampleGraph, { run: training.id })).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      predicateType: 'https://slsa.dev/provenance/v1',
      subject: [
        { name: 'sft-model:1.0.0', digest: { sha256: model.digest } },
        { name: 'sft-model:1.0.0/config.json', digest: { sha256: digest('config') } },
        {
          name: 'sft-model:1.0.0/weights/model.safetensors',
          digest: { sha256: digest('weights') },
        },
      ],
      predicate: {
        buildDefinition: {
          buildType: 'pkg:npm/%40pixelis/lineage#run/v1',
          externalParameters: {
            job: 'train:sft',
            params: { batch_size: 32, optimizer: { name: 'adamw', lr: 0.001 } },
            seed: 42,
          },
          internalParameters: { node: 'v20.20.2' },
          resolvedDependencies: [
            {
              name: 'mnist-small:1.0.0',
              digest: { sha256: subset.digest },
              annotations: { type: 'dataset', role: 'train_data' },
            },
            {
              name: 'source',
              uri: 'git+https://example.org/pixelis.git@1a2b3c4d5e6f708192a3b4c5d6e7f80910111213',
              digest: { gitCommit: '1a2b3c4d5e6f708192a3b4c5d6e7f80910111213' },
              annotations: { is_dirty: false },
            },
            { name: 'package-lock.json', digest: { sha256: digest('lock') } },
            { name: '@pixelis/core', uri: 'pkg:npm/%40pixelis/core@0.1.0' },
            { name: 'zod', uri: 'pkg:npm/zod@4.6.7' },
          ],
        },
        runDetails: {
          builder: { id: 'pkg:npm/%40pixelis/lineage#local' },
          metadata: {
            invocationId: `urn:uuid:${training.id}`,
            startedOn: '2026-01-02T03:04:05.000Z',
            finishedOn: '2026-01-02T03:14:05.000Z',
          },
        },
      },
    });
  });

  it('toSlsaProvenance() takes the builder and the build type', () => {
    const options = { run: training.id, builderId: 'https://example.org/hpc', buildType: 'https://example.org/t' }; // prettier-ignore
    expect(toSlsaProvenance(exampleGraph, options)).toMatchObject({
      predicate: {
        buildDefinition: { buildType: 'https://example.org/t' },
        runDetails: { builder: { id: 'https://example.org/hpc' } },
      },
    });
  });

  it('toSlsaProvenance() names the content that was used, even if the name has another by now', () => {
    const [data, job, made] = [artifact('data'), run(1), artifact('made')];
    const edges = [edge('used', data, job, { digest: digest('before') }), edge('produced', job, made)]; // prettier-ignore
    expect(toSlsaProvenance(new LineageGraph([data, job, made], edges), { run: job.id })).toMatchObject({ predicate: { buildDefinition: { resolvedDependencies: [{ digest: { sha256: digest('before') } }] } } }); // prettier-ignore
  });

  it.each([
    ['a run that failed', failing.id, 'LINEAGE_RUN_INCOMPLETE'],
    ['a run that goes on', running.id, 'LINEAGE_RUN_INCOMPLETE'],
    ['an artifact', model.id, 'LINEAGE_RUN_INCOMPLETE'],
    ['what is not there', 'nothing', 'LINEAGE_NODE_UNKNOWN'],
  ])('toSlsaProvenance() refuses %s', (_, id, code) => {
    expect(thrownBy(() => toSlsaProvenance(exampleGraph, { run: id }))).toMatchObject({ code });
  });

  it('toSlsaProvenance() refuses a run that made nothing', () => {
    expect(() => toSlsaProvenance(new LineageGraph([run(1)], []), { run: run(1).id })).toThrow('0 outputs'); // prettier-ignore
  });
});
