/** An experiment in a process of its own: node experiment.cjs ROOT BEHAVIOUR. It runs until its input ends. */
const { setTimeout: wait } = require('node:timers/promises');
const { ArtifactManager } = require('@pixelis/artifacts');
const { runProgram } = require('@pixelis/core');
const { openExperiment, withExperiment } = require('../../dist');

const [root, behaviour] = process.argv.slice(2);
const options = { root, hardwareIntervalMs: 0, captureLevel: 'basic', warn: () => undefined };

function say(text) {
  process.stdout.write(`${text}\n`);
}

/** Resolves once the input ends. */
function released() {
  return new Promise((resolve) => process.stdin.once('end', resolve).resume());
}

const behaviours = {
  /** Takes no notice of signals. */
  async busy() {
    await withExperiment(options, async (run) => {
      run.metrics(1, { loss: 1 });
      say(`open ${run.runId}`);
      await released();
    });
    say('done');
  },
  /** Takes no notice of signals, and records all the time. */
  async recording() {
    await withExperiment(options, async (run) => {
      say(`open ${run.runId}`);
      for (let step = 1; ; step++) {
        run.metrics(step, { loss: 1 });
        await wait(0);
      }
    });
  },
  /** Watches, and has done all when the signal comes. */
  async completing() {
    await withExperiment(options, async (run) => {
      const { signal } = run;
      say(`open ${run.runId}`);
      process.stdin.resume();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      process.stdin.pause();
      await run.complete();
    });
    say('done');
  },
  /** Ends by itself when a signal comes. */
  async watching() {
    await withExperiment(options, async (run) => {
      const { signal } = run;
      say(`open ${run.runId}`);
      process.stdin.resume();
      await wait(600_000, undefined, { signal });
    });
  },
  /** Was told of a signal, and cannot end. */
  async stuck() {
    await withExperiment(options, async (run) => {
      run.signal.addEventListener('abort', () => say('aborted'));
      say(`open ${run.runId}`);
      await released();
    });
  },
  /** Two at a time, in their own loops. */
  async two() {
    const one = (name) =>
      withExperiment({ ...options, name }, async (run) => {
        say(`open ${run.runId}`);
        await released();
      });
    await Promise.all([one('a'), one('b')]);
  },
  /** Leaves signals to the program. */
  async ignoring() {
    process.on('SIGTERM', () => say('told'));
    await withExperiment({ ...options, signals: 'ignore' }, async (run) => {
      say(`open ${run.runId}`);
      await released();
    });
    say('done');
  },
  /** Ends before the catalog is told that the run is complete. */
  async complete() {
    const artifacts = ArtifactManager.open({ root });
    const { recordRun } = artifacts;
    artifacts.recordRun = (fact) =>
      fact.status === 'COMPLETED'
        ? process.kill(process.pid, 'SIGKILL')
        : recordRun.call(artifacts, fact);
    const run = await openExperiment({ ...options, artifacts });
    say(`open ${run.runId}`);
    await run.complete();
  },
  /** Leaves by process.exit. */
  async exit() {
    await withExperiment(options, async (run) => {
      say(`open ${run.runId}`);
      await wait(0);
      process.exit(7);
    });
  },
};

void runProgram(behaviours[behaviour]);
