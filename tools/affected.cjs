// Runs a target of the projects that changed since a commit, and of those that depend on them; of all projects where there is no
// commit to compare with.
//
//   npm run affected -- TARGET [--base=COMMIT] [OPTION OF nx]...
const { changedSince, nxProgram, runs } = require('./changed-since.cjs');

const [target = '', ...rest] = process.argv.slice(2);
if (target === '' || target.startsWith('-')) {
  console.error('error: the target is missing\nremedy: npm run affected -- test --base=main');
  process.exit(2);
}
const { selection, words } = changedSince(rest);
const command = selection === null ? ['run-many'] : ['affected', ...selection];
process.exit(runs(nxProgram(), [...command, '-t', target, '--parallel=2', ...words]) ? 0 : 1);
