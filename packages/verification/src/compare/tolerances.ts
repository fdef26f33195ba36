/**
 * How close two runs must come whose library or machine is not the same. Sums in another order part by the rounding of
 * float32, 6e-8, and training is chaotic: what parts two runs doubles every 20 steps or so, up to where another order of the
 * data would have taken them. So step by step they can be compared at the beginning alone, and as a whole after it: there
 * they share initial weights and data, which keeps their weights closer than those of two seeds, 1.25 of their norm apart.
 */
export const TOLERANCES = {
  /** Steps after which rounding may have grown too large to compare single ones. */
  earlySteps: 100,
  /** |a − b| of two losses of an early step, as a part of the larger, or of 0.1 if both are smaller. */
  loss: 0.01,
  /** ‖a − b‖ / ‖a‖ of all weights together, after an early step. */
  weights: 0.01,
  /** Like `loss`, of the means over 100 later steps. */
  lateLoss: 0.5,
  /** Like `weights`, after a later step. */
  lateWeights: 0.5,
  /** Difference of two accuracies of the test, or two examples if that is more. */
  accuracy: 0.1,
} as const;

const LOSS_FLOOR = 0.1;

/** Whether a metric is a loss. */
export function isLoss(key: string): boolean {
  return key === 'loss' || key.startsWith('loss/');
}

/** How far two losses are apart; NaN if one is no number, which is within no tolerance. */
export function lossDistance(a = NaN, b = NaN): number {
  return Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b), LOSS_FLOOR);
}

/** `0.1 %` */
export function percent(part: number): string {
  return `${Number((100 * part).toPrecision(2))} %`;
}
