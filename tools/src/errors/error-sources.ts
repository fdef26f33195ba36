import { readTextFiles, repositoryFiles } from '../files';
import { allProjects } from '../workspace';
import { findErrors, type FoundErrors } from './find-errors';

/** The errors of every package, app and tool that users run, as their sources are now. */
export function errorsOfWorkspace(): FoundErrors {
  const projects = allProjects().filter(({ folder }) => folder !== 'bench');
  const paths = repositoryFiles().filter(
    (path) => /\/src\/.*\.ts$/.test(path) && !/\.spec\.ts$|\/eslint\//.test(path),
  );
  const sources = readTextFiles(paths).flatMap(({ path, text }) => {
    const project = projects.find(({ folder }) => path.startsWith(`${folder}/src/`));
    return project === undefined ? [] : [{ path, text, owner: project.manifest.name }];
  });
  return findErrors(sources);
}
