import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { filesBelow } from './files';
import { objectOf, stringListOf } from './json-value';
import type { PackageManifest } from './package-manifest';

/** Files that a package must have, by what they are for. */
const REQUIRED = ['LICENSE', 'README.md', 'package.json'];

/** Files that are of no use to whoever installs a package. */
const UNWANTED = /\.spec\.|\.tsbuildinfo$|(?:^|\/)(?:test|fixtures|out-tsc|coverage)\//;

export interface InstalledPackage {
  /** Absolute path of the folder that npm made. */
  readonly folder: string;
  readonly manifest: PackageManifest;
}

/**
 * Looks through a package as npm unpacked it.
 *
 * @param machinePaths Texts that no file may hold, such as the path of the workspace.
 * @returns A sentence for each file that is missing, too many or of this machine alone.
 */
export function installedPackageProblems(
  installed: InstalledPackage,
  machinePaths: readonly string[],
): string[] {
  const { folder, manifest } = installed;
  const files = filesBelow(folder);
  const present = new Set(files);
  const entries = manifest.entries.map((entry) => posix.normalize(entry));
  const missing = [...REQUIRED, ...entries].filter((path) => !present.has(path));
  const maps = files.filter((path) => path.endsWith('.map'));
  const sources = new Set(maps.flatMap((path) => missingSources(folder, path)));
  return [
    ...(manifest.license === 'Apache-2.0' ? [] : ['its license is not Apache-2.0']),
    ...missing.map((path) => `${path} is missing`),
    ...files.filter((path) => UNWANTED.test(path)).map((path) => `${path} should not be in it`),
    ...[...sources].map(
      (source) =>
        `dist is made of ${source}, which is missing: if it was renamed, run "npm run clean" and build anew`,
    ),
    ...files.flatMap((path) => machinePathProblems(installed, path, machinePaths)),
  ].map((problem) => `${manifest.name}: ${problem}`);
}

function machinePathProblems(
  { folder }: InstalledPackage,
  path: string,
  machinePaths: readonly string[],
): string[] {
  const text = readFileSync(join(folder, path), 'utf8');
  return machinePaths
    .filter((machinePath) => text.includes(machinePath))
    .map((machinePath) => `${path} names a path of this machine, ${machinePath}`);
}

/** Sources that the map at `path` names, neither holds nor finds; relative to the package. */
function missingSources(folder: string, path: string): string[] {
  const map = objectOf(JSON.parse(readFileSync(join(folder, path), 'utf8')));
  if (Array.isArray(map['sourcesContent'])) return [];
  const root = typeof map['sourceRoot'] === 'string' ? map['sourceRoot'] : '';
  return stringListOf(map['sources'])
    .map((source) => posix.join(posix.dirname(path), root, source))
    .filter((source) => !existsSync(join(folder, source)));
}
