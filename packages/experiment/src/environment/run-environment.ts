import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST_FILE, readManifest } from '@pixelis/artifacts';
import { explainSystemError, IntegrityError } from '@pixelis/core';
import { comparableEnvironment, type ComparableEnvironment } from '@pixelis/reproducibility';
import { z } from 'zod';

const versions = z.record(z.string(), z.string());
const lockFile = z.object({ name: z.string(), sha256: z.string() });

/** The part of `environment.json` that is compared. */
const environmentSchema = z.object({
  system: z.object({
    platform: z.string(),
    arch: z.string(),
    node: z.string(),
    packages: versions,
  }),
  standard: z
    .object({
      program: z.string().nullish(),
      lock_file: lockFile.nullable(),
      packages: versions,
      gpu: z.object({ cuda_version: z.string().nullish() }).nullish(),
    })
    .nullable(),
});

/**
 * The environment that a run was made in, by its manifest and its `environment.json`, or by the one of the two that there is;
 * null if its folder has neither, or does not exist.
 *
 * @param directory Folder of the run.
 * @throws {IntegrityError} `RECORD_BROKEN` or `MANIFEST_BROKEN` if a file is not what Pixelis wrote.
 * @throws {EnvironmentError} `MANIFEST_VERSION_LATER` if a later Pixelis completed the run.
 * @throws {DataError} If a file cannot be read.
 */
export function readRunEnvironment(directory: string): ComparableEnvironment | null {
  const path = join(directory, 'environment.json');
  const environment = existsSync(path) ? readEnvironment(path) : null;
  const facts = existsSync(join(directory, MANIFEST_FILE)) ? readManifest(directory) : null;
  if (environment === null && facts === null) return null;
  return comparableEnvironment(environment, facts ?? {});
}

function readEnvironment(path: string): z.output<typeof environmentSchema> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw explainSystemError(error, { path }) ?? error;
  }
  try {
    return environmentSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new IntegrityError(`${path} is not what Pixelis wrote`, {
      code: 'RECORD_BROKEN',
      remedy: 'restore the file from a copy; pixelis runs audit shows what else is damaged',
      cause,
    });
  }
}
