import type { SweepParameter } from '@pixelis/config';
import { canonicalJson, type JsonValue, math } from '@pixelis/core';
import { choicesOf } from './choices';
import { parzenOfChoices, parzenOnGrid } from './parzen-grid';
import {
  compareTrials,
  parameterKeys,
  rankedTrials,
  type SweepSummary,
  type ValuedTrial,
} from './sweep-summary';

/** Fewer say nothing of what matters. */
const TRIALS_MIN = 4;

/** Cells that a range is cut into at most. */
const CELLS_MAX = 50;

/** Keeps a cell that nothing fell into from dividing by 0. */
const PROBABILITY_MIN = 1e-12;

/** How much a parameter matters. */
export interface ParameterImportance {
  readonly key: string;
  /** Share from 0 to 1; the shares of all parameters sum to 1. Null if it cannot be told. */
  readonly share: number | null;
  /** Why it cannot be told. */
  readonly reason?: string;
}

/** What {@link importances} found. */
export interface Importances {
  /** Trials that were compared. */
  readonly trials: number;
  /** How many of them count as the best; 0 if nothing can be told. */
  readonly best: number;
  /** The most important first, then those of which it cannot be told. */
  readonly parameters: readonly ParameterImportance[];
  /** Why it can be told of no parameter. */
  readonly reason?: string;
}

/** How {@link importances} looks at a sweep. */
export interface ImportancesOptions {
  /**
   * Share of the trials that count as the best, above 0 and below 1. @default 0.1, but 5 trials, or half of all if those
   * are fewer
   */
  readonly quantile?: number;
}

/** What the measure is and where it comes from, in one line. */
export const IMPORTANCE_SOURCE = 'PED-ANOVA (Watanabe, Bansal and Hutter, IJCAI 2023)';

/** Fewer trials for each parameter than this say little: chance alone gives some importance. */
const TRIALS_PER_PARAMETER = 10;

/** Why the shares say little; undefined if they say something, or nothing could be told anyway. */
export function importanceCaution({ trials, parameters, reason }: Importances): string | undefined {
  const measured = parameters.filter(({ share }) => share !== null).length;
  if (parameters.length === 1 && measured === 1)
    return 'It is the only parameter: its share is 100 %, whatever it does.';
  const isEnough = measured < 2 || trials >= TRIALS_PER_PARAMETER * measured;
  if (reason !== undefined || isEnough) return undefined;
  return `${trials} trials are few for ${measured} parameters: take this for a hint, not for a finding.`;
}

/**
 * How much each parameter matters for being among the best trials, by PED-ANOVA (Watanabe, Bansal and Hutter 2023, "PED-ANOVA:
 * Efficiently Quantifying Hyperparameter Importance in Arbitrary Subspaces", IJCAI, equation 16): the Pearson divergence
 * of the parameter's density among the best trials from that among all. The numbers of the grids and kernels are those of
 * Optuna's `PedAnovaImportanceEvaluator`.
 *
 * Trials that halving stopped count as worse than those that it did not.
 *
 * @throws {RangeError} If `quantile` is not between 0 and 1.
 */
export function importances(
  summary: Pick<SweepSummary, 'trials' | 'direction' | 'space'>,
  options: ImportancesOptions = {},
): Importances {
  const ranked = rankedTrials(summary);
  const quantile = options.quantile ?? defaultQuantile(ranked.length);
  if (!(quantile > 0 && quantile < 1)) {
    throw new RangeError(
      `Cannot compute importances: quantile must be between 0 and 1: current value is ${quantile}`,
    );
  }
  const best = bestTrials(ranked, { summary, quantile });
  const reason = reasonForNone(ranked, best);
  if (reason !== undefined) return { ...noneTold(summary, ranked, reason), reason };

  const measured = parameterKeys(summary).map((key) => measure(key, { summary, ranked, best }));
  const total = measured.reduce((sum, { divergence }) => sum + (divergence ?? 0), 0);
  if (total === 0) {
    const same = 'no parameter differs between the best trials and all';
    return { ...noneTold(summary, ranked, same), reason: same };
  }
  const parameters = measured.map(({ key, divergence, reason: why }): ParameterImportance =>
    divergence === undefined
      ? { key, share: null, ...(why !== undefined && { reason: why }) }
      : { key, share: divergence / total },
  );
  parameters.sort((a, b) => (b.share ?? -1) - (a.share ?? -1));
  return { trials: ranked.length, best: best.length, parameters };
}

/** The tenth that Optuna takes says little of a small sweep: 5 are wanted, but never more than half. */
function defaultQuantile(trials: number): number {
  return trials === 0 ? 0.5 : Math.min(0.5, Math.max(0.1, 5 / trials));
}

function noneTold(
  summary: Pick<SweepSummary, 'space'>,
  ranked: readonly ValuedTrial[],
  reason: string,
): Importances {
  const parameters = parameterKeys(summary).map((key) => ({ key, share: null, reason }));
  return { trials: ranked.length, best: 0, parameters };
}

