import type { SweepConfig } from '@pixelis/config';
import { UsageError } from '@pixelis/core';
import { createSpace, type Distribution } from './space/space';

/** Metrics that training records with an evaluation, every `training.evaluate_every` steps; all others it records with every step. */
const OF_EVALUATION = /^(loss\/val$|accuracy\/)/;

/**
 * Refuses a search whose trials cannot have the metric when they are compared for the first time. Where the steps are varied it is
 * enough that one trial can.
 *
 * @throws {UsageError} `SWEEP_METRIC_TOO_LATE`
 */
export function requireMetricInTime({ sweep, training }: SweepConfig): void {
  const { metric, halving } = sweep;
  if (!OF_EVALUATION.test(metric)) return;
  const space = createSpace(sweep.space);
  const every = Math.min(
    ...boundsOf(space.get('training.evaluate_every'), training.evaluate_every),
  );
  const steps =
    halving?.minimum_steps ?? Math.max(...boundsOf(space.get('training.steps'), training.steps));
  if (every <= steps) return;
  const [compared, later] =
    halving === null
      ? [`trials end after step ${steps}`, `training.steps to ${every}`]
      : [`trials are compared after step ${steps}`, `sweep.halving.minimum_steps to ${every}`];
  throw new UsageError(
    `${metric} is measured at step ${every} for the first time, but ${compared}`,
    {
      code: 'SWEEP_METRIC_TOO_LATE',
      remedy: `set training.evaluate_every to ${steps} or less, or ${later} or more, or compare by --metric loss/train`,
    },
  );
}

/** The values that a key may be set to, or the bounds of them. */
function boundsOf(distribution: Distribution | undefined, unvaried: number): number[] {
  if (distribution === undefined) return [unvaried];
  if (distribution.kind === 'range') return [distribution.low, distribution.high];
  return distribution.values.map(Number);
}
