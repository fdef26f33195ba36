import { z } from 'zod';
import { sha256Schema } from './event';
import { RELATIVE_PATH } from './relative-path';

/** The file that a run ends with: if it exists, so do all the files that it names. */
export const MANIFEST_FILE = 'manifest.json';

/** A signature of the manifest, made after it and therefore not among its files. */
export const SIGNATURE_FILE = 'model.sig';

/** Changes that no commit held; an export leaves it out unless it is asked to take it along. */
export const DIFF_FILE = 'environment.diff';

/** The weights that a run came to; their SHA-256 is `results.weights_sha256`. */
export const FINAL_WEIGHTS_FILE = 'checkpoints/final.safetensors';

const path = z
  .string()
  .regex(RELATIVE_PATH, 'must be a relative path with forward slashes and without ".."');
const paths = z.array(path);
/** JSON can hold numbers that no float64 is. */
const finite = z.number().min(-Number.MAX_VALUE).max(Number.MAX_VALUE);

/** `manifest.json`, version 1. All paths are relative to it, with forward slashes. */
export const manifestSchema = z.strictObject({
  manifest_version: z.literal(1),
  run_id: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/,
      'must be 1 to 100 letters, digits, "_", "." or "-", a letter or digit first',
    ),
  run_uuid: z.uuidv7(),
  /** RFC 3339, UTC. */
  created_at: z.iso.datetime(),
  /** Only a complete run has a manifest. */
  status: z.literal('COMPLETED'),
  seed: z.int().min(0),
  git: z.strictObject({
    commit: z.string().nullable(),
    is_dirty: z.boolean().nullable(),
    remote: z.string().nullable(),
  }),
  /** Versions; null where absent. */
  node: z.string(),
  tfjs: z.string().nullable(),
  tensorflow: z.string().nullable(),
  cuda: z.string().nullable(),
  /** Null for a run that computes without one; so are a data set, an encoder and transforms that a run does not use. */
  backend: z
    .strictObject({
      name: z.string(),
      version: z.string().nullable(),
      threads: z.int().min(1),
    })
    .nullable(),
  env_lock: z.strictObject({ name: z.string().nullable(), hash: sha256Schema.nullable() }),
  dataset: z
    .strictObject({
      name: z.string(),
      version: z.string(),
      split: z.string(),
      hashes: z.record(z.string(), sha256Schema),
    })
    .nullable(),
  /** `weights` names those that the training began with; null for random ones. */
  encoder: z
    .strictObject({
      arch: z.string(),
      dim: z.int().min(1),
      weights: z.string().nullable(),
    })
    .nullable(),
  transforms: z
    .strictObject({
      version: z.string(),
      normalize: z.boolean(),
      mean: z.array(finite).nullable(),
      std: z.array(finite).nullable(),
    })
    .nullable(),
  checkpoints: paths,
  config_path: path,
  config_resolved_path: path,
  artifacts: z.strictObject({ metrics: paths, figures: paths, plots: paths }),
  /** Every file of the run but the manifest itself. */
  files: z.record(path, z.strictObject({ sha256: sha256Schema, bytes: z.int().min(0) })),
  /** Hash of the last line of `events.jsonl`, without its newline, and the number of lines. */
  events: z.strictObject({ head: sha256Schema, count: z.int().min(1) }),
  /** Final metrics by their standard keys. */
  results: z.object({ weights_sha256: sha256Schema.nullable() }).catchall(finite),
});

/** See {@link ManifestFacts}. */
const manifestFactsSchema = manifestSchema
  .pick({
    seed: true,
    git: true,
    node: true,
    tfjs: true,
    tensorflow: true,
    cuda: true,
    backend: true,
    env_lock: true,
    dataset: true,
    encoder: true,
    transforms: true,
  })
  .extend({ results: z.record(z.string(), finite) });

/**
 * Refuses facts of which no manifest can be made.
 *
 * @throws {TypeError} If a field is missing, unknown or of the wrong form; the message names it.
 */
export function requireFacts(facts: ManifestFacts): void {
  const result = manifestFactsSchema.safeParse(facts);
  if (result.success) return;
  const issues = result.error.issues.map(
    ({ path, message }) => `${['facts', ...path].map(String).join('.')}: ${message}`,
  );
  throw new TypeError(`Cannot complete a run: ${issues.join('; ')}`);
}

/** A manifest of version 1. */
export type RunManifest = z.infer<typeof manifestSchema>;

/** What a manifest says that only the program knows which made the run. */
export type ManifestFacts = Pick<
  RunManifest,
  | 'seed'
  | 'git'
  | 'node'
  | 'tfjs'
  | 'tensorflow'
  | 'cuda'
  | 'backend'
  | 'env_lock'
  | 'dataset'
  | 'encoder'
  | 'transforms'
> & {
  /** Final metrics by their standard keys; `weights_sha256` is added from {@link FINAL_WEIGHTS_FILE}. */
  results: Readonly<Record<string, number>>;
};

/** The JSON Schema (draft 2020-12) of a manifest, for programs in other languages: it accepts what `parseManifest` accepts. */
export function manifestJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(manifestSchema, {
    target: 'draft-2020-12',
    override: ({ jsonSchema }) => {
      const { type, additionalProperties, propertyNames } = jsonSchema;
      if (type !== 'object' || additionalProperties === false) return;
      const names = typeof propertyNames === 'object' ? propertyNames : {};
      jsonSchema.propertyNames = { ...names, not: { const: '__proto__' } };
    },
  });
  return { ...schema, title: 'Manifest of a Pixelis run, version 1' };
}