/** The wanted share of all, rounded up, and every trial that is as good as the last of them. */
function bestTrials(
  ranked: readonly ValuedTrial[],
  {
    summary,
    quantile,
  }: { readonly summary: Pick<SweepSummary, 'direction'>; readonly quantile: number },
): ValuedTrial[] {
  const last = ranked[Math.ceil(quantile * ranked.length) - 1];
  const compare = compareTrials(summary.direction);
  return last === undefined ? [] : ranked.filter((trial) => compare(trial, last) <= 0);
}

function reasonForNone(
  ranked: readonly ValuedTrial[],
  best: readonly ValuedTrial[],
): string | undefined {
  if (ranked.length < TRIALS_MIN) {
    return `${ranked.length} of at least ${TRIALS_MIN} trials have a value`;
  }
  const [first] = ranked;
  if (ranked.every(({ value }) => value === first?.value)) return 'all trials have the same value';
  if (best.length === ranked.length) {
    return 'too many trials are as good as the best ones';
  }
  return undefined;
}

interface Measured {
  readonly key: string;
  readonly divergence?: number;
  readonly reason?: string;
}

function measure(
  key: string,
  {
    summary,
    ranked,
    best,
  }: {
    readonly summary: Pick<SweepSummary, 'space'>;
    readonly ranked: readonly ValuedTrial[];
    readonly best: readonly ValuedTrial[];
  },
): Measured {
  const parameter = summary.space[key];
  const values = valuesOf(ranked, key);
  if (parameter === undefined || values.length < ranked.length) {
    return { key, reason: 'not every trial has a value of it' };
  }
  const cells = 'values' in parameter ? cellsOfChoices(parameter, values) : cellsOfRange(parameter);
  if (new Set(values.map(canonicalJson)).size === 1 || cells.count < 2) {
    return { key, reason: 'it has the same value in all trials' };
  }
  const density = (observed: readonly JsonValue[]) => {
    const counts = Array.from({ length: cells.count }, () => 0);
    for (const value of observed) {
      const cell = cells.cellOf(value);
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
    return cells.areOrdered ? parzenOnGrid(counts) : parzenOfChoices(counts);
  };
  return { key, divergence: pearsonDivergence(density(valuesOf(best, key)), density(values)) };
}

/** Σ q (p / q − 1)². */
function pearsonDivergence(p: readonly number[], q: readonly number[]): number {
  return q.reduce((sum, probability, cell) => {
    const base = probability + PROBABILITY_MIN;
    const excess = ((p[cell] ?? 0) + PROBABILITY_MIN) / base - 1;
    return sum + base * excess * excess;
  }, 0);
}

function valuesOf(trials: readonly ValuedTrial[], key: string): JsonValue[] {
  return trials.flatMap(({ parameters }) => {
    const value = parameters[key];
    return value === undefined ? [] : [value];
  });
}

/** How the values of a parameter are put into cells. */
interface Cells {
  readonly count: number;
  readonly areOrdered: boolean;
  readonly cellOf: (value: JsonValue) => number;
}

function cellsOfChoices(
  parameter: Extract<SweepParameter, { values: unknown }>,
  observed: readonly JsonValue[],
): Cells {
  const choices = choicesOf(parameter, observed).map(canonicalJson);
  return {
    count: choices.length,
    areOrdered: false,
    cellOf: (value) => choices.indexOf(canonicalJson(value)),
  };
}

function cellsOfRange(range: Exclude<SweepParameter, { values: unknown }>): Cells {
  const { low, high } = reachedBounds(range);
  const isLog = range.distribution.startsWith('log') && low > 0;
  const scaled = (value: number) => (isLog ? math.log(value) : value);
  const [from, to] = [scaled(low), scaled(high)];
  const count = from < to ? cellCount(range, { low, high }) : 1;
  return {
    count,
    areOrdered: true,
    cellOf: (value) => {
      if (typeof value !== 'number') return 0;
      const share = (scaled(isLog ? Math.max(value, low) : value) - from) / (to - from);
      // A value in the middle of two cells goes to the lower one.
      return Math.min(count - 1, Math.max(0, Math.ceil(share * (count - 1) - 0.5)));
    },
  };
}

type Range = Exclude<SweepParameter, { values: unknown }>;

function stepOf({ distribution, step }: Range): number | undefined {
  if (distribution.startsWith('log')) return undefined;
  return step ?? (distribution === 'int' ? 1 : undefined);
}

/** The bounds, the upper one lowered to the last value that steps from the lower one reach. */
function reachedBounds(range: Range): { low: number; high: number } {
  const { low, high } = range;
  const step = stepOf(range);
  if (step === undefined) return { low, high };
  // Steps such as 0.1 add up to a little less or more than the bound.
  return { low, high: low + Math.floor((high - low) / step + 1e-8) * step };
}

function cellCount(range: Range, { low, high }: { low: number; high: number }): number {
  const step = stepOf(range);
  if (step !== undefined) return Math.min(CELLS_MAX, Math.round((high - low) / step) + 1);
  if (range.distribution !== 'log_int') return CELLS_MAX;
  return Math.min(CELLS_MAX, Math.ceil(math.log(high - low + 1) / math.log(2)) + 1);
}
