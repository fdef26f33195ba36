import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { objectOf } from './json-value';
import { npm } from './npm';
import { readPackageManifest } from './package-manifest';
import type { WorkspaceProject } from './workspace';

/** The packages of a workspace as npm packs them. */
export interface PackedWorkspace {
  readonly root: string;
  /** A folder outside of the workspace; the tarballs are in it, and projects are made in it. */
  readonly folder: string;
  readonly packages: ReadonlyMap<string, WorkspaceProject>;
  /** File names of the tarballs by package name. */
  readonly tarballs: ReadonlyMap<string, string>;
}

/** Packs `packages`, which must have been built, into `folder`. */
export function packWorkspace(
  packages: readonly WorkspaceProject[],
  { root, folder }: { root: string; folder: string },
): PackedWorkspace {
  mkdirSync(join(folder, 'tarballs'), { recursive: true });
  const destination = join(folder, 'tarballs');
  const output = npm(
    [
      'pack',
      '--json',
      '--pack-destination',
      destination,
      ...packages.map(({ folder: path }) => `./${path}`),
    ],
    root,
  );
  const packed: unknown = JSON.parse(output);
  const tarballs = new Map<string, string>();
  for (const entry of Array.isArray(packed) ? packed.map(objectOf) : []) {
    tarballs.set(String(entry['name']), String(entry['filename']));
  }
  return {
    root,
    folder,
    packages: new Map(packages.map((project) => [project.manifest.name, project])),
    tarballs,
  };
}

/** What {@link installPacked} installs. */
export interface InstallPackedOptions {
  /** Packages of others that the user installs beside it. @default none */
  readonly alongside?: readonly string[];
  /** Name of the project's folder. @default the package's name without its scope */
  readonly projectName?: string;
}

/**
 * Makes an empty project, installs the package called `name` in it and returns the project's absolute path.
 *
 * npm does it, without a network: a package of somebody else is installed as a stand-in that has its name and version,
 * so npm checks the ranges that ours ask for, and is then replaced by a link to the real one in the workspace. The
 * project therefore sees our packages as they are shipped, and of others just those that ours declare.
 */
export function installPacked(
  packed: PackedWorkspace,
  name: string,
  { alongside = [], projectName = name.replace('@pixelis/', '') }: InstallPackedOptions = {},
): string {
  const { ours, others } = closureOf(packed, name, alongside);
  const project = join(packed.folder, projectName);
  mkdirSync(project);
  const dependencies: Record<string, string> = {};
  for (const own of ours) {
    dependencies[own] = `file:../tarballs/${packed.tarballs.get(own) ?? 'missing.tgz'}`;
  }
  for (const [other, realFolder] of others) {
    const { version } = readPackageManifest(realFolder);
    writeJson(join(packed.folder, 'stand-ins', other, 'package.json'), { name: other, version });
    dependencies[other] = `file:../stand-ins/${other}`;
  }
  writeJson(join(project, 'package.json'), { private: true, dependencies });
  npm(
    [
      'install',
      '--install-links',
      '--no-audit',
      '--no-fund',
      '--package-lock=false',
      '--cache',
      '../cache',
    ],
    project,
  );
  for (const [other, realFolder] of others) {
    const standIn = join(project, 'node_modules', other);
    rmSync(standIn, { recursive: true });
    symlinkSync(realFolder, standIn, 'junction');
  }
  return project;
}

interface Closure {
  /** Packages of the workspace, the asked one first. */
  readonly ours: ReadonlySet<string>;
  /** Folders of the packages of others, by name. */
  readonly others: ReadonlyMap<string, string>;
}

/** All that an installation of `name` needs: what it and its like declare, peers that may be missing left out. */
function closureOf(
  { root, packages }: PackedWorkspace,
  name: string,
  alongside: readonly string[],
): Closure {
  const ours = new Set([name]);
  const others = new Map(alongside.map((other) => [other, folderOf(other, root, root)]));
  for (const own of ours) {
    const project = packages.get(own);
    if (project === undefined)
      throw new TypeError(`Cannot install ${own}: it is not in the workspace`);
    const { dependencies, peerDependencies, optionalPeers } = project.manifest;
    const peers = Object.keys(peerDependencies).filter((peer) => !optionalPeers.has(peer));
    for (const needed of [...Object.keys(dependencies), ...peers]) {
      if (packages.has(needed)) ours.add(needed);
      else others.set(needed, folderOf(needed, join(root, project.folder), root));
    }
  }
  return { ours, others };
}

function folderOf(name: string, from: string, root: string): string {
  const candidates = [from, root].map((folder) => join(folder, 'node_modules', name));
  const found = candidates.find((folder) => existsSync(folder));
  if (found === undefined) throw new TypeError(`Cannot find ${name} in the workspace`);
  return found;
}

function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
