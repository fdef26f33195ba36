import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
// eslint-disable-next-line @nx/enforce-module-boundaries -- what is measured is the package as it is built
import {
  extendConfig,
  gridSetting,
  resolvedDocument,
  resolveSweepConfig,
  resolveTrainingConfig,
  trainingConfigSchema,
  trialDocument,
} from '@pixelis/config';
import { parse } from 'yaml';

/**
 * Resolving a configuration beside its peer, the same file read by yaml and checked by zod alone, without layers, origins and
 * suggestions; and the trials of a grid, resolved, checked and put into the text of their files. Environment: PIXELIS_BENCH_ROUNDS (200), PIXELIS_BENCH_TRIALS (10000).
 */
const ROUNDS = Number(process.env['PIXELIS_BENCH_ROUNDS'] ?? 200);
const TRIALS = Number(process.env['PIXELIS_BENCH_TRIALS'] ?? 10_000);

/** The targets of the workspace. */
const RESOLVE_MS_MAX = 5;
const TRIALS_MS_MAX = 3000;

const folder = mkdtempSync(join(tmpdir(), 'pixelis-config-bench-'));
const file = join(folder, 'run.yaml');
const recorded = join(folder, 'config_resolved.json');
const overrides = ['training.learning_rate=1e-3', 'curriculum.stages.0.name=first'];
const environment = { PIXELIS__TRAINING__SEED: '7' };

function main(): void {
  writeFileSync(file, 'training:\n  steps: 300\nmodel:\n  dim: 48\n');
  writeFileSync(recorded, JSON.stringify(resolvedDocument(resolveTrainingConfig({ file }))));
  console.log(`Node ${process.version}, ${ROUNDS} rounds in turns, median`);
  const contestants: Readonly<Record<string, () => unknown>> = {
    'file, environment and arguments': () =>
      resolveTrainingConfig({ file, environment, overrides }),
    'environment and arguments': () => resolveTrainingConfig({ environment, overrides }),
    'config_resolved.json, every value recorded': () => resolveTrainingConfig({ file: recorded }),
    'peer: yaml and zod alone, the file': () => readAlone(file),
    'peer: yaml and zod alone, config_resolved.json': () => readAlone(recorded),
  };
  const times = new Map(Object.keys(contestants).map((name) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, act] of Object.entries(contestants)) times.get(name)?.push(milliseconds(act));
  }
  for (const [name, rounds] of times) {
    const ms = rounds.sort((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN;
    report(name, ms, name.startsWith('peer') ? Infinity : RESOLVE_MS_MAX);
  }
  report(
    `${TRIALS} trials, resolved, checked and put into text`,
    milliseconds(resolveTrials),
    TRIALS_MS_MAX,
  );
}

/** What reading a configuration costs without anything that makes it trustworthy. */
function readAlone(path: string): unknown {
  const value: unknown = parse(readFileSync(path, 'utf8'));
  const config: unknown = path === recorded ? Reflect.get(Object(value), 'config') : value;
  return trainingConfigSchema.parse(config);
}

function resolveTrials(): void {
  const base = resolveSweepConfig({ options: [gridSetting('training.seed=1,2')], overrides });
  for (let trial = 1; trial <= TRIALS; trial += 1) {
    const settings = [{ path: ['training', 'seed'], value: trial, source: `trial ${trial}` }];
    JSON.stringify(trialDocument(extendConfig(base, { layer: 'sweep', settings })));
  }
}

function milliseconds(act: () => unknown): number {
  const start = performance.now();
  act();
  return performance.now() - start;
}

function report(name: string, ms: number, msMax: number): void {
  console.log(`${ms.toFixed(2).padStart(9)} ms  ${name}`);
  if (ms > msMax) process.exitCode = 1;
}

try {
  main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
