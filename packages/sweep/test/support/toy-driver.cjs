/** Runs a sweep of toy trials on this machine: `node toy-driver.cjs OUT JOBS SETTINGS`, where SETTINGS is the section `sweep` as JSON. */
const { join } = require('node:path');
const { resolveSweepConfig } = require('@pixelis/config');
const { runProgram } = require('@pixelis/core');
const { createLocalLauncher, runSweep } = require('@pixelis/sweep');

const [out, jobs, settings] = process.argv.slice(2);
const { steps, ...sweep } = JSON.parse(settings);

void runProgram(async () => {
  const resolved = resolveSweepConfig({
    options: [
      { path: ['sweep'], value: sweep, source: '--grid' },
      { path: ['training', 'steps'], value: steps, source: 'training.steps' },
      { path: ['training', 'evaluate_every'], value: 1, source: 'training.evaluate_every' },
    ],
  });
  await runSweep({
    resolved,
    out,
    tag: 'toy',
    launcher: () => ({
      launcher: createLocalLauncher({ jobs: Number(jobs), cores: 8, memoryBytes: 8e9 }),
      options: [],
    }),
    program: {
      argv: [join(__dirname, 'toy-train.cjs'), 'sft'],
      options: [],
      workingDirectory: process.cwd(),
    },
  });
});
