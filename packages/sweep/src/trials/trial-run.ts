import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  MANIFEST_FILE,
  type MetricsLine,
  readMetrics,
  readRunOutcome,
  showRun,
} from '@pixelis/artifacts';
import type { JsonValue } from '@pixelis/core';
import type { TrialOutcome } from '../folder/outcome';
import type { SweepFolder } from '../folder/sweep-folder';

/** What the run of a trial came to so far. */
export interface TrialRun {
  /** Whether it came to its end. */
  readonly isComplete: boolean;
  readonly metrics: readonly MetricsLine[];
  /** The last step that it recorded; 0 if there is none. */
  readonly steps: number;
  /** The results of its manifest; none for a run that is not complete. */
  readonly results: TrialOutcome['results'];
  /** Why it is not complete, as it says itself. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

/**
 * Reads what the run of a trial came to from the store; undefined if there is no run.
 *
 * @throws {IntegrityError} If the run is damaged.
 */
export function readTrialRun(folder: SweepFolder, trial: number): TrialRun | undefined {
  const directory = folder.runDirectory(trial);
  if (!existsSync(directory)) return undefined;
  const isComplete = existsSync(join(directory, MANIFEST_FILE));
  const metrics = readMetrics(directory);
  return {
    isComplete,
    metrics,
    steps: metrics.at(-1)?.['step'] ?? 0,
    results: isComplete ? plainResults(readRunOutcome(directory).results) : {},
    error: isComplete ? null : showRun(folder.out, folder.runId(trial)).error,
  };
}

/** Of the results of a run what is a plain value, as an outcome holds it. */
export function plainResults(
  results: Readonly<Record<string, JsonValue>>,
): TrialOutcome['results'] {
  const known = Object.entries(results).flatMap(
    ([key, value]): [string, number | string | null][] =>
      typeof value === 'number' || typeof value === 'string' || value === null
        ? [[key, value]]
        : [],
  );
  return Object.fromEntries(known);
}

/** The result of a run: the last value of a metric in `metrics.jsonl`, up to a step where one is given; never one of the final test. */
export function valueOf(
  { metrics }: Pick<TrialRun, 'metrics'>,
  { metric, steps = Infinity }: { metric: string; steps?: number },
): number | undefined {
  return metrics.findLast((one) => (one['step'] ?? 0) <= steps && Object.hasOwn(one, metric))?.[
    metric
  ];
}
