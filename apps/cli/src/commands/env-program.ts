import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nearestName, UsageError } from '@pixelis/core';
import { repositoryRoot } from '../train-program';

/** The program whose environment is meant if nobody names one. */
export const DEFAULT_PROGRAM = 'train';

/** The programs that stand beside this one, each with its folder. */
export function programFolders(): ReadonlyMap<string, string> {
  const programs = join(repositoryRoot(), 'apps');
  const names = readdirSync(programs).sort();
  const folders = names.map((name) => [name, join(programs, name)] as const);
  return new Map(folders.filter(([, folder]) => existsSync(join(folder, 'package.json'))));
}

/**
 * Folder of a program that stands beside this one.
 *
 * @param name Such as `train` or `evaluate`.
 * @throws {UsageError} `PROGRAM_UNKNOWN`, which names the nearest.
 */
export function programFolder(name: string): string {
  const folders = programFolders();
  const folder = folders.get(name);
  if (folder !== undefined) return folder;
  const nearest = nearestName(name, [...folders.keys()]);
  throw new UsageError(`There is no program ${JSON.stringify(name)}`, {
    code: 'PROGRAM_UNKNOWN',
    remedy:
      nearest === undefined
        ? `Name one of ${[...folders.keys()].join(', ')}.`
        : `Did you mean ${nearest}?`,
  });
}
