import { listRuns, type RunFilter, showRun } from '@pixelis/artifacts';
import { configKeys } from '@pixelis/config';
import { nearestName, PixelisError, UsageError } from '@pixelis/core';

/** Of how many runs, the newest, the keys are offered where one is mistyped. */
const RUNS_ASKED = 20;

/** What {@link requireKnownKeys} looks at, as `pixelis runs list` takes it. */
export interface AskedKeys {
  /** Conditions such as `training.seed=42`. @default none */
  readonly config?: readonly string[] | undefined;
  /** Conditions such as `accuracy/hard>0.8`. @default none */
  readonly metrics?: readonly string[] | undefined;
  /** Metric to sort by. @default none */
  readonly sort?: string | undefined;
}

/**
 * Refuses keys that mean nothing in an output folder, since no run there has one of that name: what is mistyped must not look
 * as if there were no such runs. A key of the configuration of today is known whatever the runs have; and a metric may still
 * come where a run is under way. Where no run has any, an empty list is right.
 *
 * @throws {UsageError} `RUN_KEY_UNKNOWN` if there are such keys, with all of them.
 */
export function requireKnownKeys(
  root: string,
  { config = [], metrics = [], sort }: AskedKeys,
): void {
  const ofSchema = configKeys();
  const unknownKeys = config
    .map(keyOf)
    .filter((key) => !ofSchema.includes(key) && !isKnown(root, 'config', key));
  const unknownMetrics = [...metrics.map(keyOf), ...(sort === undefined ? [] : [sort])].filter(
    (key) => !isKnown(root, 'metrics', key),
  );
  if (unknownKeys.length + unknownMetrics.length === 0) return;
  const isUnderWay = listRuns(root, { status: 'RUNNING' }).length > 0;
  const runs = listRuns(root, { limit: RUNS_ASKED }).flatMap(({ runId }) => detailsOf(root, runId));
  const ofRuns = runs.flatMap((run) => Object.keys(run.config));
  const recorded = runs.flatMap(({ results, lastMetrics }) => [
    ...Object.keys(results),
    ...Object.keys(lastMetrics),
  ]);
  const problems = [
    ...(ofRuns.length === 0 ? [] : unknownKeys).map((key) =>
      problemOf('configuration key', key, [...ofSchema, ...ofRuns]),
    ),
    ...(isUnderWay || recorded.length === 0 ? [] : unknownMetrics).map((key) =>
      problemOf('metric', key, recorded),
    ),
  ];
  if (problems.length === 0) return;
  throw new UsageError(`No run in ${root} has the ${[...new Set(problems)].join('; nor the ')}`, {
    code: 'RUN_KEY_UNKNOWN',
    remedy: 'Correct the key; pixelis runs show RUN --json tells which keys a run has.',
  });
}

/** What stands before the comparison. */
function keyOf(condition: string): string {
  return condition.replace(/[<>=!].*$/s, '').trim();
}

/** A run that lacks a key meets no condition on it, not even that it is other than a text that nobody writes. */
function isKnown(root: string, kind: 'config' | 'metrics', key: string): boolean {
  const filter: RunFilter = { [kind]: [`${key}!=\0`] };
  return keyOf(`${key}!=`) === key && listRuns(root, filter).length > 0;
}

function problemOf(what: string, key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  return `${what} "${key}"${nearest === undefined ? '' : `: did you mean "${nearest}"?`}`;
}

/** What is damaged has no keys to offer. */
function detailsOf(root: string, runId: string): ReturnType<typeof showRun>[] {
  try {
    return [showRun(root, runId)];
  } catch (error) {
    if (error instanceof PixelisError) return [];
    throw error;
  }
}
