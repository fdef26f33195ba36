import type { SweepConfig } from '@pixelis/config';
import { STARTUP_TRIALS } from './strategies/tpe';

/** Metrics of which it is known which values are the better ones. */
const DIRECTIONS = [
  {
    prefix: 'loss',
    direction: 'min',
    advice: 'the best trial would be the one with the greatest loss',
  },
  {
    prefix: 'accuracy',
    direction: 'max',
    advice: 'the best trial would be the least accurate one',
  },
] as const;

/** What is to be said of a search that is possible, but hardly what was meant. */
export function doubtfulSettings({ sweep }: SweepConfig, trials: number): string[] {
  const { metric, direction, strategy, generation_size: size } = sweep;
  const warnings: string[] = [];
  const known = DIRECTIONS.find(({ prefix }) => metric.startsWith(prefix));
  if (known !== undefined && known.direction !== direction)
    warnings.push(
      `${metric} with --direction ${direction}: ${known.advice}; --direction ${known.direction} finds the other end`,
    );
  // The last generation is proposed at once, and knows only those before it.
  const knownToLast = Math.floor((trials - 1) / size) * size;
  if (strategy === 'tpe' && knownToLast < STARTUP_TRIALS)
    warnings.push(
      `tpe proposes at random until ${STARTUP_TRIALS} trials have a result: ${trials} trials in generations of ${size} never get beyond that`,
    );
  return warnings;
}
