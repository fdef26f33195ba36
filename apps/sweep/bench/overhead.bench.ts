/**
 * What a sweep costs beyond its trials, against the same commands by hand in the same run: eight trials of a second or two
 * one after another; eight of about fifteen seconds, one and two at once; and 10,000 configurations of a grid, against the
 * same files written by a loop. `PIXELIS_BENCH_TRIALS` sets another number of trials.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SWEEP = join(__dirname, '../../../dist/main.js');
const TRAIN = join(__dirname, '../../../../train/dist/main.js');

const TRIALS = Number(process.env['PIXELIS_BENCH_TRIALS'] ?? 8);
const SEEDS = Array.from({ length: TRIALS }, (_, index) => index + 1);
const ROUNDS = 5;

/** A model so small that its trials are short. */
const MODEL = [
  'training.shards=2', 'training.warmup_steps=2', 'training.evaluation_examples=8', 'training.test_examples=8',
  'data.batch_size=16', 'data.num_workers=0', 'model.dim=32', 'model.encoder_layers=1', 'model.decoder_layers=1',
  'hardware.threads=1',
]; // prettier-ignore

/** Mostly the start of a process: what a sweep adds to it shows best. */
const BRIEF = [...MODEL, 'training.steps=60', 'training.evaluate_every=30', 'training.checkpoint_every=60']; // prettier-ignore
/** Mostly training. The compilers of V8 work beside a younger process, so that two of those cannot be twice as fast. */
const LONGER = [...MODEL, 'training.steps=2000', 'training.evaluate_every=500', 'training.checkpoint_every=2000']; // prettier-ignore

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

async function inFreshFolder<T>(measure: (cwd: string) => T | Promise<T>): Promise<T> {
  const cwd = mkdtempSync(join(tmpdir(), 'pixelis-bench-'));
  try {
    return await measure(cwd);
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

function sweepSeconds(jobs: number, configuration: readonly string[]): Promise<number> {
  return inFreshFolder((cwd) => {
    const grid = ['--grid', `training.seed=${SEEDS.join(',')}`, '--jobs', String(jobs), '--json'];
    return seconds(SWEEP, [...grid, ...configuration], cwd);
  });
}

/** The same trainings, each started by hand as soon as one before it ends. */
function byHandSeconds(jobs: number, configuration: readonly string[]): Promise<number> {
  return inFreshFolder(async (cwd) => {
    const seeds = [...SEEDS];
    const work = async (): Promise<void> => {
      for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
        const folder = join(cwd, String(seed));
        mkdirSync(folder);
        const words = [TRAIN, 'sft', '--seed', String(seed), '--json', ...configuration];
        const child = spawn(process.execPath, words, { cwd: folder, stdio: 'ignore' });
        await once(child, 'exit');
        if (child.exitCode !== 0) throw new Error(`training ${seed} ended with ${child.exitCode}`);
      }
    };
    const beganMs = performance.now();
    await Promise.all(Array.from({ length: jobs }, work));
    return (performance.now() - beganMs) / 1000;
  });
}

/** The seconds of 10,000 configurations, and those of a loop that writes the same files. */
function writeSeconds(): Promise<{ sweep: number; loop: number }> {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1).join(',');
  const keys = ['training.seed', 'training.warmup_steps'];
  const grid = keys.flatMap((key) => ['--grid', `${key}=${hundred}`]);
  return inFreshFolder((cwd) => {
    const sweep = seconds(SWEEP, [...grid, '--tag', 'grid', '--write-only'], cwd);
    const written = join(cwd, 'out/sweeps/grid');
    const files = readdirSync(written).filter((name) => /^\d+\.json$/.test(name));
    const texts = files.map((name) => [name, readFileSync(join(written, name), 'utf8')] as const);
    const folder = join(cwd, 'loop');
    mkdirSync(folder);
    const beganMs = performance.now();
    for (const [name, text] of texts) writeFileSync(join(folder, name), text);
    return { sweep, loop: (performance.now() - beganMs) / 1000 };
  });
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

async function measure(): Promise<void> {
  const byHand = await byHandSeconds(1, BRIEF);
  const brief = await sweepSeconds(1, BRIEF);
  const overheadMs = (1000 * (brief - byHand)) / TRIALS;
  console.log(`${TRIALS} brief trials: by hand ${byHand.toFixed(1)} s, by the sweep ${brief.toFixed(1)} s`); // prettier-ignore
  console.log(`overhead_ms: ${overheadMs.toFixed(0)} a trial (goal: below 300)`);

  const alone = await sweepSeconds(1, LONGER);
  const both = await sweepSeconds(2, LONGER);
  const bothByHand = await byHandSeconds(2, LONGER);
  console.log(`${TRIALS} longer trials: --jobs 1 ${alone.toFixed(1)} s, --jobs 2 ${both.toFixed(1)} s, two at once by hand ${bothByHand.toFixed(1)} s`); // prettier-ignore
  console.log(`speedup: ${(alone / both).toFixed(2)} with two jobs (goal: 1.8), by hand ${(alone / bothByHand).toFixed(2)}`); // prettier-ignore

  const writes = [];
  for (let round = 0; round < ROUNDS; round++) writes.push(await writeSeconds());
  const sweep = middle(writes.map((one) => one.sweep));
  const loop = middle(writes.map((one) => one.loop));
  console.log(`write_s: ${sweep.toFixed(2)} for 10,000 configurations (goal: below 3), ${loop.toFixed(2)} for the same files from memory`); // prettier-ignore
}

void measure();
