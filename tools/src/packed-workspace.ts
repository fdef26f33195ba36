import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isJsonObject } from './json-value';
import { npm } from './npm';
import { readPackageManifest } from './package-manifest';
import type { WorkspaceProject } from './workspace';

/**
 * The packages of a workspace as npm packs them, and empty projects that install them.
 *
 * npm itself packs and installs, without a network: packages of others are installed as stand-ins that have their name
 * and version, so npm checks the ranges that ours ask for, and are then replaced by links to the real ones of the
 * workspace. A project sees just what its package declares, directly or through others.
 */
export class PackedWorkspace {
  readonly #root: string;
  readonly #folder: string;
  readonly #packages: ReadonlyMap<string, WorkspaceProject>;
  readonly #tarballs: ReadonlyMap<string, string>;

  private constructor(
    root: string,
    folder: string,
    packages: readonly WorkspaceProject[],
    tarballs: ReadonlyMap<string, string>,
  ) {
    this.#root = root;
    this.#folder = folder;
    this.#packages = new Map(packages.map((project) => [project.manifest.name, project]));
    this.#tarballs = tarballs;
  }
}
