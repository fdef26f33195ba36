/**
 * What a sweep costs beyond its trials: eight short trials one after another against the same commands by hand, two at
 * once against one after another, and 10,000 configurations of a grid. `PIXELIS_BENCH_TRIALS` sets another number of trials.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SWEEP = join(__dirname, '../../../dist/main.js');
const TRAIN = join(__dirname, '../../../../train/dist/main.js');

const TRIALS = Number(process.env['PIXELIS_BENCH_TRIALS'] ?? 8);

/** A model that trains in a few seconds. */
const CONFIGURATION = [
  'training.steps=60', 'training.shards=2', 'training.warmup_steps=2', 'training.evaluate_every=30',
  'training.evaluation_examples=8', 'training.test_examples=8', 'training.checkpoint_every=60', 'data.batch_size=16',
  'data.num_workers=0', 'model.dim=32', 'model.encoder_layers=1', 'model.decoder_layers=1', 'hardware.threads=1',
]; // prettier-ignore

/** Runs a program to its end. @returns the seconds that it took */
function seconds(program: string, args: readonly string[], cwd: string): number {
  const beganMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
  return (performance.now() - beganMs) / 1000;
}

function inFreshFolder<T>(measure: (cwd: string) => T): T {
  const cwd = mkdtempSync(join(tmpdir(), 'pixelis-bench-'));
  try {
    return measure(cwd);
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

function sweepSeconds(jobs: number): number {
  const seeds = Array.from({ length: TRIALS }, (_, index) => index + 1).join(',');
  return inFreshFolder((cwd) => {
    const grid = ['--grid', `training.seed=${seeds}`, '--jobs', String(jobs), '--json'];
    return seconds(SWEEP, [...grid, ...CONFIGURATION], cwd);
  });
}

function trainSeconds(): number {
  return inFreshFolder((cwd) => {
    let total = 0;
    for (let seed = 1; seed <= TRIALS; seed++) {
      total += seconds(TRAIN, ['sft', '--seed', String(seed), '--json', ...CONFIGURATION], cwd);
    }
    return total;
  });
}

function writeSeconds(): number {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1).join(',');
  const keys = ['training.seed', 'training.warmup_steps'];
  const grid = keys.flatMap((key) => ['--grid', `${key}=${hundred}`]);
  return inFreshFolder((cwd) => seconds(SWEEP, [...grid, '--write-only'], cwd));
}

const byHand = trainSeconds();
const alone = sweepSeconds(1);
const both = sweepSeconds(2);
const overheadMs = (1000 * (alone - byHand)) / TRIALS;
console.log(`${TRIALS} trials: by hand ${byHand.toFixed(1)} s, --jobs 1 ${alone.toFixed(1)} s, --jobs 2 ${both.toFixed(1)} s`); // prettier-ignore
console.log(`overhead_ms: ${overheadMs.toFixed(0)} a trial (goal: below 300)`);
console.log(`speedup: ${(alone / both).toFixed(2)} with two jobs (goal: 1.8)`);
console.log(`write_s: ${writeSeconds().toFixed(2)} for 10,000 configurations (goal: below 3)`);
