import { closeSync, openSync, readSync } from 'node:fs';
import { UsageError } from '@pixelis/core';
import type { ConfigLayer } from './config-layer';
import { printable } from './printable';
import { parseYaml, YAML_LENGTH_MAX, YamlSyntaxError } from './yaml-value';

/**
 * The layer of a configuration file in YAML or JSON (which YAML contains), UTF-8 with or without a byte order mark.
 * An empty file sets nothing.
 *
 * @throws {UsageError} If the file is missing, unreadable, a folder, longer than 128 KiB, or not one mapping in YAML;
 * with line and column where the syntax is wrong.
 */
export function fileLayer(path: string): ConfigLayer {
  const value = parseFile(path, readText(path));
  const settings = value === null ? [] : [{ path: [], value, source: path }];
  return { layer: 'file', settings };
}

function parseFile(path: string, text: string): Map<unknown, unknown> | null {
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
      remedy: 'Give --config the path of a readable YAML or JSON file',
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
