import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IntegrityError, redactJson, writeFileAtomicSync } from '@pixelis/core';
import { z } from 'zod';
import { argumentError, requireRecord } from './check-argument';
import { ifPresent } from './disk';
import { toJsonText } from './run-state';

/** The file of a run that holds its tags. */
export const TAGS_FILE = 'tags.json';

/** The tags of a run: short texts by which people find it again. */
export type RunTags = Readonly<Record<string, string>>;

const TAG_KEY = /^[A-Za-z0-9_][A-Za-z0-9_./ -]{0,248}[A-Za-z0-9_./-]$|^[A-Za-z0-9_]$/;

const tagsSchema = z.record(z.string(), z.string());

/**
 * The tags that were given, without secrets.
 *
 * @throws {TypeError} If there is no object of texts.
 * @throws {RangeError} If a key is not 1 to 250 letters, digits, spaces and `_ - . /`, with a letter, digit or `_` first
 * and no space last.
 */
export function checkTags(tags: RunTags): RunTags {
  requireRecord(tags, { action: 'tag a run', name: 'tags' });
  const checked = Object.entries(tags).map(([key, value]): [string, string] => {
    if (!TAG_KEY.test(key))
      throw new RangeError(
        `Cannot tag a run: a key must be 1 to 250 letters, digits, spaces and _ - . /, with a letter, digit or _ first and no space last: current value is ${JSON.stringify(key)}`,
      );
    if (typeof value !== 'string' || !value.isWellFormed())
      throw argumentError('tag a run', { rule: `the value of ${key} must be a text`, value });
    return [key, value];
  });
  return tagsSchema.parse(redactJson(Object.fromEntries(checked)));
}

/**
 * The tags of a run; none if it has no such file.
 *
 * @throws {IntegrityError} `TAGS_BROKEN` if the file is not what Pixelis wrote.
 */
export function readTags(directory: string): RunTags {
  const path = join(directory, TAGS_FILE);
  // Most runs have none, and asking first is far cheaper than an error.
  const text = existsSync(path) ? ifPresent(() => readFileSync(path, 'utf8')) : null;
  if (text === null) return {};
  try {
    return tagsSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new IntegrityError(`${path} does not hold the tags of a run`, {
      code: 'TAGS_BROKEN',
      remedy: 'Restore the file from a copy, or remove it: the run is then without tags.',
      cause,
    });
  }
}

/** The content of the file, with the keys in the order of their code units. */
export function tagsText(tags: RunTags): string {
  const sorted = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1));
  return toJsonText(Object.fromEntries(sorted));
}

/** Replaces the tags of a run atomically. */
export function writeTags(directory: string, tags: RunTags): void {
  writeFileAtomicSync(join(directory, TAGS_FILE), tagsText(tags));
}
