import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

import type { LockedPackages } from './lock-file';

const SCOPES = ['@pixelis', '@tensorflow'];

/** A package of which not the version is installed that the lock file holds. */
export interface PackageDifference {
  readonly name: string;
  /** Null if it is not installed. */
  readonly installed: string | null;
  /** Versions in the lock file, by code unit; empty if it knows none. */
  readonly locked: readonly string[];
}

/** Packages by name, each with its version, or its versions separated by commas. */
export type PackageVersions = Readonly<Record<string, string>>;

/**
 * The versions of the packages under the scopes `@pixelis` and `@tensorflow` that a module in one of `folders` would find,
 * the first folder's first; by name in alphabetical order.
 */
export function installedPackages(folders: readonly string[]): Record<string, string> {
  const versions = new Map<string, string>();
  for (const modules of folders.flatMap(moduleFolders)) {
    for (const scope of SCOPES) {
      for (const name of listFolder(join(modules, scope))) {
        const version = readPackage(join(modules, scope, name))?.version;
        const fullName = `${scope}/${name}`;
        if (version !== undefined && !versions.has(fullName)) versions.set(fullName, version);
      }
    }
  }
  return Object.fromEntries([...versions].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The version of the package that a module in `folder` would find; null if it is not installed. */
export function installedVersion(name: string, folder: string): string | null {
  return findPackage(name, folder)?.version ?? null;
}

/** Name of the package that a program in `folder` belongs to; null where none says one. */
export function programName(folder: string): string | null {
  return nearestPackage(folder)?.name || null;
}

/** What {@link productionPackages} finds. */
export interface ProductionPackages {
  /** Name of the package that the program belongs to; null where none says one. */
  readonly program: string | null;
  readonly versions: PackageVersions;
  readonly differences: readonly PackageDifference[];
}

/**
 * The packages that the program in `folder` needs at run time, as they are installed: the `dependencies` of the nearest
 * `package.json`, theirs, and so on, and of optional and peer dependencies those that are there.
 */
export function productionPackages(
  folder: string,
  locked: LockedPackages | null,
): ProductionPackages {
  const found = new Map<string, InstalledPackage>();
  const missing = new Set<string>();
  const program = nearestPackage(folder);
  const pending = [program];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const needed = new Set(at.dependencies);
    for (const name of [...needed, ...at.optionalDependencies]) {
      const dependency = findPackage(name, at.folder);
      if (dependency === undefined) {
        if (needed.has(name)) missing.add(name);
      } else if (!found.has(dependency.folder)) {
        found.set(dependency.folder, { ...dependency, name });
        pending.push(dependency);
      }
    }
  }
  const packages = [...found.values()];
  return {
    program: program?.name || null,
    versions: versionsByName(packages),
    differences: differences(packages, { missing, locked }),
  };
}

/** Every package in the `node_modules` folders that a module in `folder` would find, and in theirs. */
export function allPackages(folder: string): PackageVersions {
  const packages: InstalledPackage[] = [];
  const pending = moduleFolders(folder);
  const seen = new Set<string>();
  for (let modules = pending.pop(); modules !== undefined; modules = pending.pop()) {
    for (const name of packageNames(modules)) {
      const installed = readPackage(join(modules, name));
      if (installed?.version === undefined || seen.has(installed.folder)) continue;
      seen.add(installed.folder);
      packages.push({ ...installed, name });
      if (isForeign(installed.folder)) pending.push(join(installed.folder, 'node_modules'));
    }
  }
  return versionsByName(packages);
}

interface InstalledPackage {
  readonly name: string;
  /** The folder itself, where a link leads to it. */
  readonly folder: string;
  readonly version: string | undefined;
  readonly dependencies: readonly string[];
  /** Peers too: who needs them says so himself. */
  readonly optionalDependencies: readonly string[];
}

function versionsByName(packages: readonly InstalledPackage[]): PackageVersions {
  const versions = new Map<string, Set<string>>();
  for (const { name, version } of packages) {
    if (version === undefined) continue;
    versions.set(name, (versions.get(name) ?? new Set()).add(version));
  }
  return Object.fromEntries(
    [...versions]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, all]) => [name, [...all].sort().join(', ')]),
  );
}

function differences(
  packages: readonly InstalledPackage[],
  { missing, locked }: { missing: ReadonlySet<string>; locked: LockedPackages | null },
): PackageDifference[] {
  const versionsOf = (name: string) => [...(locked?.versions?.get(name) ?? [])].sort();
  const absent = [...missing].map((name) => ({ name, installed: null, locked: versionsOf(name) }));
  const others = packages.flatMap(({ name, version, folder }): PackageDifference[] => {
    const isKnown = version === undefined || versionsOf(name).includes(version);
    // A linked folder is a part of the checkout, not of the installation.
    if (isKnown || !isForeign(folder) || !locked?.versions) return [];
    return [{ name, installed: version, locked: versionsOf(name) }];
  });
  return [...absent, ...others].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isForeign(folder: string): boolean {
  return folder.split(sep).includes('node_modules');
}

function nearestPackage(folder: string): InstalledPackage | undefined {
  const found = readPackage(folder);
  const parent = dirname(folder);
  return found !== undefined || parent === folder ? found : nearestPackage(parent);
}

function findPackage(name: string, folder: string): InstalledPackage | undefined {
  for (const modules of moduleFolders(folder)) {
    const found = readPackage(join(modules, name));
    if (found?.version !== undefined) return found;
  }
  return undefined;
}

/** The `node_modules` folders from `folder` up to the root: Node looks them up in this order. */
function moduleFolders(folder: string): string[] {
  const parent = dirname(folder);
  const here = join(folder, 'node_modules');
  return parent === folder ? [here] : [here, ...moduleFolders(parent)];
}

function packageNames(modules: string): string[] {
  return listFolder(modules).flatMap((name) => {
    if (name.startsWith('.')) return [];
    if (!name.startsWith('@')) return [name];
    return listFolder(join(modules, name)).map((member) => `${name}/${member}`);
  });
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readPackage(folder: string): InstalledPackage | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (typeof manifest !== 'object' || manifest === null) return undefined;
    const fields = new Map<string, unknown>(Object.entries(manifest));
    const names = (field: string) => {
      const members = fields.get(field);
      return typeof members === 'object' && members !== null ? Object.keys(members) : [];
    };
    const name = fields.get('name');
    const version = fields.get('version');
    const optional = names('optionalDependencies');
    return {
      name: typeof name === 'string' ? name : '',
      folder: realpathSync(folder),
      version: typeof version === 'string' ? version : undefined,
      // npm lists an optional dependency among both.
      dependencies: names('dependencies').filter((dependency) => !optional.includes(dependency)),
      optionalDependencies: [...optional, ...names('peerDependencies')],
    };
  } catch {
    return undefined;
  }
}
