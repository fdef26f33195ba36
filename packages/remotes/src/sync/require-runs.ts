import { nearestName, UsageError } from '@pixelis/core';
import type { RunSummary } from '@pixelis/artifacts';

/**
 * The runs that were asked for, oldest first; all of them if none was named.
 *
 * @throws {UsageError} `RUN_UNKNOWN` if there is none of a name.
 */
export function requireRuns(
  runs: readonly RunSummary[],
  runIds: readonly string[] | undefined,
): RunSummary[] {
  const oldestFirst = [...runs].reverse();
  if (runIds === undefined) return oldestFirst;
  const known = new Set(runs.map(({ runId }) => runId));
  for (const runId of runIds) {
    if (known.has(runId)) continue;
    const nearest = nearestName(runId, known);
    throw new UsageError(`There is no run ${JSON.stringify(runId)}`, {
      code: 'RUN_UNKNOWN',
      remedy:
        nearest === undefined ? 'List the runs to see their ids.' : `Did you mean ${nearest}?`,
    });
  }
  const wanted = new Set(runIds);
  return oldestFirst.filter(({ runId }) => wanted.has(runId));
}
