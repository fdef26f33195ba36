import { UsageError } from '@pixelis/core';

/** Training has left the finite numbers: `what` names the value that shows it. */
export function divergence(step: number, what: string): UsageError {
  return new UsageError(`Training diverged at step ${step}: ${what}`, {
    code: 'TRAINING_DIVERGED',
    remedy: 'lower training.learning_rate, or raise training.warmup_steps; begin again with --new',
  });
}
