import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';

/** The scope of the packages that are the work tree's own. */
const OWN_SCOPE = '@pixelis';
const WORKSPACES = ['packages', 'apps', 'bench', 'tools'];

const manifestSchema = z.object({ name: z.string() });

/**
 * Gives a work tree the installed packages of another one with the same lock file, by links: all but the workspace's own,
 * which must be the work tree's, so that what is built there runs its own code.
 */
export function linkModules(from: string, to: string): void {
  linkFolder(join(from, 'node_modules'), join(to, 'node_modules'));
  const own = join(to, 'node_modules', OWN_SCOPE);
  mkdirSync(own, { recursive: true });
  for (const folder of workspaceFolders(to)) {
    const name = nameOf(join(to, folder));
    if (name.startsWith(`${OWN_SCOPE}/`))
      link(join(to, folder), join(own, name.split('/')[1] ?? ''));
    const nested = join(from, folder, 'node_modules');
    if (isFolder(nested)) linkFolder(nested, join(to, folder, 'node_modules'));
  }
}

function linkFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (name === OWN_SCOPE || name === '.cache') continue;
    link(join(from, name), join(to, name));
  }
}

function workspaceFolders(root: string): string[] {
  return WORKSPACES.map((name) => join(root, name))
    .filter(isFolder)
    .flatMap((folder) =>
      isFile(join(folder, 'package.json'))
        ? [folder]
        : readdirSync(folder).map((name) => join(folder, name)),
    )
    .filter((folder) => isFile(join(folder, 'package.json')))
    .map((folder) => relative(root, folder));
}

function nameOf(folder: string): string {
  return manifestSchema.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).name;
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  // A junction needs no rights on Windows; elsewhere the type is ignored.
  symlinkSync(target, path, isFolder(target) ? 'junction' : 'file');
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
