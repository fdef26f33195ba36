import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const SCOPES = ['@pixelis', '@tensorflow'];

/**
 * The versions of the packages under the scopes `@pixelis` and `@tensorflow` that a module in one of `folders` would find,
 * the first folder's first; by name in alphabetical order.
 */
export function installedPackages(folders: readonly string[]): Record<string, string> {
  const versions = new Map<string, string>();
  for (const modules of folders.flatMap(moduleFolders)) {
    for (const scope of SCOPES) {
      for (const name of listFolder(join(modules, scope))) {
        const version = versionOf(join(modules, scope, name));
        const fullName = `${scope}/${name}`;
        if (version !== undefined && !versions.has(fullName)) versions.set(fullName, version);
      }
    }
  }
  return Object.fromEntries([...versions].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The `node_modules` folders from `folder` up to the root: Node looks them up in this order. */
function moduleFolders(folder: string): string[] {
  const parent = dirname(folder);
  const here = join(folder, 'node_modules');
  return parent === folder ? [here] : [here, ...moduleFolders(parent)];
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function versionOf(packageFolder: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
    if (typeof manifest !== 'object' || manifest === null || !('version' in manifest))
      return undefined;
    return typeof manifest.version === 'string' ? manifest.version : undefined;
  } catch {
    return undefined;
  }
}
