/**
 * A run that records as fast as it can, as a program of its own: `node logger.cjs ROOT RUN_ID`. It prints what is
 * committed once it is, so that whoever kills it knows what must be there, and completes after 400 steps.
 */
const { readFileSync, writeSync } = require('node:fs');
const { join } = require('node:path');
const { openRun, START_OFFSETS } = require('@pixelis/artifacts');

const STEPS = 400;
const [root, runId] = process.argv.slice(2);

function say(line) {
  writeSync(1, `${line}\n`);
}

function lastCheckpoint(run) {
  try {
    return JSON.parse(readFileSync(join(run.directory, 'checkpoints', 'last.json'), 'utf8'));
  } catch {
    return { step: 0, offsets: START_OFFSETS };
  }
}

function record(run, step) {
  run.metrics(step, { 'loss/train': 1 / step, padding: step ** 20 });
  run.timings(step, { step_ms: step });
  if (step % 10 === 0) run.hardware({ cpu_percent: step % 100 });
  if (step % 7 === 0) {
    run.flush();
    say(`flushed ${step}`);
  }
  if (step % 40 === 0) {
    run.event('note', { step });
    say(`event ${step}`);
    run.tag('step', String(step));
    say(`tag ${step}`);
    const text = JSON.stringify({ step, offsets: run.offsets() });
    run.writeFile('checkpoints/last.json', text);
    say(`checkpoint ${step}`);
  }
}

async function main() {
  const config = { training: { seed: 1, steps: STEPS } };
  const run = openRun({ root, runId, config, rawConfig: {} });
  const { step: start, offsets } = lastCheckpoint(run);
  if (run.isResumed) run.rewind(offsets);
  say(`opened ${start}`);
  for (let step = start + 1; step <= STEPS; step++) record(run, step);
  run.writeFile('checkpoints/final.safetensors', new Uint8Array([1, 2, 3]));
  say('completing');
  await run.complete({
    seed: 1,
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
    results: { loss: 1 / STEPS },
  });
  say('complete');
}

main().catch((error) => {
  say(`refused ${error.stack}`);
  process.exitCode = 1;
});
