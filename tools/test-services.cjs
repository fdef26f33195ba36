// Runs the tests in `test/services/` of the projects that changed since a commit, and of those that depend on them; of all projects
// where there is no commit to compare with. What they compare with is installed first.
//
//   npm run test:services -- [--base=COMMIT] [OPTION OF jest]...
const { execFileSync } = require('node:child_process');
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { changedSince, nxProgram, runs } = require('./changed-since.cjs');

const { selection, words } = changedSince(process.argv.slice(2));
const folders = foldersWithTests().filter(isSelected());
if (folders.length === 0) {
  console.log('Nothing that has such tests was changed.');
  process.exit(0);
}
const patterns = selection === null ? [] : folders.map((folder) => `${folder}/test/services/`);
const isDone =
  runs(nxProgram(), ['run-many', '-t', 'build', '--parallel=2']) &&
  runs(join(__dirname, 'services', 'install.mjs'), []) &&
  runs(join(require.resolve('jest/package.json'), '..', 'bin', 'jest.js'), [
    '--config=jest.services.cjs',
    '--runInBand',
    ...words,
    ...patterns,
  ]);
process.exit(isDone ? 0 : 1);

function foldersWithTests() {
  const projects = ['packages', 'apps'].flatMap((parent) =>
    readdirSync(parent).map((name) => `${parent}/${name}`),
  );
  return [...projects, 'tools'].filter((folder) => existsSync(`${folder}/test/services`));
}

function isSelected() {
  if (selection === null) return () => true;
  const question = ['show', 'projects', '--affected', ...selection, '--json'];
  const answer = execFileSync(process.execPath, [nxProgram(), ...question], { encoding: 'utf8' });
  const names = new Set(JSON.parse(answer));
  return (folder) => names.has(JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')).nx.name);
}
