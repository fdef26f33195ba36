import { IntegrityError } from '@pixelis/core';
import { isJsonObject, type JsonObject } from './json-object';
import { readManifestLeniently } from './read-manifest';
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
 * @throws {EnvironmentError} `MANIFEST_VERSION_LATER` if a later Pixelis completed it.
 */
export function readRunOutcome(directory: string): RunOutcome {
  const results = readManifestLeniently(directory)?.['results'];
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
