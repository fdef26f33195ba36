import { sweepConfigSchema } from '@pixelis/config';
import { z } from 'zod';
import { outcomeSchema } from './outcome';

/** The file that a sweep ends with: if it exists, so do all the files that it names. */
export const SWEEP_MANIFEST_FILE = 'manifest.json';

const RELATIVE_PATH = /^[\w-]+(?:\.[\w-]+)*(?:\/[\w-]+(?:\.[\w-]+)*)*$/;
const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
const path = z.string().regex(RELATIVE_PATH, 'must be a relative path with forward slashes');
const count = z.int().min(0);

const trialSchema = z.strictObject({
  trial: z.int().min(1),
  /** Null for a trial of tpe that came to no valid configuration, which counts as failed. */
  config_path: path.nullable(),
  run_id: z.string(),
  /** Values by dotted keys of the configuration. */
  parameters: z.record(z.string(), z.json()),
  ...outcomeSchema.pick({
    state: true,
    value: true,
    steps: true,
    results: true,
    rungs: true,
    error: true,
  }).shape,
});

/** `manifest.json` of a sweep, version 1. All paths are relative to it, with forward slashes. */
export const sweepManifestSchema = z.strictObject({
  manifest_version: z.literal(1),
  tag: z.string(),
  sweep_uuid: z.uuidv7(),
  /** When the sweep ended; RFC 3339, UTC. */
  created_at: z.iso.datetime(),
  /** Only a sweep that has come to its end has a manifest. */
  status: z.literal('COMPLETED'),
  /** Kind of training, such as `sft`. */
  mode: sweepConfigSchema.shape.training.unwrap().shape.mode.unwrap(),
  seed: z.int().min(0),
  search: sweepConfigSchema.shape.sweep.unwrap(),
  /** As in `sweep.json`. */
  fingerprint: sha256Schema,
  counts: z.strictObject({ completed: count, stopped: count, failed: count }),
  /** Number of the best trial; null if all failed. */
  best: z.int().min(1).nullable(),
  trials: z.array(trialSchema).min(1),
  report_path: path,
  figures: z.array(path),
  /** Every file of the sweep but the manifest itself, logs, and what launchers leave. */
  files: z.record(path, z.strictObject({ sha256: sha256Schema, bytes: count })),
});

/** The manifest of a sweep. */
export type SweepManifest = z.infer<typeof sweepManifestSchema>;

/** What a manifest says that follows from the other files of the sweep. */
export const sweepDescriptionSchema = sweepManifestSchema.omit({
  sweep_uuid: true,
  created_at: true,
  files: true,
});

/** What the files of a sweep come to. */
export type SweepDescription = z.infer<typeof sweepDescriptionSchema>;

/** A trial as the manifest tells of it. */
export type SweepManifestTrial = SweepManifest['trials'][number];

/** The JSON Schema (draft 2020-12) of a sweep's manifest, for programs in other languages. */
export function sweepManifestJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(sweepManifestSchema, { target: 'draft-2020-12' });
  return { ...schema, title: 'Manifest of a Pixelis sweep, version 1' };
}
