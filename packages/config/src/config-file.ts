import { closeSync, openSync, readSync } from 'node:fs';
import { UsageError } from '@pixelis/core';
import type { z } from 'zod';
import { evaluationDefinition, sweepDefinition, trainingDefinition } from './config-definitions';
import { DEFAULT_ORIGIN } from './config-error';
import type { ConfigLayer } from './config-layer';
import { formatPath, leafPaths } from './config-path';
import type { ConfigWithOrigins } from './extend-config';
import { printable } from './printable';
import { type RecordedConfig, recordedConfig, recordedLayers } from './recorded-config';
import { type ConfigDefinition, resolveConfig } from './resolve-config';

import { parseYaml, YAML_LENGTH_MAX, YamlSyntaxError } from './yaml-value';

/**
 * The layers of a configuration file for `--config`, in YAML or JSON (which YAML contains), UTF-8 with or without a byte order
 * mark. Its key `$schema` is for editors alone. An empty file sets nothing.
 *
 * There is one layer, `file`, unless the file records who set its values, as the `config_resolved.json` of a run and the
 * `NNNN.json` of a trial do: then there is one for each layer that it records. What was a default is left to the defaults if
 * it still is one, and else counts as set by the file.
 *
 * @param definition The kind of configuration that the file holds. @default that of a training run
 * @throws {UsageError} If the file is missing, unreadable, a folder, longer than 128 KiB, or not one mapping in YAML;
 * with line and column where the syntax is wrong. Also if its record of who set what is damaged.
 */
export function fileLayers(
  path: string,
  definition: ConfigDefinition<z.ZodObject> = trainingDefinition,
): ConfigLayer[] {
  const document = readConfigFile(path);
  const recorded = recordIn(document, path);
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
  const document = readConfigFile(path);
  const recorded = recordIn(document, path);
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
  const document = readConfigFile(path);
  const recorded = recordIn(document, path);
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

function definitionFor(document: ReadonlyMap<unknown, unknown>): ConfigDefinition<z.ZodObject> {
  if (document.has('sweep')) return sweepDefinition;
  return document.has('evaluation') ? evaluationDefinition : trainingDefinition;
}

function recordIn(
  document: ReadonlyMap<unknown, unknown>,
  path: string,
): RecordedConfig | undefined {
  return recordedConfig(document, (problem) => {
    throw wrongFile(path, problem);
  });
}

function layerOf(path: string, document: ReadonlyMap<unknown, unknown>): ConfigLayer {
  const value = new Map(document);
  value.delete('$schema');
  return { layer: 'file', settings: value.size === 0 ? [] : [{ path: [], value, source: path }] };
}

function readConfigFile(path: string): ReadonlyMap<unknown, unknown> {
  return parseFile(path, readText(path)) ?? new Map();
}

function parseFile(path: string, text: string): Map<unknown, unknown> | null {
  const members = parseOwnJson(text);
  if (members !== undefined) return new Map(members);
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    const { line, column } = error;
    const place = line === undefined ? '' : `, line ${line}, column ${column ?? 1}`;
    throw wrongFile(`${path}${place}`, error.message);
  }
  if (value === null || value instanceof Map) return value;
  throw wrongFile(path, 'it must hold keys with their values');
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

function readText(path: string): string {
  const bytes = readBytes(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw wrongFile(path, 'it is not UTF-8 text');
  }
}

function readBytes(path: string): Uint8Array {
  try {
    return readAtMost(path, YAML_LENGTH_MAX);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`Cannot read the configuration ${printable(path)}: ${printable(reason)}`, {
      code: 'CONFIG_FILE_UNREADABLE',
      remedy: 'Give the path of a readable YAML or JSON file',
      cause,
    });
  }
}

/** Reads in pieces, since the size of a pipe or a device is not known beforehand. */
function readAtMost(path: string, bytesMax: number): Uint8Array {
  const buffer = new Uint8Array(bytesMax + 1);
  const file = openSync(path, 'r');
  try {
    let length = 0;
    let read: number;
    do {
      read = readSync(file, buffer, length, buffer.length - length, null);
      length += read;
    } while (read > 0 && length < buffer.length);
    if (length > bytesMax) throw wrongFile(path, `it is longer than ${bytesMax} bytes`);
    return buffer.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

function wrongFile(place: string, problem: string): UsageError {
  return new UsageError(`Cannot use the configuration ${printable(place)}: ${printable(problem)}`, {
    code: 'CONFIG_FILE_INVALID',
    remedy: 'Write one mapping in YAML or JSON, as schema/config.schema.json describes it',
  });
}
