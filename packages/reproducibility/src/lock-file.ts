import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { sha256 } from '@pixelis/core';

/** A package manager's record of the exact versions that it chose. */
export interface LockFile {
  /** Such as `package-lock.json`. */
  readonly name: string;
  readonly sha256: string;
}

/** A lock file with the versions of each package in it; null where its format tells none. */
export interface LockedPackages {
  /** The folder that it stands in. */
  readonly folder: string;
  readonly file: LockFile;
  readonly versions: ReadonlyMap<string, ReadonlySet<string>> | null;
}

type Versions = Map<string, Set<string>>;

/** By the order in which the file is looked for: npm prefers the shrinkwrap. */
const READERS: Readonly<Record<string, (text: string) => Versions>> = {
  'npm-shrinkwrap.json': readNpm,
  'package-lock.json': readNpm,
  'pnpm-lock.yaml': readPnpm,
  'yarn.lock': readYarn,
  'bun.lock': readBun,
};

/** The lock file of `folder` or of the nearest folder above that has one; null if none has. */
export function readLockFile(folder: string): LockedPackages | null {
  for (const [name, reader] of Object.entries(READERS)) {
    const content = readIfThere(join(folder, name));
    if (content === undefined) continue;
    const versions = reader(content.toString('utf8'));
    const file = { name, sha256: sha256(content) };
    return { folder, file, versions: versions.size === 0 ? null : versions };
  }
  const parent = dirname(folder);
  return parent === folder ? null : readLockFile(parent);
}

/** `packages` of versions 2 and 3, `dependencies` of version 1. */
function readNpm(text: string): Versions {
  const versions: Versions = new Map();
  const lock = parseJson(text);
  for (const [path, entry] of Object.entries(objectAt(lock, 'packages'))) {
    const name = textAt(entry, 'name') ?? path.split('node_modules/').at(-1) ?? '';
    add(versions, name, textAt(entry, 'version'));
  }
  const addTree = (tree: object) => {
    for (const [name, entry] of Object.entries(objectAt(tree, 'dependencies'))) {
      add(versions, name, textAt(entry, 'version'));
      if (isObject(entry)) addTree(entry);
    }
  };
  if (versions.size === 0) addTree(lock);
  return versions;
}

/** Keys of `packages:` are `/name@1.0.0:`, `name@1.0.0:` or `'@scope/name@1.0.0(peer@2.0.0)':`. */
function readPnpm(text: string): Versions {
  return collect(text, /^ {2}['"]?\/?((?:@[^@/\s'"]+\/)?[^@/\s'"]+)@([^\s:'"()]+)[^\n]*:/gm);
}

/** `"name@range", name@range:` and below it `  version "1.0.0"`, or in later versions `  version: 1.0.0`. */
function readYarn(text: string): Versions {
  const entry = /^"?((?:@[^@/\s"]+\/)?[^@/\s"#]+)@[^\n]*:\r?\n {2}version:? "?([^\s"]+)"?/gm;
  return collect(text, entry);
}

/** `"name": ["name@1.0.0", …]`. */
function readBun(text: string): Versions {
  return collect(text, /": \["((?:@[^@/\s"]+\/)?[^@/\s"]+)@([^\s"]+)"/g);
}

function collect(text: string, entry: RegExp): Versions {
  const versions: Versions = new Map();
  for (const [, name = '', version] of text.matchAll(entry)) add(versions, name, version);
  return versions;
}

function add(versions: Versions, name: string, version: string | undefined): void {
  if (name === '' || version === undefined) return;
  versions.set(name, (versions.get(name) ?? new Set()).add(version));
}

function parseJson(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function objectAt(value: object, key: string): object {
  const member: unknown = Object.entries(value).find(([name]) => name === key)?.[1];
  return isObject(member) ? member : {};
}

function textAt(value: unknown, key: 'name' | 'version'): string | undefined {
  if (!isObject(value)) return undefined;
  const member: unknown = Object.entries(value).find(([name]) => name === key)?.[1];
  return typeof member === 'string' ? member : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
