import type { Stage, StageName } from './stage';

/**
 * Where a difference came from. `kernel`: configuration, code, data and environment are not known to differ, so the
 * arithmetic itself came to something else, or one of the records was changed.
 */
export type DifferenceClass = 'config' | 'code' | 'data' | 'environment' | 'kernel';

/** A class and why it was chosen. */
export interface Classification {
  readonly class: DifferenceClass;
  /** In words, the weightiest first. */
  readonly reasons: readonly string[];
}

/** By weight: what stands first explains a difference whatever follows. */
const CAUSES: readonly (readonly [DifferenceClass, StageName])[] = [
  ['config', 'configuration'],
  ['code', 'code'],
  ['data', 'data'],
  ['environment', 'environment'],
];

/** What is recorded while training goes on. */
const WITNESSES: readonly StageName[] = ['initial_weights', 'data_order', 'chain', 'metrics'];

/** Says where the difference of two runs came from, given their stages. */
export function classify(stages: readonly Stage[]): Classification {
  const byName = new Map(stages.map((one) => [one.name, one]));
  const statusOf = (name: StageName) => byName.get(name)?.status ?? 'unknown';
  const summaryOf = (name: StageName) => byName.get(name)?.summary ?? 'it was not compared';
  const causes = CAUSES.filter(([, name]) => statusOf(name) === 'differs');
  const [first] = causes;
  if (first !== undefined)
    return { class: first[0], reasons: causes.map(([, name]) => `${name}: ${summaryOf(name)}`) };
  const doubts = CAUSES.filter(([, name]) => statusOf(name) === 'unknown').map(
    ([, name]) => `${name} is not known to be equal: ${summaryOf(name)}`,
  );
  const reasons = ['configuration, code, data and environment are not known to differ', ...doubts];
  const wasAlike =
    WITNESSES.every((name) => statusOf(name) !== 'differs') &&
    (statusOf('chain') === 'equal' || statusOf('checkpoints') === 'equal');
  if (wasAlike)
    reasons.unshift(
      'a record was damaged: training itself went alike as far as it was recorded, but a file was changed after it was written',
    );
  return { class: 'kernel', reasons };
}
