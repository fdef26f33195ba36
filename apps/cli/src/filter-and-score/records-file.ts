import { readFileSync } from 'node:fs';
import { canonicalJson, DataError, explainSystemError, type JsonValue } from '@pixelis/core';
import type { DataRecord } from '@pixelis/data';
import { z } from 'zod';

const recordSchema = z.record(z.string(), z.json());

/**
 * Reads records: JSON Lines, or a JSON array of objects.
 *
 * @throws {DataError} If the file cannot be read or holds anything else; the message names the line or the place.
 */
export function readRecords(path: string): DataRecord[] {
  const text = readText(path);
  if (text.trimStart().startsWith('[')) {
    const list = z.array(z.unknown()).parse(parseJson(text, path));
    return list.map((item, index) => toRecord(item, `${path}, item ${index + 1}`));
  }
  return text.split('\n').flatMap((line, index) => {
    const place = `${path}, line ${index + 1}`;
    return line.trim() === '' ? [] : [toRecord(parseJson(line, place), place)];
  });
}

/** Records as the text of a file: a JSON array for `*.json`, otherwise JSON Lines. */
export function recordsText(records: readonly JsonValue[], path: string): string {
  const lines = records.map((record) => canonicalJson(record));
  if (path.endsWith('.json')) return `[${lines.map((line) => `\n${line}`).join(',')}\n]\n`;
  return lines.map((line) => `${line}\n`).join('');
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw explainSystemError(error, { action: 'read', path }) ?? error;
  }
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DataError(`${place} is not JSON`, {
      code: 'RECORDS_INVALID',
      remedy: 'Give JSON Lines, an object a line, or a JSON array of objects.',
      cause,
    });
  }
}

function toRecord(value: unknown, place: string): DataRecord {
  const parsed = recordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DataError(`${place} is no JSON object`, {
    code: 'RECORDS_INVALID',
    remedy: 'Each example must be an object with a question, steps and an answer.',
  });
}
