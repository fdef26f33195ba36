import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { isSystemError, shellWord, UsageError } from '@pixelis/core';
import type { z } from 'zod';
import { evaluationDefinition, sweepDefinition, trainingDefinition } from './config-definitions';
import { DEFAULT_ORIGIN } from './config-error';
import type { ConfigLayer } from './config-layer';
import { formatPath, leafPaths } from './config-path';
import type { ConfigWithOrigins } from './extend-config';
import { ownerOfSection } from './foreign-sections';
import { jsonFault } from './json-fault';
import { printable } from './printable';
import { type RecordedConfig, recordedConfig, recordedLayers } from './recorded-config';
import { type ConfigDefinition, resolveConfig } from './resolve-config';
import { parseYaml, YAML_LENGTH_MAX, YamlSyntaxError } from './yaml-value';

type Definition = ConfigDefinition<z.ZodObject>;

/**
 * The layers of a configuration file for `--config`, in YAML or JSON (which YAML contains; a file named `.json` must be JSON), UTF-8
 * with or without a byte order mark. Its key `$schema` is for editors alone. An empty YAML file sets nothing.
 *
 * There is one layer, `file`, unless the file records who set its values, as the `config_resolved.json` of a run and the
 * `NNNN.json` of a trial do: then there is one for each layer that it records. What was a default is left to the defaults if
 * it still is one, and else counts as set by the file.
 *
 * @param definition The kind of configuration that the file holds. @default that of a training run
 * @throws {UsageError} If the file is missing, unreadable, a folder, longer than 128 KiB, or not one mapping in YAML (in JSON if it
 * is named so); with line and column where the syntax is wrong. Also if its record of who set what is damaged. `CONFIG_FILE_FOREIGN` if it is of
 * another kind, as a section such as `sweep` says.
 */
export function fileLayers(
  path: string,
  definition: Definition = trainingDefinition,
): ConfigLayer[] {
  const { document, recorded } = readOwnFile(path, definition);
  if (recorded === undefined) return [layerOf(path, document)];
  return recordedLayers(recorded, { path, definition });
}

/**
 * The layers of a trial's file for `--sweep`, which lie above all others: nothing wins over a value of the file, be it a default.
 * A file that does not record who set its values is one layer, `sweep`.
 *
 * @throws {UsageError} As {@link fileLayers}.
 */
export function sweepFileLayers(path: string): ConfigLayer[] {
  const { document, recorded } = readOwnFile(path, trainingDefinition);
  if (recorded === undefined) return [{ ...layerOf(path, document), layer: 'sweep' }];
  return recordedLayers(recorded, { path, definition: trainingDefinition, hasDefaults: true });
}

/**
 * What a file says of a configuration, and who set its values: what it records, as it stands; or what it comes to with the defaults,
 * as the configuration of a sweep or an evaluation where it has such a section.
 *
 * @throws {UsageError} As {@link fileLayers}.
 * @throws {ConfigError} If a file without records is wrong.
 */
export function readConfig(path: string): ConfigWithOrigins<unknown> {
  const { document, recorded } = readConfigFile(path, trainingDefinition);
  if (recorded === undefined) {
    return resolveConfig({ ...definitionFor(document), layers: [layerOf(path, document)] });
  }
  const { config } = recorded;
  const paths = leafPaths(config).map(formatPath);
  return {
    config,
    origins: Object.fromEntries(
      paths.map((leaf) => [leaf, recorded.origins[leaf] ?? DEFAULT_ORIGIN]),
    ),
  };
}

function definitionFor(document: ReadonlyMap<unknown, unknown>): Definition {
  if (document.has('sweep')) return sweepDefinition;
  return document.has('evaluation') ? evaluationDefinition : trainingDefinition;
}

interface ConfigFile {
  readonly document: ReadonlyMap<unknown, unknown>;
  /** What it records; undefined if it does not say who set its values. */
  readonly recorded: RecordedConfig | undefined;
}

/** Reads a file that must be of the kind that is wanted. */
function readOwnFile(path: string, definition: Definition): ConfigFile {
  const file = readConfigFile(path, definition);
  const { document, recorded } = file;
  const sections = recorded === undefined ? document.keys() : Object.keys(recorded.config ?? {});
  for (const section of sections) {
    const owner = ownerOfSection(section);
    if (owner === undefined || Object.hasOwn(definition.schema.shape, String(section))) continue;
    const shown = printable(path);
    throw new UsageError(
      `Cannot use the configuration ${shown}: it is that of ${owner.kind}, as its section "${String(section)}" says`,
      {
        code: 'CONFIG_FILE_FOREIGN',
        remedy: `Run it by ${owner.command} ${printable(shellWord(path))}, or take the section out`,
      },
    );
  }
  return file;
}

/** Files of a run that tell of its configuration, and are none. */
const RECORDS: readonly string[] = ['config_raw.json', 'manifest.json'];

/** Refuses the record of a sweep, which holds the configuration of none of its trials. */
function refuseSweepRecord(path: string, document: ReadonlyMap<unknown, unknown>): void {
  const isSearch = document.has('sweep_version') && document.has('fingerprint');
  if (!isSearch && !document.has('sweep_uuid')) return;
  const trial = join(dirname(path), '0001.json');
  throw new UsageError(
    `Cannot use the configuration ${printable(path)}: it is the record of a sweep`,
    {
      code: 'CONFIG_FILE_INVALID',
      remedy: `Name the file of a trial, such as ${printable(trial)}; the command that makes the sweep again is in its report.md`,
    },
  );
}

