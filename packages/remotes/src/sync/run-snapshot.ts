import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  IntegrityError,
  isSystemError,
  type JsonValue,
  redactJson,
  redactSecrets,
  sha256,
} from '@pixelis/core';
import {
  MANIFEST_FILE,
  type MetricsLine,
  readEvents,
  readManifest,
  type RunManifest,
  type RunSummary,
} from '@pixelis/artifacts';
import { z } from 'zod';

/** A file of a run that a remote may take. */
export interface RunFile {
  /** Relative to the run's folder, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Lines of a step-wise file, in the order in which they were recorded. */
export interface RunSeries {
  /** `metrics.jsonl`: values by step. */
  readonly metrics: readonly MetricsLine[];
  /** `timings.jsonl`: times and rates by step. */
  readonly timings: readonly MetricsLine[];
  /** `hardware.jsonl`: samples, each with `time_s` since the run began. */
  readonly hardware: readonly MetricsLine[];
}

/** All of a run that goes to a tracker, as it stands now; secrets are gone from every text. */
export interface RunSnapshot {
  readonly runId: string;
  readonly runUuid: string;
  readonly directory: string;
  readonly status: 'RUNNING' | 'COMPLETED' | 'FAILED';
  readonly error: { code: string; message: string } | null;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds since 1970; null while it runs. */
  readonly endedAt: number | null;
  readonly tags: Readonly<Record<string, string>>;
  /** The resolved configuration. */
  readonly config: JsonValue;
  readonly series: RunSeries;
  /** Final metrics; empty unless the run is complete. */
  readonly results: Readonly<Record<string, number>>;
  /** Null unless the run is complete. */
  readonly manifest: RunManifest | null;
  /** Those that are known not to change any more: all of a complete run, else what was written as it began. */
  readonly files: readonly RunFile[];
}

const lineSchema = z.record(z.string(), z.number());
const tagsSchema = z.record(z.string(), z.string());
const stateSchema = z.object({ run_uuid: z.uuidv7(), created_at: z.iso.datetime() });
const documentSchema = z.object({ config: z.json(), origins: z.json() });

/** Written when a run begins and never again. */
const FIRST_FILES = ['config_raw.json', 'config_resolved.json', 'environment.json'];

/** The difference to the commit leaves a machine only where somebody asks for it by name. */
const WITHHELD = /^[^/]*\.(?:diff|patch)$/i;

/** Whether a file stays here unless somebody asks for it by name. */
export function isWithheld(path: string): boolean {
  return WITHHELD.test(path);
}

/**
 * A hash of all that a remote is told of a run: while it stays the same there is nothing to sync. Of a complete run it is
 * that of the manifest, which names all files.
 */
export function fingerprintOf({ directory, status, error }: RunSummary): string {
  const names =
    status === 'COMPLETED'
      ? [MANIFEST_FILE]
      : ['run.json', 'tags.json', 'metrics.jsonl', 'timings.jsonl', 'hardware.jsonl'];
  const parts = names.map((name) => sha256(textIfThere(join(directory, name)) ?? ''));
  return sha256([status, error?.code ?? '', ...parts].join(' '));
}

/**
 * Reads a run as it stands; a line that its process is still writing is left for the next time.
 *
 * @throws {IntegrityError} `RUN_BROKEN` if a file is missing or is not what a run writes.
 * @throws {EnvironmentError} `MANIFEST_VERSION_LATER` if a later Pixelis completed it.
 */
export function readRunSnapshot(summary: RunSummary): RunSnapshot {
  const { runId, directory, status, error } = summary;
  const manifest = status === 'COMPLETED' ? readIntactManifest(directory) : null;
  const { run_uuid, created_at } = manifest ?? readDocument(directory, 'run.json', stateSchema);
  const tags = readDocument(directory, 'tags.json', tagsSchema, {});
  const events = readEvents(join(directory, 'events.jsonl'));
  const lastEvent = events.at(-1);
  return {
    runId,
    runUuid: run_uuid,
    directory,
    status,
    error: error === null ? null : { ...error, message: redactSecrets(error.message) },
    startedAt: Date.parse(created_at),
    endedAt: status === 'RUNNING' || lastEvent === undefined ? null : Date.parse(lastEvent.time),
    tags: tagsSchema.parse(redactJson(tags)),
    config: redactJson(readConfig(directory)),
    series: {
      metrics: readSeries(directory, 'metrics.jsonl'),
      timings: readSeries(directory, 'timings.jsonl'),
      hardware: readSeries(directory, 'hardware.jsonl'),
    },
    results: manifest === null ? {} : resultsOf(manifest),
    manifest,
    files: manifest === null ? firstFiles(directory) : manifestFiles(directory, manifest),
  };
}

function readIntactManifest(directory: string): RunManifest {
  try {
    return readManifest(directory);
  } catch (cause) {
    if (cause instanceof IntegrityError)
      throw brokenError(directory, `${MANIFEST_FILE} is damaged`, cause);
    throw cause;
  }
}

function resultsOf({ results }: RunManifest): Record<string, number> {
  const entries: [string, unknown][] = Object.entries(results);
  return Object.fromEntries(
    entries.flatMap(([key, value]) => (typeof value === 'number' ? [[key, value]] : [])),
  );
}

function manifestFiles(directory: string, manifest: RunManifest): RunFile[] {
  const text = textIfThere(join(directory, MANIFEST_FILE)) ?? '';
  const own = { path: MANIFEST_FILE, bytes: Buffer.byteLength(text), sha256: sha256(text) };
  const named = Object.entries(manifest.files).map(([path, file]) => ({ path, ...file }));
  return [...named, own].filter(({ path }) => !isWithheld(path));
}

function firstFiles(directory: string): RunFile[] {
  return FIRST_FILES.flatMap((path) => {
    const text = textIfThere(join(directory, path));
    return text === null ? [] : [{ path, bytes: Buffer.byteLength(text), sha256: sha256(text) }];
  });
}

/** `config_resolved.json` holds the configuration alone, or also the origin of each value. */
function readConfig(directory: string): JsonValue {
  const value = readDocument(directory, 'config_resolved.json', z.json());
  const document = documentSchema.safeParse(value);
  return document.success ? document.data.config : value;
}

function readDocument<Schema extends z.ZodType>(
  directory: string,
  name: string,
  schema: Schema,
  otherwise?: z.infer<Schema>,
): z.infer<Schema> {
  const text = textIfThere(join(directory, name));
  if (text === null && otherwise !== undefined) return otherwise;
  try {
    return schema.parse(JSON.parse(text ?? ''));
  } catch (cause) {
    throw brokenError(
      directory,
      text === null ? `${name} is missing` : `${name} is damaged`,
      cause,
    );
  }
}

function readSeries(directory: string, name: string): MetricsLine[] {
  const lines = textIfThere(join(directory, name))?.split('\n').slice(0, -1) ?? [];
  return lines.map((line, index) => {
    try {
      return lineSchema.parse(JSON.parse(line));
    } catch (cause) {
      throw brokenError(directory, `line ${index + 1} of ${name} is damaged`, cause);
    }
  });
}

function textIfThere(path: string): string | null {
  try {
    return lstatSync(path).isFile() ? readFileSync(path, 'utf8') : null;
  } catch (error) {
    if (isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    throw error;
  }
}

function brokenError(directory: string, what: string, cause: unknown): IntegrityError {
  return new IntegrityError(`In the run ${directory}, ${what}`, {
    code: 'RUN_BROKEN',
    remedy: 'Audit the run, and take the file from a copy of it that nobody changed.',
    cause,
  });
}
