import { join } from 'node:path';
import { IntegrityError } from '@pixelis/core';
import { isJsonObject, type JsonObject } from './json-object';
import { MANIFEST_FILE } from './manifest';
import { readJson } from './run-config';
import { readTags, type RunTags } from './tags';

/** What a list of runs tells of each, beyond how it stands. */
export interface RunOutcome {
  tags: RunTags;
  /** What a complete run came to, `weights_sha256` included; nothing for another. */
  results: JsonObject;
}

/**
 * The tags and results of a run, cheap enough for long lists; `showRun` tells all. What is damaged is empty here:
 * `auditRun` tells what is wrong. Changes nothing.
 *
 * @param directory The folder of the run.
 */
export function readRunOutcome(directory: string): RunOutcome {
  const manifest = readJson(join(directory, MANIFEST_FILE));
  const results =
    manifest !== undefined && isJsonObject(manifest) ? manifest['results'] : undefined;
  return {
    tags: tagsOf(directory),
    results: results !== undefined && isJsonObject(results) ? results : {},
  };
}

function tagsOf(directory: string): RunTags {
  try {
    return readTags(directory);
  } catch (error) {
    if (error instanceof IntegrityError) return {};
    throw error;
  }
}
