import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
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
  { folder, manifest }: InstalledPackage,
  machinePaths: readonly string[],
): string[] {
  const files = filesBelow(folder);
  const present = new Set(files);
  const entries = manifest.entries.map((entry) => posix.normalize(entry));
  const missing = [...REQUIRED, ...entries].filter((path) => !present.has(path));
  const license = manifest.license === 'Apache-2.0' ? [] : ['its license is not Apache-2.0'];
  return [
    ...license,
    ...missing.map((path) => `${path} is missing`),
    ...files.filter((path) => UNWANTED.test(path)).map((path) => `${path} should not be in it`),
    ...files.flatMap((path) => contentProblems(folder, path, machinePaths)),
  ].map((problem) => `${manifest.name}: ${problem}`);
}

function contentProblems(folder: string, path: string, machinePaths: readonly string[]): string[] {
  const text = readFileSync(join(folder, path), 'utf8');
  const found = machinePaths.filter((machinePath) => text.includes(machinePath));
  return [
    ...found.map((machinePath) => `${path} names a path of this machine, ${machinePath}`),
    ...(path.endsWith('.map') ? missingSources(join(folder, path), text) : []).map(
      (source) =>
        `${path} maps to ${source}, which is not shipped: if it was renamed, "npm run clean" removes what the old name left`,
    ),
  ];
}

function missingSources(path: string, text: string): string[] {
  const map = objectOf(JSON.parse(text));
  if (Array.isArray(map['sourcesContent'])) return [];
  const root = typeof map['sourceRoot'] === 'string' ? map['sourceRoot'] : '';
  return stringListOf(map['sources']).filter(
    (source) => !existsSync(join(dirname(path), root, source)),
  );
}
