import { UsageError } from '@pixelis/core';

import { type CurriculumConfig, type ExitCriterion, trackedMetrics } from './config';
import { movingAverage } from './moving-average';
import {
  type CriterionCheck,
  type CurriculumFacts,
  type CurriculumReason,
  explain,
} from './reason';
import { type CurriculumState, freezeState } from './state';

/** What one call of a curriculum decides. */
export interface CurriculumDecision {
  readonly decision: 'advance' | 'rollback' | 'stay';
  readonly reason: CurriculumReason;
}

/** A decision and the state after it. */
export interface CurriculumStep extends CurriculumDecision {
  readonly state: CurriculumState;
}

/** Freshly measured values by metric; those that no exit criterion names are ignored. */
export type CurriculumMetrics = Readonly<Record<string, number>>;

/**
 * Takes the values of one evaluation into a curriculum and decides about its stage; pure. In this order:
 *
 * 1. every tracked metric is appended to its history, which keeps the latest `smoothingWindowSize` values;
 * 2. while a cooldown lasts, it is counted down and the stage stays;
 * 3. until the histories are full, the stage stays;
 * 4. the first call that gets here in a stage sets its entry values, the means at that moment. If any criterion's
 *    metric has since changed for the worse, (smoothed - entry) x sign < `rollbackThreshold`, the stage before is taken
 *    up again, if there is one;
 * 5. if any criterion does not pass, the count of passes in a row starts anew and the stage stays;
 * 6. `patienceCycles` passes in a row advance.
 *
 * A change of stage clears the passes and the entry values and starts the cooldown; the histories stay. The last stage
 * is never left forwards: there steps 5 and 6 do not apply.
 *
 * @throws {UsageError} `CURRICULUM_METRIC_MISSING` or `CURRICULUM_METRIC_NOT_FINITE`, naming the tracked metric.
 */
export function stepCurriculum(
  state: CurriculumState,
  metrics: CurriculumMetrics,
  config: CurriculumConfig,
): CurriculumStep {
  const index = config.stages.findIndex(({ name }) => name === state.stage);
  const stage = config.stages[index];
  if (stage === undefined) {
    throw new RangeError(`Cannot step a curriculum: its stages do not include '${state.stage}'`);
  }
  const previous = config.stages[index - 1];
  const next = config.stages[index + 1];
  const history = appendMetrics(state.history, metrics, config);

  if (state.cooldown > 0) {
    const callsLeft = state.cooldown - 1;
    return stay({ ...state, history, cooldown: callsLeft }, { code: 'cooldown', callsLeft });
  }
  const windowSize = config.smoothingWindowSize;
  const values = Object.values(history)[0]?.length ?? windowSize;
  if (values < windowSize) {
    return stay({ ...state, history }, { code: 'window-not-full', values, windowSize });
  }

  const checks = checkCriteria(stage.exit, { history, entry: state.entry, config });
  const entry = Object.fromEntries(checks.map((check) => [check.metric, check.entry]));
  const measured: CurriculumState = { ...state, history, entry };
  if (previous !== undefined && checks.some(({ hasFallen }) => hasFallen)) {
    const facts = { code: 'rolled-back', from: stage.name, to: previous.name, checks } as const;
    return changeStage(measured, facts, config);
  }
  if (next === undefined) return stay(measured, { code: 'last-stage', checks });
  if (!checks.every(({ passes }) => passes)) {
    return stay({ ...measured, patience: 0 }, { code: 'missed', checks });
  }
  const passes = state.patience + 1;
  const passesNeeded = config.patienceCycles;
  if (passes < passesNeeded) {
    const facts = { code: 'patience', passes, passesNeeded, checks } as const;
    return stay({ ...measured, patience: passes }, facts);
  }
  const facts = { code: 'exit-passed', from: stage.name, to: next.name, passes, checks } as const;
  return changeStage(measured, facts, config);
}

function stay(state: CurriculumState, facts: CurriculumFacts): CurriculumStep {
  return { state: freezeState(state), decision: 'stay', reason: explain(state.stage, facts) };
}

function changeStage(
  state: CurriculumState,
  facts: Extract<CurriculumFacts, { to: string }>,
  config: CurriculumConfig,
): CurriculumStep {
  return {
    state: freezeState({
      stage: facts.to,
      history: state.history,
      cooldown: config.cooldownCycles,
      patience: 0,
      entry: null,
    }),
    decision: facts.code === 'exit-passed' ? 'advance' : 'rollback',
    reason: explain(facts.from, facts),
  };
}

function appendMetrics(
  history: CurriculumState['history'],
  metrics: CurriculumMetrics,
  config: CurriculumConfig,
): CurriculumState['history'] {
  return Object.fromEntries(
    trackedMetrics(config).map((metric) => {
      const values = [...lookUp(history, metric), readMetric(metrics, metric)];
      return [metric, values.slice(-config.smoothingWindowSize)];
    }),
  );
}

function readMetric(metrics: CurriculumMetrics, metric: string): number {
  const value = Object.hasOwn(metrics, metric) ? metrics[metric] : undefined;
  if (value === undefined) {
    const given = Object.keys(metrics).join(', ');
    throw new UsageError(`The curriculum needs the metric '${metric}': got ${given || 'none'}`, {
      code: 'CURRICULUM_METRIC_MISSING',
      remedy: `Report '${metric}' in every evaluation, or take it out of the stages' exit criteria`,
    });
  }
  if (!Number.isFinite(value)) {
    throw new UsageError(`The metric '${metric}' must be a finite number: it is ${value}`, {
      code: 'CURRICULUM_METRIC_NOT_FINITE',
      remedy:
        'Find out why the evaluation gave it; a lower learning rate helps if training diverged',
    });
  }
  // Adding 0 turns -0, which JSON does not keep, into 0.
  return value + 0;
}

function checkCriteria(
  criteria: readonly ExitCriterion[],
  context: Pick<CurriculumState, 'history' | 'entry'> & { config: CurriculumConfig },
): readonly CriterionCheck[] {
  return criteria.map(({ metric, direction, threshold }) => {
    const smoothed = movingAverage(lookUp(context.history, metric));
    const entry = context.entry === null ? smoothed : lookUp(context.entry, metric);
    const change = direction === 'max' ? smoothed - entry : entry - smoothed;
    return {
      metric,
      direction,
      threshold,
      smoothed,
      entry,
      change,
      passes: direction === 'max' ? smoothed >= threshold : smoothed <= threshold,
      hasFallen: change < context.config.rollbackThreshold,
    };
  });
}

function lookUp<Value>(record: Readonly<Record<string, Value>>, metric: string): Value {
  const value = Object.hasOwn(record, metric) ? record[metric] : undefined;
  if (value === undefined) {
    throw new RangeError(`Cannot step a curriculum: its state lacks the metric '${metric}'`);
  }
  return value;
}
