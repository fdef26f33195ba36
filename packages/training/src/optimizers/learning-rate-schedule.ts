import { math } from '@pixelis/core';

/** A learning rate that rises in a straight line and falls in half a cosine. */
export interface LearningRateSchedule {
  /** The highest learning rate, reached at the end of the warm-up. */
  readonly peak: number;
  /** Steps of the warm-up; 0 starts at the peak. */
  readonly warmupSteps: number;
  /** Steps in all; from here on the rate stays at its lowest. */
  readonly totalSteps: number;
  /** The lowest rate after the warm-up as a part of the peak. @default {0} */
  readonly minimumRatio?: number;
}

/**
 * The learning rate of a step, counted from 0: peak·(step + 1)/warmupSteps during the warm-up, then
 * peak·(r + (1 − r)·(1 + cos πt)/2) with t rising from 0 to 1 (Loshchilov & Hutter 2017, equation 5, without restarts).
 *
 * @throws {RangeError} If the step is negative, or the warm-up is longer than the whole.
 */
export function learningRateAt(
  step: number,
  { peak, warmupSteps, totalSteps, minimumRatio = 0 }: LearningRateSchedule,
): number {
  if (!(step >= 0) || !(warmupSteps >= 0) || warmupSteps > totalSteps) {
    throw new RangeError(
      `Cannot schedule: step and warmupSteps must be >= 0 and warmupSteps <= totalSteps: current values are ${step}, ${warmupSteps}, ${totalSteps}`,
    );
  }
  if (step < warmupSteps) {
    return (peak * (step + 1)) / warmupSteps;
  }
  if (step >= totalSteps) {
    return peak * minimumRatio;
  }
  const progress = (step - warmupSteps) / (totalSteps - warmupSteps);
  const cosine = math.cos(Math.PI * progress);
  return peak * (minimumRatio + ((1 - minimumRatio) * (1 + cosine)) / 2);
}
