/**
 * Training in small, as the program of a trial: a run of `@pixelis/artifacts` whose loss follows from its configuration and the
 * step alone. It keeps a checkpoint every two steps, resumes, and stops where `--stop-after` says. Each start and each end of
 * a run is a line in `OUT/starts.log`. In the environment: `TOY_STEP_MS`, how long a step takes at least, and `TOY_EXIT`,
 * with which code it fails at once.
 */
const { appendFileSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { openRun, START_OFFSETS } = require('@pixelis/artifacts');
const { DataError, Interruption, PixelisError, runProgram } = require('@pixelis/core');

const CHECKPOINT_EVERY = 2;
/** Seed of a run that fails at its third step. */
const FAILING_SEED = 13;
/** Seed of a run that has another metric. */
const STRANGE_SEED = 14;

class StoppedAsAsked extends PixelisError {
  exitCode = 0;
}

/** Trains as a command line asks. `mayGoOn(step)` is asked before each step: what it throws ends the run. */
async function train(argv, mayGoOn = () => undefined) {
  const request = readArguments(argv);
  const config = JSON.parse(readFileSync(request.sweep, 'utf8'));
  delete config.$origins;
  const note = (word) =>
    appendFileSync(join(request.out, 'starts.log'), `${request.runId} ${word}\n`);
  note('start');
  const run = openRun({ root: request.out, runId: request.runId, config, rawConfig: {} });
  try {
    const checkpoint = lastCheckpoint(run);
    if (run.isResumed) run.rewind(checkpoint.offsets);
    for (let step = checkpoint.step + 1; step <= config.training.steps; step++) {
      await mayGoOn(step);
      if (config.training.seed === FAILING_SEED && step === 3) throw unreadable();
      run.metrics(step, metricsAt(config, step));
      const isAsked = step === request.stopAfter;
      if (step % CHECKPOINT_EVERY === 0 || isAsked) {
        run.writeFile('checkpoints/last.json', JSON.stringify({ step, offsets: run.offsets() }));
      }
      if (isAsked) throw new StoppedAsAsked('', { code: 'STOPPED_AS_ASKED', remedy: '' });
    }
    run.writeFile('checkpoints/final.safetensors', JSON.stringify(config));
    await run.complete(facts(config));
    note('complete');
  } catch (error) {
    run.fail(error);
    if (!(error instanceof StoppedAsAsked)) throw error;
  }
}

function readArguments(argv) {
  const option = (name) => argv[argv.indexOf(`--${name}`) + 1];
  return {
    sweep: option('sweep'),
    runId: option('run-id'),
    out: option('out'),
    stopAfter: argv.includes('--stop-after') ? Number(option('stop-after')) : undefined,
  };
}

function lastCheckpoint(run) {
  try {
    return JSON.parse(readFileSync(join(run.directory, 'checkpoints', 'last.json'), 'utf8'));
  } catch {
    return { step: 0, offsets: START_OFFSETS };
  }
}

function metricsAt({ training }, step) {
  const distance = Math.abs(training.learning_rate - 0.01) + (training.seed % 10) / 100;
  if (training.seed === STRANGE_SEED) return { 'loss/train': distance };
  return { 'loss/train': distance, 'loss/val': distance + 1 / step };
}

function unreadable() {
  return new DataError('cannot read the toy data', { code: 'TOY_BROKEN', remedy: 'mend it' });
}

function facts({ training }) {
  return {
    seed: training.seed,
    git: { commit: null, is_dirty: null, remote: null },
    node: process.versions.node,
    tfjs: null,
    tensorflow: null,
    cuda: null,
    backend: null,
    env_lock: { name: null, hash: null },
    dataset: null,
    encoder: null,
    transforms: null,
    results: { 'accuracy/toy': 1 - Math.abs(training.learning_rate - 0.01) },
  };
}

function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function main() {
  let signal;
  for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => (signal = name));
  if (process.env.TOY_EXIT !== undefined) process.exit(Number(process.env.TOY_EXIT));
  await train(process.argv.slice(2), async () => {
    await wait(Number(process.env.TOY_STEP_MS ?? 0));
    if (signal !== undefined) throw new Interruption(signal, { kept: 'kept', remedy: 'again' });
  });
}

module.exports = { train };
if (require.main === module) void runProgram(main, { json: () => true });
