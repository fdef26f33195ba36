import { requireRecord, requireText } from './check-argument';
import { compileFilter, type RunFilter, sortRuns } from './run-filter';
import { readRunNames, runsDirectory } from './run-names';
import type { RunSummary } from './run-summary';
import { StoredRun } from './stored-run';

/**
 * The runs of an output folder, newest first unless the filter says otherwise. Changes nothing. A folder that is no run,
 * or whose state is damaged or cannot be read, is left out.
 *
 * @param root The output folder, such as `out`; without a `runs` folder in it there are no runs.
 * @throws {UsageError} `RUN_FILTER_INVALID` if the filter holds what means nothing.
 */
export function listRuns(root: string, filter: RunFilter = {}): RunSummary[] {
  requireText(root, { action: 'list runs', name: 'root' });
  requireRecord(filter, { action: 'list runs', name: 'filter' });
  const isWanted = compileFilter(filter);
  const runs = runsDirectory(root);
  const { runIds, locked } = readRunNames(runs);
  const found = runIds
    .map((runId) => new StoredRun({ runs, runId }, { isLocked: locked.has(runId) }))
    .filter((run) => run.summary !== null && isWanted(run));
  return sortRuns(found, filter).flatMap(({ summary }) => summary ?? []);
}
