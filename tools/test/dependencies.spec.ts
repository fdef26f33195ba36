import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dependencyProblems } from '../src/dependency-problems';
import { readTextFiles, repositoryFiles } from '../src/files';
import { type JsonObject, objectOf } from '../src/json-value';
import { lockFileProblems } from '../src/lock-file-problems';
import { allProjects, WORKSPACE_ROOT } from '../src/workspace';
import { readPackageManifest } from '../src/package-manifest';

// Nobody has the benchmarks without the workspace, so they may use what it has for development.
const projects = allProjects()
  .filter(({ folder }) => folder !== 'bench')
  .map((project) => [project.manifest.name, project] as const);

describe.each(projects)('%s', (_, { folder, manifest }) => {
  const sources = repositoryFiles().filter(
    (path) => path.startsWith(`${folder}/src/`) && /(?<!\.spec)\.ts$/.test(path),
  );

  const dependencies = Object.keys(manifest.dependencies);
  const neededPeers = new Set(
    allProjects()
      .filter((other) => dependencies.includes(other.manifest.name))
      .flatMap((other) => Object.keys(other.manifest.peerDependencies)),
  );

  it('declares every package that its sources import, and no other', () => {
    expect(dependencyProblems(manifest, readTextFiles(sources), { neededPeers })).toEqual([]);
  });

  it('asks for the versions of the workspace that there are', () => {
    const asked = Object.entries(manifest.dependencies).filter(([name]) =>
      name.startsWith('@pixelis/'),
    );
    const present = asked.map(([name]) => {
      const linked = join(WORKSPACE_ROOT, 'node_modules', name);
      return [name, readPackageManifest(linked).version];
    });
    expect(asked).toEqual(present);
  });
});

describe('package-lock.json', () => {
  it('is whole and fits the package.json of every workspace, so that npm ci works anywhere', () => {
    const folders = ['', 'tools', ...allProjects().map(({ folder }) => folder)];
    const manifests = folders.map(
      (folder) => [folder, readJson(join(folder, 'package.json'))] as const,
    );
    const problems = lockFileProblems(readJson('package-lock.json'), Object.fromEntries(manifests));
    expect(problems).toEqual([]);
  });
});

// Helpers

function readJson(path: string): JsonObject {
  return objectOf(JSON.parse(readFileSync(join(WORKSPACE_ROOT, path), 'utf8')));
}
