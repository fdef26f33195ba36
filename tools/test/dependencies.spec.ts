import { join } from 'node:path';
import { dependencyProblems } from '../src/dependency-problems';
import { readTextFiles, repositoryFiles } from '../src/files';
import { allProjects, WORKSPACE_ROOT } from '../src/workspace';
import { readPackageManifest } from '../src/package-manifest';

const projects = allProjects().map((project) => [project.manifest.name, project] as const);

describe.each(projects)('%s', (_, { folder, manifest }) => {
  const sources = repositoryFiles().filter(
    (path) => path.startsWith(`${folder}/src/`) && /(?<!\.spec)\.ts$/.test(path),
  );

  it('declares every package that its sources import, and no other', () => {
    expect(dependencyProblems(manifest, readTextFiles(sources))).toEqual([]);
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
