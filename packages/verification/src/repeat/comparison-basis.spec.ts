import type { JsonValue } from '@pixelis/core';
import { environmentOf } from '../../test/support/record-training';
import { environmentFactsSchema } from '../record/environment-facts';
import type { RunRecord } from '../record/run-record';
import { comparisonBasis } from './comparison-basis';

describe('comparisonBasis()', () => {
  it.each(['wasm', 'reference'])(
    'asks %s for bits wherever its record claims to be from',
    (name) => {
      const record = recordOf({ backend: { name: 'cpu' }, system: { arch: 'arm64', cpu: { model: 'other' } } }); // prettier-ignore
      expect(comparisonBasis(record, recordOf({ backend: { name } })).kind).toBe('bits');
      const own = recordOf({ backend: { name }, system: { cpu: { model: 'other' } } });
      expect(comparisonBasis(own, recordOf({ backend: { name } }))).toEqual({
        kind: 'bits',
        reason: `backend ${name} must give the same bits`,
      });
    },
  );

  it('asks a run whose record does not say its backend for bits', () => {
    expect(comparisonBasis(recordOf({ backend: null }), recordOf({ backend: null })).kind).toBe('bits'); // prettier-ignore
  });

  it.each(['cpu', 'gpu'])('asks %s for bits on the same machine and library', (name) => {
    const facts = { backend: { name }, deterministic: true };
    expect(comparisonBasis(recordOf(facts), recordOf(facts))).toEqual({
      kind: 'bits',
      reason: `backend ${name} on the same machine and library: version 2.21.0, 2 threads`,
    });
  });

  it('takes the word of the event before that of the manifest, which a prefix lacks', () => {
    const cpu = recordOf({ backend: { name: 'cpu' } });
    const event = { seq: 2, time: '', type: 'backend', data: { name: 'cpu', version: '2.21.0', threads: 2 }, previous: '' }; // prettier-ignore
    const prefix = { ...cpu, manifest: null, events: [event] };
    expect(comparisonBasis(cpu, prefix).kind).toBe('bits');
    const other = { ...event, data: { ...event.data, version: '2.20.0' } };
    expect(comparisonBasis(cpu, { ...prefix, events: [other] }).kind).toBe('tolerances');
    expect(comparisonBasis(cpu, { ...prefix, events: [] })).toEqual({
      kind: 'tolerances',
      reason: 'B does not say which library it was trained with',
    });
  });

  it.each<[string, Facts, string]>([
    ['library', { backend: { name: 'cpu', version: '2.20.0' } }, 'backend.version is 2.20.0 in A and 2.21.0 in B'],
    ['number of threads', { backend: { name: 'cpu', threads: 8 } }, 'backend.threads is 8 in A and 2 in B'],
    ['backend', { backend: { name: 'gpu' } }, 'backend.name is gpu in A and cpu in B'],
    ['processor', { system: { cpu: { model: 'other' } } }, 'system.cpu.model is other in A and some in B'],
    ['architecture', { system: { arch: 'arm64' } }, 'system.arch is arm64 in A and x64 in B'],
    ['TensorFlow.js', { system: { packages: { '@tensorflow/tfjs': '4.21.0' } } }, 'packages.@tensorflow/tfjs is 4.21.0 in A and 4.22.0 in B'],
    ['choice of kernels', { variables: { TF_ENABLE_ONEDNN_OPTS: '0' } }, 'variables.TF_ENABLE_ONEDNN_OPTS is 0 in A and not set in B'],
  ])('asks a native run of another %s for tolerances, and says why', (_, facts, reason) => {
    const cpu = { backend: { name: 'cpu' } };
    const found = comparisonBasis(recordOf({ ...cpu, ...facts }), recordOf(cpu));
    expect(found).toEqual({ kind: 'tolerances', reason });
  }); // prettier-ignore

  it.each<[string, Facts]>([
    ['another Node.js', { system: { node: '26.0.0' } }],
    ['another version of what does not compute', { system: { packages: { '@tensorflow/tfjs': '4.22.0', zod: '5.0.0' } } }],
    ['another amount of logging', { variables: { TF_CPP_MIN_LOG_LEVEL: '0' } }],
  ])('asks for bits all the same with %s', (_, facts) => {
    const cpu = { backend: { name: 'cpu' } };
    expect(comparisonBasis(recordOf({ ...cpu, ...facts }), recordOf(cpu)).kind).toBe('bits');
  }); // prettier-ignore

  it.each<[string, Facts]>([
    ['another GPU', { gpu: { devices: [{ name: 'other' }], driver: '550.1' } }],
    ['another driver', { gpu: { devices: [{ name: 'some' }], driver: '560.1' } }],
    ['no GPU on record', { gpu: null }],
    ['no deterministic mode', { deterministic: false }],
  ])('asks a run on a GPU for tolerances with %s', (_, facts) => {
    const gpu = { backend: { name: 'gpu' }, deterministic: true };
    expect(comparisonBasis(recordOf(gpu), recordOf(gpu)).kind).toBe('bits');
    const changed = { ...gpu, ...facts };
    const again = facts.gpu === null ? changed : gpu;
    expect(comparisonBasis(recordOf(changed), recordOf(again)).kind).toBe('tolerances');
  });

  it('asks for tolerances where the processor is not known, and on webgpu always', () => {
    const unknown = { backend: { name: 'cpu' }, system: { cpu: { model: null } } };
    expect(comparisonBasis(recordOf(unknown), recordOf(unknown)).kind).toBe('tolerances');
    const nothing = { ...recordOf({ backend: { name: 'cpu' } }), environment: null };
    expect(comparisonBasis(nothing, nothing).kind).toBe('tolerances');
    const webgpu = recordOf({ backend: { name: 'webgpu' } });
    expect(comparisonBasis(webgpu, webgpu).kind).toBe('tolerances');
  });
});

// Helpers

interface Facts {
  readonly backend?: { name: string; version?: string; threads?: number } | null;
  readonly system?: Readonly<Record<string, JsonValue>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly gpu?: { devices: { name: string }[]; driver: string } | null;
  readonly deterministic?: boolean;
}

const GPU = { devices: [{ name: 'some' }], driver: '550.1' };

/** A record of a run on a machine like any other, but for these facts. */
function recordOf({
  backend,
  system = {},
  variables = {},
  gpu = GPU,
  deterministic = false,
}: Facts): RunRecord {
  const facts = environmentFactsSchema.parse(environmentOf());
  const packages = { '@tensorflow/tfjs': '4.22.0' };
  const environment = environmentFactsSchema.parse({
    ...facts,
    system: { ...facts.system, packages, ...system },
    standard: { ...facts.standard, gpu, process: { variables } },
  });
  const created = { seq: 1, time: '', type: 'created', data: {}, previous: '' };
  const used = backend && { version: '2.21.0', threads: 2, ...backend };
  const events = used ? [created, { ...created, seq: 2, type: 'backend', data: { ...used } }] : [created]; // prettier-ignore
  return {
    runId: 'a',
    directory: '.',
    manifest: null,
    job: 'train:sft',
    config: { training: { deterministic_mode: deterministic } },
    environment,
    settings: [],
    events,
  };
}
