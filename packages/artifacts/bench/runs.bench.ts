import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
// eslint-disable-next-line @nx/enforce-module-boundaries -- what is measured is the package as it is built
import { listRuns, openRun, type RunFilter } from '@pixelis/artifacts';

const RUNS = Number(process.env['PIXELIS_BENCH_RUNS'] ?? 10_000);
/** Every twentieth run has failed. */
const FAILED_EVERY = 20;

/** The targets of the workspace. */
const LIST_MS_MAX = 1000;
const OPEN_MS_MAX = 300;

const FILTERS: readonly RunFilter[] = [
  {},
  { status: 'FAILED', limit: 20 },
  { createdSince: '2026-01-02', sort: 'created', limit: 20 },
  { name: 'sft-*' },
  { tags: { team: 'vision' } },
  { metrics: ['accuracy/hard>0.8'], sort: '-accuracy/hard', limit: 20 },
  { metrics: ['loss/train<0.01'] },
  { config: ['training.seed=42'] },
  {
    status: 'COMPLETED',
    name: 'sft-*',
    metrics: ['accuracy/hard>0.5'],
    config: ['training.seed=42'],
  },
];

const LAYERS = Object.fromEntries(
  Array.from({ length: 40 }, (_, index) => [`option_${index}`, index / 7]),
);

/** A complete run and one that failed, from which the others are copied. */
async function makeTemplates(root: string): Promise<void> {
  for (const runId of ['complete', 'failed']) {
    const config = { training: { seed: 42, steps: 100, ...LAYERS }, model: LAYERS };
    const environment = { node: process.version, packages: LAYERS };
    const tags = { exp_name: 'sft-template', team: 'vision' };
    const run = openRun({ root, runId, config, rawConfig: {}, environment, tags });
    for (let step = 1; step <= 100; step++) {
      run.metrics(step, {
        'loss/train': 1 / step,
        'accuracy/train': step / 100,
        learning_rate: 1e-3,
      });
      run.timings(step, { step_ms: 12.5 });
    }
    for (let index = 0; index < 12; index++)
      run.writeFile(`checkpoints/step-${index}.bin`, 'weights');
    run.writeFile('checkpoints/final.safetensors', 'weights');
    if (runId === 'failed') run.fail(new Error('as a template'));
    else
      await run.complete({
        seed: 42,
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
        results: { 'accuracy/hard': 0.123456, 'loss/val': 0.5 },
      });
  }
}

function copyRun(root: string, index: number): void {
  const template = index % FAILED_EVERY === 0 ? 'failed' : 'complete';
  const source = join(root, 'runs', template);
  const runId = `20260101T${String(index).padStart(6, '0')}-0a1b2c`;
  const target = join(root, 'runs', runId);
  mkdirSync(target);
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const text = readFileSync(join(source, entry.name), 'utf8')
      .replaceAll(`"${template}"`, JSON.stringify(runId))
      .replaceAll('0.123456', String(index / RUNS))
      .replaceAll('sft-template', index % 2 === 0 ? 'sft-base' : 'rl-base')
      .replaceAll('"vision"', index % 3 === 0 ? '"vision"' : '"language"')
      .replaceAll('"seed": 42', `"seed": ${index % 50}`);
    writeFileSync(join(target, entry.name), text);
  }
}

function milliseconds(action: () => void): number {
  const start = performance.now();
  action();
  return performance.now() - start;
}

function report(what: string, { ms, maxMs }: { ms: number; maxMs: number }): void {
  console.log(`${ms.toFixed(0).padStart(6)} ms  ${what}`);
  if (ms > maxMs) process.exitCode = 1;
}

/** The first call of a process counts, since a command line makes no second. */
async function main(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'pixelis-bench-'));
  try {
    await makeTemplates(root);
    for (let index = 0; index < RUNS; index++) copyRun(root, index);
    console.log(`Node ${process.version}, ${RUNS} runs, one in ${FAILED_EVERY} failed`);
    for (const filter of FILTERS) {
      let found = 0;
      const ms = milliseconds(() => {
        found = listRuns(root, filter).length;
      });
      report(`listRuns, ${found} found: ${JSON.stringify(filter)}`, { ms, maxMs: LIST_MS_MAX });
    }
    for (const isNew of [true, false]) {
      const ms = milliseconds(() => {
        const run = openRun({ root, isNew, config: { isNew }, rawConfig: {} });
        run.metrics(1, { 'loss/train': 1 });
      });
      report(`openRun to the first metric, ${isNew ? 'isNew' : 'looking for one to resume'}`, {
        ms,
        maxMs: OPEN_MS_MAX,
      });
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

void main();
