import { canonicalJson, type JsonValue } from '@pixelis/core';
import { argumentError } from './check-argument';
import type { JsonObject } from './json-object';
import { flattenConfig } from './run-config';
import { type RunDetails, showRun } from './show-run';

/** Where a value comes from. */
export type ComparedSection = 'config' | 'tags' | 'results' | 'last_metrics' | 'environment';

/** One key of the compared runs. */
export interface ComparedValue {
  section: ComparedSection;
  /** A dotted path, or the key of a metric or a tag. */
  key: string;
  /** In the order of the runs; null for one that has no such key, or has null. */
  values: readonly (JsonValue | null)[];
  isEqual: boolean;
}

/** What {@link compareRuns} found. */
export interface RunComparison {
  /** In the order in which they were given. */
  runIds: readonly string[];
  /** By section and key. */
  rows: readonly ComparedValue[];
}

/** Options of {@link compareRuns}. */
export interface CompareRunsOptions {
  /** Whether values that all runs share are given too. @default false */
  hasEqual?: boolean;
}

/**
 * Where runs differ: in configuration, tags, results, the metrics recorded last, and environment (with the manifest's
 * facts, such as the commit and the backend). Changes nothing.
 *
 * @param runs Two or more, each by its id, the beginning of one, or `latest`.
 * @throws {UsageError} `RUN_UNKNOWN` or `RUN_AMBIGUOUS`, see `showRun`.
 */
export function compareRuns(
  root: string,
  runs: readonly string[],
  options: CompareRunsOptions = {},
): RunComparison {
  requireTwo(runs);
  const { hasEqual = false } = options;
  const details = runs.map((run) => showRun(root, run));
  const sections = details.map(sectionsOf);
  const names: ComparedSection[] = ['config', 'tags', 'results', 'last_metrics', 'environment'];
  const rows = names.flatMap((section) =>
    compareSection(
      section,
      sections.map((found) => found[section]),
    ),
  );
  return {
    runIds: details.map(({ runId }) => runId),
    rows: rows.filter(({ isEqual }) => hasEqual || !isEqual),
  };
}

/** @throws {TypeError} */
function requireTwo(runs: unknown): void {
  if (!Array.isArray(runs) || runs.length < 2)
    throw argumentError('compare runs', { rule: 'runs must be at least two', value: runs });
}

function sectionsOf(run: RunDetails): Record<ComparedSection, JsonObject> {
  const lastValues = Object.entries(run.lastMetrics).map(([key, { value }]): [string, number] => [
    key,
    value,
  ]);
  return {
    config: run.config,
    tags: run.tags,
    results: run.results,
    last_metrics: Object.fromEntries(lastValues),
    environment: flattenConfig({ ...run.environment, ...run.facts }),
  };
}

function compareSection(section: ComparedSection, found: readonly JsonObject[]): ComparedValue[] {
  const keys = [...new Set(found.flatMap((values) => Object.keys(values)))].sort();
  return keys.map((key) => {
    const values = found.map((of) => (Object.hasOwn(of, key) ? (of[key] ?? null) : null));
    const texts = new Set(values.map(canonicalJson));
    return { section, key, values, isEqual: texts.size === 1 };
  });
}
