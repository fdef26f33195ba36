const { spawnSync } = require('node:child_process');
const { createRequire } = require('node:module');
const { basename, join } = require('node:path');

const BASE = '--base=';

/**
 * Takes `--base=COMMIT` out of the words of a command line.
 *
 * @returns {{ selection: string[] | null, words: string[] }} The words by which nx selects what changed since that commit; null
 *   where there is none to compare with: none is given, as for a run by hand or a new branch, or it is not here, as after a forced push.
 */
function changedSince(commandLine) {
  const base = commandLine.find((word) => word.startsWith(BASE))?.slice(BASE.length) ?? '';
  return {
    selection: isCommit(base) ? [BASE + base, '--head=HEAD'] : null,
    words: commandLine.filter((word) => !word.startsWith(BASE)),
  };
}

/** Runs a script of Node.js in this console, and says how it ended if not well. @returns {boolean} Whether it ended well. */
function runs(script, words) {
  const { status, signal } = spawnSync(process.execPath, [script, ...words], { stdio: 'inherit' });
  // A process that a native library brings down at its end says nothing itself.
  if (status !== 0) console.error(`${basename(script)} ended with ${signal ?? status}`);
  return status === 0;
}

/** The program of nx that the workspace in this folder has. */
function nxProgram() {
  return createRequire(join(process.cwd(), 'package.json')).resolve('nx/bin/nx.js');
}

function isCommit(name) {
  if (name === '' || name.startsWith('-')) return false;
  return spawnSync('git', ['cat-file', '-e', `${name}^{commit}`], { stdio: 'ignore' }).status === 0;
}

module.exports = { changedSince, nxProgram, runs };
