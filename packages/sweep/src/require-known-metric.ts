import type { SweepConfig } from '@pixelis/config';
import { nearestName, UsageError } from '@pixelis/core';

/** All metrics that a mode of training can record. Which accuracies it records depends on the stages that the curriculum comes to. */
const METRICS: Readonly<Record<SweepConfig['training']['mode'], readonly string[]>> = {
  sft: [
    ...['loss/train', 'loss/val', 'accuracy/simple', 'accuracy/medium', 'accuracy/hard'],
    ...['gradient_norm', 'learning_rate', 'stage'],
  ],
};

/**
 * Refuses a search by a metric that no trial can have.
 *
 * @throws {UsageError} `SWEEP_METRIC_MISSING`
 */
export function requireKnownMetric({ sweep, training }: SweepConfig): void {
  const { metric } = sweep;
  const known = METRICS[training.mode];
  if (known.includes(metric)) return;
  const nearest = nearestName(metric, known);
  const hint = nearest === undefined ? '' : `: did you mean ${nearest}?`;
  throw new UsageError(`No trial will have the metric ${metric}${hint}`, {
    code: 'SWEEP_METRIC_MISSING',
    remedy: `repeat the command with another --metric: ${known.join(', ')}`,
  });
}
