import type { CriterionDirection } from './config';

/** How one exit criterion of the current stage stands in a call. */
export interface CriterionCheck {
  readonly metric: string;
  readonly direction: CriterionDirection;
  readonly threshold: number;
  /** Mean of the latest `smoothingWindowSize` values. */
  readonly smoothed: number;
  /** The stage's first full-window mean. */
  readonly entry: number;
  /** (smoothed - entry), with the sign changed for direction `min`: negative is worse. */
  readonly change: number;
  /** Whether the smoothed value has reached the threshold. */
  readonly passes: boolean;
  /** Whether `change` is below `rollbackThreshold`. */
  readonly hasFallen: boolean;
}

/** The rule that settled a call, with its values; `code` tells them apart. */
export type CurriculumFacts =
  /** A change of stage is too recent; `callsLeft` further calls will stay as well. */
  | { readonly code: 'cooldown'; readonly callsLeft: number }
  /** Only `values` of the `windowSize` values that a mean needs are there. */
  | { readonly code: 'window-not-full'; readonly values: number; readonly windowSize: number }
  /** At least one metric has fallen too far since the stage's entry. */
  | {
      readonly code: 'rolled-back';
      readonly from: string;
      readonly to: string;
      readonly checks: readonly CriterionCheck[];
    }
  /** There is no further stage. */
  | { readonly code: 'last-stage'; readonly checks: readonly CriterionCheck[] }
  /** At least one criterion does not pass. */
  | { readonly code: 'missed'; readonly checks: readonly CriterionCheck[] }
  /** All criteria pass, but not yet often enough in a row. */
  | {
      readonly code: 'patience';
      readonly passes: number;
      readonly passesNeeded: number;
      readonly checks: readonly CriterionCheck[];
    }
  /** All criteria passed often enough in a row. */
  | {
      readonly code: 'exit-passed';
      readonly from: string;
      readonly to: string;
      readonly passes: number;
      readonly checks: readonly CriterionCheck[];
    };

/** Why a call was decided as it was: for a program by `code` and its values, for a person as a sentence. */
export type CurriculumReason = CurriculumFacts & { readonly message: string };

/** Adds the sentence that says `facts` of a call made in `stage`. */
export function explain(stage: string, facts: CurriculumFacts): CurriculumReason {
  return { ...facts, message: describe(stage, facts) };
}

function describe(stage: string, facts: CurriculumFacts): string {
  switch (facts.code) {
    case 'cooldown':
      return `Stays in '${stage}': cooldown after a change of stage, ${facts.callsLeft} more to come`;
    case 'window-not-full':
      return `Stays in '${stage}': has ${facts.values} of the ${facts.windowSize} values that the moving average needs`;
    case 'rolled-back':
      return `Goes back from '${facts.from}' to '${facts.to}': ${describeFalls(facts.checks)}`;
    case 'last-stage':
      return `Stays in '${stage}': it is the last stage`;
    case 'missed':
      return `Stays in '${stage}': ${describeChecks(facts.checks.filter(({ passes }) => !passes))}`;
    case 'patience':
      return `Stays in '${stage}': passed ${facts.passes} of ${facts.passesNeeded} times in a row, ${describeChecks(facts.checks)}`;
    case 'exit-passed':
      return `Advances from '${facts.from}' to '${facts.to}': passed ${facts.passes} times in a row, ${describeChecks(facts.checks)}`;
  }
}

function describeChecks(checks: readonly CriterionCheck[]): string {
  return checks
    .map(({ metric, smoothed, direction, threshold, passes }) => {
      const verdict = passes ? 'passes' : 'misses';
      return `${metric} ${short(smoothed)} ${verdict} ${direction === 'max' ? '>=' : '<='} ${threshold}`;
    })
    .join(', ');
}

function describeFalls(checks: readonly CriterionCheck[]): string {
  return checks
    .filter(({ hasFallen }) => hasFallen)
    .map(
      ({ metric, smoothed, entry }) =>
        `${metric} went from ${short(entry)} at its entry to ${short(smoothed)}`,
    )
    .join(', ');
}

/** Leaves out the digits that rounding made; the reason's `checks` have them all. */
function short(value: number): number {
  return Number(value.toPrecision(12));
}
