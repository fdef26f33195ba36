/**
 * Runs the tests that @tensorflow/tfjs-core ships with on the backend wasm, in a process of their own: they need jasmine, and
 * an engine made of the same modules. Prints the names of those that passed and failed as one line of JSON.
 *
 * usage: node run-tests.cjs stock|ours [NAMES]
 *   stock, ours  with the kernels of tfjs, or with those of this package installed
 *   NAMES        a JSON file that lists the tests to run; all without it
 */
const { readFileSync, writeSync } = require('node:fs');
const Jasmine = require('jasmine');
const { coreRoot, registerSources } = require('./source-modules.cjs');

const ENVIRONMENT = { name: 'test-wasm', backendName: 'wasm', isDataSync: true };

async function main([kernels, names]) {
  registerSources();
  const tf = require('@tensorflow/tfjs-core');
  require(`${coreRoot}/dist/public/chained_ops/register_all_chained_ops`);
  require(`${coreRoot}/dist/register_all_gradients`);
  require('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend('wasm');
  if (kernels === 'ours') require('../../src/index').installTrainingKernels(tf);

  const jasmine = new Jasmine();
  const outcome = { passed: [], failed: [] };
  jasmine.exitOnCompletion = false;
  jasmine.randomizeTests(false);
  jasmine.clearReporters();
  jasmine.addReporter({
    specDone({ fullName, status }) {
      if (status === 'passed' || status === 'failed') outcome[status].push(plainName(fullName));
    },
  });
  if (names !== undefined) {
    const wanted = new Set(JSON.parse(readFileSync(names, 'utf8')));
    jasmine.env.configure({ specFilter: (spec) => wanted.has(plainName(spec.getFullName())) });
  }
  require(`${coreRoot}/dist/jasmine_util`).setTestEnvs([ENVIRONMENT]);
  require(`${coreRoot}/dist/tests`);
  await jasmine.execute();
  writeSync(1, `${JSON.stringify(outcome)}\n`);
  process.exit(0);
}

/** A test's name without that of the environment, which tfjs puts in. */
function plainName(name) {
  return name.replaceAll(` ${ENVIRONMENT.name} {}`, '');
}

void main(process.argv.slice(2));
