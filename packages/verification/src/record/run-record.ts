import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import {
  MANIFEST_FILE,
  readEvents,
  readManifest,
  type RunEvent,
  type RunManifest,
} from '@pixelis/artifacts';
import { DataError, explainSystemError, IntegrityError, type JsonValue } from '@pixelis/core';
import { z } from 'zod';
import { type EnvironmentFacts, environmentFactsSchema } from './environment-facts';

/** What a run's folder says of how the run came about. What it lacks is null. */
export interface RunRecord {
  readonly runId: string;
  readonly directory: string;
  /** Only a complete run has one. */
  readonly manifest: RunManifest | null;
  /** Such as `train:sft`. */
  readonly job: string | null;
  /** The resolved configuration. */
  readonly config: JsonValue;
  readonly environment: EnvironmentFacts | null;
  /** What was asked for, in order, see `resolveConfig` of `@pixelis/config`. */
  readonly settings: readonly RecordedSetting[];
  readonly events: readonly RunEvent[];
}

/** A value of the configuration that somebody asked for. */
export type RecordedSetting = z.output<typeof settingSchema>;

const settingSchema = z.object({ path: z.string(), value: z.json() });
const rawConfigSchema = z.object({ settings: z.array(settingSchema).default([]) });
const resolvedSchema = z.object({ config: z.json(), origins: z.unknown() });
const tagsSchema = z.record(z.string(), z.string());
const stateSchema = z.object({ run_id: z.string() });

/**
 * Reads what a run's folder says of the run.
 *
 * @throws {DataError} `RUN_MISSING` if it is no folder of a run, or a file cannot be read.
 * @throws {IntegrityError} `RECORD_BROKEN`, `MANIFEST_BROKEN` or `EVENT_CHAIN_BROKEN` if a file is not what Pixelis wrote.
 * @throws {EnvironmentError} `MANIFEST_VERSION_LATER` if a later Pixelis completed the run.
 */
export function readRunRecord(directory: string): RunRecord {
  const folder = resolve(directory);
  const path = (name: string) => join(folder, name);
  const manifest = existsSync(path(MANIFEST_FILE)) ? readManifest(folder) : null;
  const state = readJson(path('run.json'), stateSchema);
  if (manifest === null && state === null) throw missingError(folder);
  const resolved = readJson(path('config_resolved.json'), z.union([resolvedSchema, z.json()]));
  const events = path('events.jsonl');
  return {
    runId: manifest?.run_id ?? state?.run_id ?? basename(folder),
    directory: folder,
    manifest,
    job: readJson(path('tags.json'), tagsSchema)?.['job'] ?? null,
    config: configOf(resolved),
    environment: readJson(path('environment.json'), environmentFactsSchema),
    settings: readJson(path('config_raw.json'), rawConfigSchema)?.settings ?? [],
    events: existsSync(events) ? readEvents(events) : [],
  };
}

/** A file may hold the configuration itself, or, as `@pixelis/config` makes it, `config` and `origins`. */
function configOf(document: z.output<typeof resolvedSchema> | JsonValue): JsonValue {
  const { success, data } = resolvedSchema.safeParse(document);
  return success ? data.config : z.json().parse(document);
}

function readJson<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> | null {
  const text = readIfThere(path);
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new IntegrityError(`${path} is not what Pixelis wrote`, {
      code: 'RECORD_BROKEN',
      remedy: 'restore the file from a copy; pixelis runs audit shows what else is damaged',
      cause,
    });
  }
}

function readIfThere(path: string): string | null {
  try {
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  } catch (error) {
    throw explainSystemError(error, { path }) ?? error;
  }
}

function missingError(folder: string): DataError {
  return new DataError(`${folder} is no folder of a run`, {
    code: 'RUN_MISSING',
    remedy: 'Give the folder of a run, such as out/runs/20260304T050607-0a1b2c.',
  });
}
