/**
 * What starting a trial through the local launcher costs over the trial's own time, beside the same program started plainly in
 * the same run; one after another, medians of rounds. Requirement: less than 300 ms.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// eslint-disable-next-line @nx/enforce-module-boundaries -- what is measured is the package as it is built
import { createLocalLauncher, type TrialTask } from '@pixelis/sweep';

const ROUNDS = 5;
const TRIALS = 10;
const BUDGET_MS = 300;

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sweep-bench-'));
  const program = join(folder, 'program.cjs');
  writeFileSync(program, '');
  const tasks = Array.from({ length: TRIALS }, (_, index): TrialTask => ({
    trial: index + 1,
    argv: [program],
    workingDirectory: folder,
    logPath: join(folder, `${index}.log`),
    endPath: join(folder, `${index}.end.json`),
    lockPath: join(folder, `${index}.lock`),
  }));
  const plain: number[] = [];
  const launched: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    plain.push(
      await timePerTrial(() => {
        for (const { argv } of tasks) spawnSync(process.execPath, argv);
      }),
    );
    launched.push(await timePerTrial(async () => launch(tasks)));
  }
  rmSync(folder, { recursive: true });
  const [plainMs, launchedMs] = [median(plain), median(launched)];
  const overheadMs = launchedMs - plainMs;
  const line = `a trial of no length: ${plainMs.toFixed(0)} ms plainly, ${launchedMs.toFixed(0)} ms launched`;
  process.stdout.write(`${line}: ${overheadMs.toFixed(0)} ms more (less than ${BUDGET_MS})\n`);
  if (overheadMs >= BUDGET_MS) process.exitCode = 1;
}

async function launch(tasks: readonly TrialTask[]): Promise<void> {
  await createLocalLauncher({ jobs: 1 }).run(tasks, {
    signal: new AbortController().signal,
    onStart: () => undefined,
    onEnd: () => undefined,
  });
}

async function timePerTrial(run: () => unknown): Promise<number> {
  const startMs = performance.now();
  await run();
  return (performance.now() - startMs) / TRIALS;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

void main();
