import { readdirSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type PackageManifest, readPackageManifest } from './package-manifest';

/** Absolute path of the folder that holds the workspace. */
export const WORKSPACE_ROOT = resolve(__dirname, '../..');

/** A package or an app of the workspace. */
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
    .map((name) => ({
      folder: `${parent}/${name}`,
      manifest: readPackageManifest(join(root, parent, name)),
    }));
}

/** The packages that others can install. */
export function libraryPackages(): WorkspaceProject[] {
  return projectsIn('packages');
}

/** Every package and app. */
export function allProjects(): WorkspaceProject[] {
  return [...projectsIn('packages'), ...projectsIn('apps')];
}
