/**
 * A training run in small, as a program of its own: `node trainer.cjs ROOT [RUN_ID]`. It prints a line when it has
 * opened its run and one after each step, keeps a checkpoint every five steps, and completes after forty.
 */
const { readFileSync, writeSync } = require('node:fs');
const { join } = require('node:path');
const { openRun, START_OFFSETS } = require('@pixelis/artifacts');

const STEPS = 40;
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

function train(run) {
  const checkpoint = lastCheckpoint(run);
  if (run.isResumed) run.rewind(checkpoint.offsets);
  for (let step = checkpoint.step + 1; step <= STEPS; step++) {
    run.metrics(step, { 'loss/train': 1 / step, padding: step ** 20 });
    run.timings(step, { step_ms: step });
    if (step % 4 === 0) run.epoch(step / 4, { loss: 1 / step });
    if (step % 3 === 0) run.flush();
    if (step % 5 === 0) {
      const text = JSON.stringify({ step, offsets: run.offsets() });
      run.writeFile('checkpoints/last.json', text);
      run.event('checkpoint', { step });
    }
    say(`step ${step}`);
  }
}

async function main() {
  const config = { training: { seed: 1, steps: STEPS } };
  const run = openRun({ root, config, rawConfig: {}, ...(runId === undefined ? {} : { runId }) });
  say(`opened ${run.runId} ${run.isResumed ? 'again' : 'new'}`);
  if (process.env.HOLD === '1')
    await new Promise((resolve) => process.stdin.once('end', resolve).resume());
  train(run);
  run.writeFile('checkpoints/final.safetensors', new Uint8Array([1, 2, 3]));
  await run.complete({
    seed: 1,
    git: { commit: null, is_dirty: null, remote: null },
    node: process.versions.node,
    tfjs: null,
    tensorflow: null,
    cuda: null,
    backend: { name: 'none', version: null, threads: 1 },
    env_lock: { name: null, hash: null },
    dataset: { name: 'none', version: '1', split: 'train', hashes: {} },
    encoder: { arch: 'none', dim: 1, weights: null },
    transforms: { version: 'v1', normalize: false, mean: null, std: null },
    results: { loss: 1 / STEPS },
  });
  say('complete');
}

main().catch((error) => {
  say(`refused ${error.code ?? error.stack}`);
  process.exitCode = error.exitCode ?? 1;
});
