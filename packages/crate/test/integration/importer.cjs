/**
 * Imports a crate, as a program of its own: `node importer.cjs ROOT FILE [STEP]`. It kills itself before it begins that
 * file operation; without one it prints how many there were.
 */
const { createHook } = require('node:async_hooks');
const { writeSync } = require('node:fs');
const { importExperiment } = require('@pixelis/crate');

const [root, file, killAt] = process.argv.slice(2);
let steps = 0;

createHook({
  init(_id, type) {
    if (!type.startsWith('FSREQ')) return;
    steps += 1;
    if (steps === Number(killAt)) process.kill(process.pid, 'SIGKILL');
  },
}).enable();

importExperiment({ root, file }).then(
  () => writeSync(1, `${steps}\n`),
  (error) => {
    writeSync(2, `${error.stack}\n`);
    process.exitCode = 1;
  },
);
