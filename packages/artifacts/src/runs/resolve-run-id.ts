import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nearestName, UsageError } from '@pixelis/core';
import { requireText } from './check-argument';
import { ifPresent, onDisk } from './disk';
import { LATEST_FILE } from './finish-completed-runs';
import { readRunNames, runsDirectory } from './run-names';

const LISTED_MAX = 5;

/**
 * The id of the run that a person means: its id, the beginning of an id that no other run's begins with, or `latest`, the
 * run that was completed last.
 *
 * @throws {UsageError} `RUN_UNKNOWN`, naming the nearest, or `RUN_AMBIGUOUS`, naming those that begin so.
 */
export function resolveRunId(root: string, run: string): string {
  requireText(root, { action: 'find a run', name: 'root' });
  requireText(run, { action: 'find a run', name: 'run' });
  const { runIds } = readRunNames(runsDirectory(root));
  if (runIds.includes(run)) return run;
  if (run === LATEST_FILE) return latestOf(root, runIds);
  const found = run === '' ? [] : runIds.filter((runId) => runId.startsWith(run));
  const [first] = found;
  if (first === undefined) throw unknownError(root, { run, runIds });
  if (found.length === 1) return first;
  throw ambiguousError(run, found);
}

function latestOf(root: string, runIds: readonly string[]): string {
  const path = join(root, LATEST_FILE);
  const latest = onDisk(path, () => ifPresent(() => readFileSync(path, 'utf8')))?.trim();
  if (latest !== undefined && runIds.includes(latest)) return latest;
  throw new UsageError(`No run in ${root} is the latest: none was completed, or it was removed`, {
    code: 'RUN_UNKNOWN',
    remedy: 'Give the id of a run, or the beginning of one.',
  });
}

function unknownError(
  root: string,
  { run, runIds }: { run: string; runIds: readonly string[] },
): UsageError {
  const nearest = nearestName(run, runIds);
  return new UsageError(`There is no run ${JSON.stringify(run)} in ${root}`, {
    code: 'RUN_UNKNOWN',
    remedy:
      nearest === undefined
        ? 'Give the id of a run, the beginning of one, or "latest".'
        : `Did you mean ${nearest}?`,
  });
}

function ambiguousError(run: string, found: readonly string[]): UsageError {
  const more = found.length > LISTED_MAX ? ` and ${found.length - LISTED_MAX} more` : '';
  const listed = [...found].sort().slice(0, LISTED_MAX).join(', ');
  return new UsageError(`${found.length} runs begin with ${JSON.stringify(run)}`, {
    code: 'RUN_AMBIGUOUS',
    remedy: `Give more of the id: ${listed}${more}.`,
  });
}
