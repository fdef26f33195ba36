import { readdirSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type PackageManifest, readPackageManifest } from './package-manifest';

/** Absolute path of the folder that holds the workspace, wherever in it this is compiled to. */
export const WORKSPACE_ROOT = folderWith('nx.json', __dirname);

/** A package, an app or the benchmarks of the workspace. */
export interface WorkspaceProject {
  /** Path from the root with slashes, such as `packages/core`. */
  readonly folder: string;
  readonly manifest: PackageManifest;
}

/** The projects in the sub-folders of `parent`, such as `packages`, by name. */
export function projectsIn(parent: string, root: string = WORKSPACE_ROOT): WorkspaceProject[] {
  return readdirSync(join(root, parent))
    .filter((name) => existsSync(join(root, parent, name, 'package.json')))
    .sort()
    .map((name) => projectAt(`${parent}/${name}`, root));
}

/** The packages that others can install. */
export function libraryPackages(): WorkspaceProject[] {
  return projectsIn('packages');
}

/** Every package and app, the benchmarks, and the tools that users run. */
export function allProjects(): WorkspaceProject[] {
  return [
    ...projectsIn('packages'),
    ...projectsIn('apps'),
    projectAt('bench', WORKSPACE_ROOT),
    projectAt('tools/libtensorflow', WORKSPACE_ROOT),
  ];
}

function projectAt(folder: string, root: string): WorkspaceProject {
  return { folder, manifest: readPackageManifest(join(root, folder)) };
}

/** The nearest folder, from `start` upwards, that holds a file. */
function folderWith(file: string, start: string): string {
  if (existsSync(join(start, file))) return start;
  const parent = dirname(start);
  if (parent === start) throw new TypeError(`Cannot find ${file}: no folder above holds it`);
  return folderWith(file, parent);
}
