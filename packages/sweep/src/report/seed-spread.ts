import { canonicalJson, type JsonValue } from '@pixelis/core';
import { parameterKeys, type SweepSummary } from './sweep-summary';

const SEED = 'training.seed';

/** What the trials came to that differ in their seed alone. */
export interface SeedSpread {
  /** Their common parameters. */
  readonly parameters: Readonly<Record<string, JsonValue>>;
  /** Complete trials, which the figures are of. */
  readonly count: number;
  /** Trials that failed or were stopped early. */
  readonly others: number;
  readonly mean: number;
  /** Sample standard deviation (divided by n − 1); null for a single trial. */
  readonly deviation: number | null;
  readonly least: number;
  readonly greatest: number;
}

/**
 * The spread of the metric over `training.seed` for each combination of the other parameters, the best mean first. Nothing unless
 * seeds were varied and at least two complete trials differ in nothing else.
 */
export function seedSpreads(summary: SweepSummary): SeedSpread[] {
  if (!Object.hasOwn(summary.space, SEED)) return [];
  const keys = parameterKeys(summary).filter((key) => key !== SEED);
  const groups = new Map<string, SweepSummary['trials'][number][]>();
  for (const trial of [...summary.trials].sort((a, b) => a.trial - b.trial)) {
    const name = canonicalJson(keys.map((key) => trial.parameters[key] ?? null));
    groups.set(name, [...(groups.get(name) ?? []), trial]);
  }
  const spreads = [...groups.values()].flatMap((trials) => spreadOf(trials, keys));
  const sign = summary.direction === 'min' ? 1 : -1;
  return spreads.some(({ count }) => count > 1)
    ? spreads.sort((a, b) => sign * (a.mean - b.mean))
    : [];
}

function spreadOf(trials: SweepSummary['trials'], keys: readonly string[]): SeedSpread[] {
  const values = trials.flatMap(({ state, value }) =>
    state === 'COMPLETED' && value !== null && Number.isFinite(value) ? [value] : [],
  );
  const [first] = values;
  if (first === undefined) return [];
  const count = values.length;
  // By shares, so that no sum of large values overflows.
  const mean = values.reduce((sum, value) => sum + value / count, 0);
  const variance = values.reduce(
    (sum, value) => sum + (value - mean) * ((value - mean) / (count - 1)),
    0,
  );
  const entries = keys.map((key): [string, JsonValue] => [key, trials[0]?.parameters[key] ?? null]);
  return [
    {
      parameters: Object.fromEntries(entries),
      count,
      others: trials.length - count,
      mean,
      deviation: count > 1 ? Math.sqrt(variance) : null,
      least: values.reduce((least, value) => Math.min(least, value), first),
      greatest: values.reduce((greatest, value) => Math.max(greatest, value), first),
    },
  ];
}