function readConfigFile(path: string, definition: Definition): ConfigFile {
  const resolved = join(dirname(path), 'config_resolved.json');
  if (RECORDS.includes(basename(path)) && existsSync(resolved)) {
    const problem = 'it is another file of a run';
    throw new UsageError(`Cannot use the configuration ${printable(path)}: ${problem}`, {
      code: 'CONFIG_FILE_INVALID',
      remedy: `Name the file beside it: ${printable(resolved)}`,
    });
  }
  const document = parseFile(readText(path, definition), { path, definition }) ?? new Map();
  refuseSweepRecord(path, document);
  const recorded = recordedConfig(document, (problem) => {
    throw wrongFile(path, { problem, definition });
  });
  return { document, recorded };
}

function layerOf(path: string, document: ReadonlyMap<unknown, unknown>): ConfigLayer {
  const value = new Map(document);
  value.delete('$schema');
  return { layer: 'file', settings: value.size === 0 ? [] : [{ path: [], value, source: path }] };
}

function parseFile(
  text: string,
  { path, definition }: { path: string; definition: Definition },
): Map<unknown, unknown> | null {
  const fault = isNamedJson(path) ? jsonFault(text) : undefined;
  if (fault !== undefined) {
    const place = `${path}, line ${fault.line}, column ${fault.column}`;
    throw wrongFile(place, {
      problem: `it is no JSON: ${fault.problem}`,
      definition,
      isJson: true,
    });
  }
  const members = parseOwnJson(text);
  if (members !== undefined) return new Map(members);
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    const { line, column, message: problem } = error;
    const place = line === undefined ? '' : `, line ${line}, column ${column ?? 1}`;
    throw wrongFile(`${path}${place}`, { problem, definition });
  }
  if (value === null || value instanceof Map) return value;
  throw wrongFile(path, { problem: 'it must hold keys with their values', definition });
}

function isNamedJson(path: string): boolean {
  return extname(path).toLowerCase() === '.json';
}

/**
 * The members of an object that `JSON.stringify` wrote, which is read many times faster than YAML. What it wrote has no repeated
 * key, and is what it writes again; undefined for anything else.
 */
function parseOwnJson(text: string): [string, unknown][] | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const isOwn = [undefined, 2].some(
      (indent) => JSON.stringify(value, undefined, indent) === text.trimEnd(),
    );
    return isOwn && typeof value === 'object' && value !== null ? Object.entries(value) : undefined;
  } catch {
    return undefined;
  }
}

function readText(path: string, definition: Definition): string {
  const bytes = readBytes(path);
  if (bytes.length > YAML_LENGTH_MAX) {
    throw wrongFile(path, { problem: `it is longer than ${YAML_LENGTH_MAX} bytes`, definition });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw wrongFile(path, { problem: 'it is not UTF-8 text', definition });
  }
}

function readBytes(path: string): Uint8Array {
  try {
    return readAtMost(path, YAML_LENGTH_MAX + 1);
  } catch (cause) {
    const inRun = join(path, 'config_resolved.json');
    const reason = reasonOf(cause);
    throw new UsageError(`Cannot read the configuration ${printable(path)}: ${printable(reason)}`, {
      code: 'CONFIG_FILE_UNREADABLE',
      remedy: existsSync(inRun)
        ? `Name the file in it: ${printable(inRun)}`
        : 'Give the path of a readable YAML or JSON file',
      cause,
    });
  }
}

/** What users mistake most often, in words; else those of the system. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['EISDIR', 'it is a folder'],
  ['ENOENT', 'there is no such file'],
  ['ENOTDIR', 'a part of the path is no folder'],
  ['EACCES', 'permission denied'],
]);

function reasonOf(cause: unknown): string {
  const known = isSystemError(cause) ? REASONS.get(cause.code) : undefined;
  return known ?? (cause instanceof Error ? cause.message : String(cause));
}

/** Reads in pieces, since the size of a pipe or a device is not known beforehand. */
function readAtMost(path: string, bytesMax: number): Uint8Array {
  const buffer = new Uint8Array(bytesMax);
  const file = openSync(path, 'r');
  try {
    let length = 0;
    let read: number;
    do {
      read = readSync(file, buffer, length, buffer.length - length, null);
      length += read;
    } while (read > 0 && length < buffer.length);
    return buffer.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

interface FileFault {
  readonly problem: string;
  readonly definition: Definition;
  /** Whether it had to be JSON, by its name. @default false */
  readonly isJson?: boolean;
}

function wrongFile(place: string, { problem, definition, isJson = false }: FileFault): UsageError {
  const { schemaFile } = definition;
  const description = schemaFile === undefined ? '' : `, as ${schemaFile} describes it`;
  return new UsageError(`Cannot use the configuration ${printable(place)}: ${printable(problem)}`, {
    code: 'CONFIG_FILE_INVALID',
    remedy: isJson
      ? `Write one object in JSON, or name the file .yaml${description}`
      : `Write one mapping in YAML or JSON${description}`,
  });
}
