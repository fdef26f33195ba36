import type { JsonValue } from '@pixelis/core';
import { z } from 'zod';
import { describeDifference, type ValueDifference } from '../compare/value-difference';
import type { RunRecord } from '../record/run-record';

/** What a repetition must share with its record to prove it. */
export interface ComparisonBasis {
  /** `bits`: every bit; `tolerances`: losses and weights as closely as `TOLERANCES` say, everything else in every bit. */
  readonly kind: 'bits' | 'tolerances';
  /** One line that says why. */
  readonly reason: string;
}

const backendSchema = z.object({
  name: z.string(),
  version: z.string().nullable().default(null),
  threads: z.int().nullable().default(null),
  device: z.string().nullable().default(null),
});
const configSchema = z.object({ training: z.object({ deterministic_mode: z.boolean() }) });

type BackendFacts = z.output<typeof backendSchema>;

/** Variables by which the native library chooses its kernels; not how much it logs or how it takes memory. */
const NUMERIC_VARIABLE =
  /^(?:TF_(?!CPP_|FORCE_)|XLA_|CUBLAS_|CUDNN_|NVIDIA_TF32_|ONEDNN_|DNNL_|OMP_|MKL_)/;

/**
 * What may be asked of a repetition, by what the backends promise. `wasm` and `reference` are compared bit by bit wherever
 * they ran, whatever the record says of the machine. A native backend gives the same bits on the same processor or graphics
 * processor, with the same library and number of threads: where the record shows all of these to be the same, bits are asked
 * for, elsewhere tolerances.
 */
export function comparisonBasis(record: RunRecord, again: RunRecord): ComparisonBasis {
  const [a, b] = [backendOf(record), backendOf(again)];
  // What a record says of its backend must not excuse it: the repetition's is the one that was really used.
  const name = b?.name ?? a?.name ?? 'wasm';
  if (name !== 'cpu' && name !== 'gpu' && name !== 'webgpu')
    return { kind: 'bits', reason: `backend ${name} must give the same bits` };
  if (name === 'webgpu') return tolerances('backend webgpu promises no bits');
  if (name === 'gpu' && !isDeterministic(record))
    return tolerances('it was trained on a GPU without deterministic mode');
  if (a === null || b === null)
    return tolerances(`${a === null ? 'A' : 'B'} does not say which library it was trained with`);
  const differences = differencesOf(factsOf(record, a), factsOf(again, b));
  const [first] = differences;
  if (first !== undefined) return tolerances(describeDifference(first));
  const unknown = unknownFact(record, again, a);
  if (unknown !== null) return tolerances(unknown);
  const library = `version ${a.version ?? 'unknown'}, ${a.threads ?? 'unknown'} threads`;
  return { kind: 'bits', reason: `backend ${name} on the same machine and library: ${library}` };
}

function tolerances(reason: string): ComparisonBasis {
  return { kind: 'tolerances', reason };
}

/** An event tells of it from the first step on, the manifest at the end alone. */
function backendOf({ events, manifest }: RunRecord): BackendFacts | null {
  const event = events.findLast(({ type }) => type === 'backend');
  const { data } = backendSchema.safeParse(event?.data ?? manifest?.backend);
  return data ?? null;
}

function isDeterministic({ config }: RunRecord): boolean {
  return configSchema.safeParse(config).data?.training.deterministic_mode === true;
}

/** What the numbers of a native backend depend on beside configuration, code and data. */
function factsOf({ environment }: RunRecord, backend: BackendFacts): Map<string, JsonValue> {
  const { system, standard } = environment ?? { system: undefined, standard: null };
  const libraries = Object.entries(system?.packages ?? {}).filter(([name]) =>
    name.startsWith('@tensorflow/'),
  );
  const variables = Object.entries(standard?.process?.variables ?? {}).filter(([name]) =>
    NUMERIC_VARIABLE.test(name),
  );
  const gpu = backend.name === 'gpu' ? standard?.gpu : null;
  return new Map<string, JsonValue>([
    ['backend.name', backend.name],
    ['backend.version', backend.version],
    ['backend.threads', backend.threads],
    ['backend.device', backend.device],
    ['system.platform', system?.platform ?? null],
    ['system.arch', system?.arch ?? null],
    ['system.cpu.model', system?.cpu.model ?? null],
    ['gpu', gpu?.devices.map(({ name }) => name).join(', ') ?? null],
    ['gpu.driver', gpu?.driver ?? null],
    ...libraries.map(([name, version]): [string, JsonValue] => [`packages.${name}`, version]),
    ...variables.map(([name, value]): [string, JsonValue] => [`variables.${name}`, value]),
  ]);
}

function differencesOf(
  a: ReadonlyMap<string, JsonValue>,
  b: ReadonlyMap<string, JsonValue>,
): ValueDifference[] {
  return [...new Set([...a.keys(), ...b.keys()])]
    .map((path) => ({ path, a: a.get(path) ?? null, b: b.get(path) ?? null }))
    .filter((row) => row.a !== row.b);
}

/** What is not recorded cannot be the same. */
function unknownFact(record: RunRecord, again: RunRecord, backend: BackendFacts): string | null {
  if (record.environment === null || again.environment === null)
    return 'the environment is not recorded';
  if (backend.name === 'gpu') {
    const gpu = record.environment.standard?.gpu ?? null;
    return gpu === null ? 'the graphics processor is not recorded' : null;
  }
  return record.environment.system.cpu.model === null
    ? 'the model of the processor is not recorded'
    : null;
}
