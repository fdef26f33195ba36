// eslint-disable-next-line @nx/enforce-module-boundaries -- what is measured is the package as it is built
import { createStrategy, type Parameters, type TrialResult } from '@pixelis/sweep';

import { mannWhitneyP } from './mann-whitney';
import { type Objective, OBJECTIVES } from './objectives';
import { OptunaPeer, type SearchOptions } from './optuna-peer';

const TRIALS = 60;
const SEEDS = Number(process.env['PIXELIS_BENCH_SEEDS'] ?? 150);
/** One after another, and as many at once as is our default. */
const GENERATION_SIZES = [1, 4];

/** The values of all trials of ours, in order. */
function search(
  strategyName: 'random' | 'tpe',
  { space, valueAt }: Objective,
  { trials, generationSize, seed }: SearchOptions,
): number[] {
  const strategy = createStrategy(
    {
      strategy: strategyName,
      trials,
      generation_size: generationSize,
      metric: 'value',
      direction: 'min',
      space,
      halving: null,
    },
    { seed },
  );
  const history: TrialResult[] = [];
  while (history.length < trials) {
    const first = history.length + 1;
    const pending: Parameters[] = [];
    for (let trial = first; trial < first + Math.min(generationSize, trials - first + 1); trial++) {
      pending.push(strategy.propose({ trial, history, pending: [...pending] }));
    }
    for (const parameters of pending) {
      history.push({ trial: history.length + 1, parameters, value: valueAt(parameters) });
    }
  }
  return history.map(({ value }) => value ?? Infinity);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

function row(...cells: readonly (string | number)[]): string {
  return cells
    .map((cell) => (typeof cell === 'number' ? cell.toPrecision(4) : cell))
    .map((cell, index) => (index === 0 ? cell.padEnd(20) : cell.padStart(12)))
    .join('');
}

async function main(): Promise<void> {
  const peer = new OptunaPeer();
  console.log(
    `Optuna ${await peer.version()}, Node ${process.version}: median of the best of ${TRIALS} trials, ${SEEDS} seeds; p of Mann and Whitney`,
  );
  for (const generationSize of GENERATION_SIZES) {
    console.log(`\n${generationSize} at a time`);
    console.log(row('', 'random', 'Optuna', 'ours', 'p', 'ms, Optuna', 'ms, ours'));
    for (const objective of OBJECTIVES) {
      const [random, theirs, ours]: [number[], number[], number[]] = [[], [], []];
      let [theirMs, ourMs] = [0, 0];
      for (let seed = 1; seed <= SEEDS; seed++) {
        const options = { trials: TRIALS, generationSize, seed };
        random.push(Math.min(...search('random', objective, options)));
        const start = performance.now();
        ours.push(Math.min(...search('tpe', objective, options)));
        const between = performance.now();
        theirs.push(Math.min(...(await peer.search(objective, options))));
        theirMs += performance.now() - between;
        ourMs += between - start;
      }
      const perTrial = (ms: number) => (ms / SEEDS / TRIALS).toFixed(2);
      const p = mannWhitneyP(ours, theirs).toFixed(3);
      const medians = [random, theirs, ours].map(median);
      console.log(row(objective.name, ...medians, p, perTrial(theirMs), perTrial(ourMs)));
    }
  }
  peer.close();
}

void main();
