import { RESUME_EXEMPT_KEYS } from '@pixelis/artifacts';
import type { JsonValue } from '@pixelis/core';
import { type Stage, stage } from './stage';
import {
  countLeaves,
  describeDifference,
  type ValueDifference,
  valueDifferences,
} from './value-difference';

/** Threads and paths, and how often a run records what it does. */
const WITHOUT_RESULT = new Set([
  ...RESUME_EXEMPT_KEYS,
  'training.checkpoint_every',
  'training.hash_every',
]);

/**
 * Where two resolved configurations differ. Values that reach no result, such as the number of threads, are among the
 * differences but do not make the stage differ.
 */
export function compareConfiguration(a: JsonValue, b: JsonValue): Stage {
  if (a === null || b === null) {
    const side = a === null ? 'A' : 'B';
    return stage(['configuration', 'unknown', `${side} has no config_resolved.json`]);
  }
  const differences = valueDifferences(a, b);
  const effective = differences.filter(reachesResults);
  const [first] = effective;
  if (first !== undefined) {
    const more = effective.length > 1 ? `, and ${effective.length - 1} more` : '';
    const summary = `${describeDifference(first)}${more}`;
    return stage(['configuration', 'differs', summary], { differences });
  }
  const paths = differences.map(({ path }) => path).join(', ');
  const but = paths === '' ? '' : ` but for ${paths}, which reaches no result`;
  return stage(['configuration', 'equal', `${countLeaves(a)} values${but}`], { differences });
}

/** Whether a value may change what training comes to. */
function reachesResults({ path }: Pick<ValueDifference, 'path'>): boolean {
  return !WITHOUT_RESULT.has(path);
}
