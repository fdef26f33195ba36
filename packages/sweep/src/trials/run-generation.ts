import type { RungResult } from '../folder/outcome';
import { survivors } from '../strategies/successive-halving';
import type { SweepSession } from '../sweep-session';
import { runTrials } from './run-trials';

/** How the trials of a generation are run. */
export interface GenerationOptions {
  /** Steps of a trial. */
  readonly steps: number;
  /** Successive halving: the steps after which trials are compared, of which the last is their end; null without. */
  readonly halving: { readonly rungs: readonly number[]; readonly reductionFactor: number } | null;
}

/** Runs trials that were proposed together until it is known what came of each. */
export async function runGeneration(
  session: SweepSession,
  trials: readonly number[],
  options: GenerationOptions,
): Promise<void> {
  const { halving, steps } = options;
  if (halving === null) {
    const open = trials.filter((trial) => session.outcome(trial) === undefined);
    await runTrials(session, open, { stopAfter: undefined, steps, rungsOf: () => [] });
    return;
  }
  await runHalving(session, trials, { ...options, halving });
}

type HalvingOptions = GenerationOptions & { readonly halving: object };

async function runHalving(
  session: SweepSession,
  trials: readonly number[],
  { steps, halving: { rungs, reductionFactor } }: HalvingOptions,
): Promise<void> {
  const { direction } = session.objective;
  const compared = new Map<number, RungResult[]>();
  const rungsOf = (trial: number): RungResult[] => compared.get(trial) ?? [];
  let alive = [...trials];
  for (const [index, rung] of rungs.entries()) {
    const isLast = index === rungs.length - 1;
    const open = alive.filter((trial) => session.outcome(trial) === undefined);
    const stopAfter = isLast ? undefined : rung;
    const values = await runTrials(session, open, { stopAfter, steps, rungsOf });
    if (isLast) return;
    const results = alive.map((trial) => {
      const earlier = session.outcome(trial)?.rungs[index];
      return { trial, value: values.get(trial) ?? earlier?.value ?? null };
    });
    for (const { trial, value } of results) {
      if (value !== null) compared.set(trial, [...rungsOf(trial), { steps: rung, value }]);
    }
    const goOn = new Set(survivors(results, { reductionFactor, direction }));
    for (const { trial, value } of results) {
      if (goOn.has(trial) || value === null || session.outcome(trial) !== undefined) continue;
      const reached = { steps: rung, rungs: rungsOf(trial) };
      session.decide({ trial, state: 'STOPPED', value, results: {}, error: null, ...reached });
    }
    alive = alive.filter((trial) => goOn.has(trial));
  }
}
