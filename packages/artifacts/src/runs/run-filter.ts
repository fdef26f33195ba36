import { UsageError } from '@pixelis/core';
import { parseCondition } from './run-condition';
import type { RunStatus } from './run-summary';
import type { StoredRun } from './stored-run';
import type { RunTags } from './tags';

/** Which runs `listRuns` gives, and in which order. A run must meet all that is asked. */
export interface RunFilter {
  /** @default any */
  status?: RunStatus | readonly RunStatus[];
  /** Tags that the run has, with these values. @default any */
  tags?: RunTags;
  /** A pattern with `*` and `?` for the run's id or its tag `exp_name`. @default any */
  name?: string;
  /** The earliest moment of creation, RFC 3339 or a day such as `2026-03-04` (UTC). @default any */
  createdSince?: string | Date;
  /** The moment before which the run was created. @default any */
  createdBefore?: string | Date;
  /**
   * Comparisons such as `accuracy/hard>0.8` with the results of the run, or else with what it recorded last (in the last
   * 64 KiB of `metrics.jsonl`). @default none
   */
  metrics?: readonly string[];
  /** Comparisons such as `training.seed=42` with the resolved configuration. @default none */
  config?: readonly string[];
  /**
   * `created`, `run_id`, `status` or the key of a metric; `-` before it sorts downwards. Runs without that metric come
   * last. @default '-created'
   */
  sort?: string;
  /** How many runs at most, from 1. @default all */
  limit?: number;
}

const STATUSES: ReadonlySet<unknown> = new Set<RunStatus>(['RUNNING', 'COMPLETED', 'FAILED']);

type Test = (run: StoredRun) => boolean;

/**
 * What a run must meet. The tests that open fewest files come first.
 *
 * @throws {UsageError} `RUN_FILTER_INVALID` if the filter holds what means nothing.
 */
export function compileFilter(filter: RunFilter): Test {
  const tests = [
    ...statusTests(filter),
    ...timeTests(filter),
    ...nameTests(filter),
    ...Object.entries(filter.tags ?? {}).map(
      ([key, value]): Test =>
        (run) =>
          Object.hasOwn(run.tags, key) && run.tags[key] === value,
    ),
    ...(filter.metrics ?? []).map(parseCondition).map(
      ({ key, isMetBy }): Test =>
        (run) =>
          isMetBy(run.metric(key)),
    ),
    ...(filter.config ?? []).map(parseCondition).map(
      ({ key, isMetBy }): Test =>
        (run) =>
          isMetBy(run.config(key)),
    ),
  ];
  return (run) => tests.every((test) => test(run));
}

/** The runs in the order that was asked, and no more of them. */
export function sortRuns(runs: readonly StoredRun[], filter: RunFilter): StoredRun[] {
  const { sort = '-created', limit = Infinity } = filter;
  if (limit !== Infinity && (!Number.isSafeInteger(limit) || limit < 1))
    throw new RangeError(
      `Cannot list runs: limit must be an integer >= 1: current value is ${limit}`,
    );
  const direction = sort.startsWith('-') ? -1 : 1;
  const valueOf = sortValue(sort.replace(/^-/, ''));
  return runs
    .map((run) => ({ run, value: valueOf(run), age: ageKey(run) }))
    .sort((a, b) => {
      if (a.value === b.value) return a.age < b.age ? 1 : -1;
      if (a.value === undefined) return 1;
      if (b.value === undefined) return -1;
      return a.value < b.value ? -direction : direction;
    })
    .slice(0, limit)
    .map(({ run }) => run);
}

function sortValue(by: string): (run: StoredRun) => string | number | undefined {
  if (by === 'created') return ageKey;
  if (by === 'run_id') return (run) => run.runId;
  if (by === 'status') return (run) => run.summary?.status;
  return (run) => run.metric(by);
}

function ageKey(run: StoredRun): string {
  return `${run.summary?.createdAt ?? ''} ${run.runId}`;
}

function statusTests({ status }: RunFilter): Test[] {
  if (status === undefined) return [];
  const wanted = new Set<unknown>(typeof status === 'string' ? [status] : status);
  for (const name of wanted)
    if (!STATUSES.has(name))
      throw invalidError(`${String(name)} is no status of a run`, 'RUNNING, COMPLETED or FAILED');
  return [(run) => wanted.has(run.summary?.status)];
}

function timeTests({ createdSince, createdBefore }: RunFilter): Test[] {
  const [since, before] = [createdSince, createdBefore].map(toMs);
  if (since === undefined && before === undefined) return [];
  return [
    ({ summary }) => {
      const createdMs = Date.parse(summary?.createdAt ?? '');
      return createdMs >= (since ?? -Infinity) && createdMs < (before ?? Infinity);
    },
  ];
}

function toMs(time: string | Date | undefined): number | undefined {
  if (time === undefined) return undefined;
  const ms = new Date(time).getTime();
  if (Number.isNaN(ms))
    throw invalidError(`${String(time)} is no moment`, 'a day such as 2026-03-04');
  return ms;
}

function nameTests({ name }: RunFilter): Test[] {
  if (name === undefined) return [];
  const pattern = globToPattern(name);
  return [(run) => pattern.test(run.runId) || pattern.test(run.tags['exp_name'] ?? '')];
}

function globToPattern(glob: string): RegExp {
  const escaped = glob.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}

function invalidError(message: string, allowed: string): UsageError {
  return new UsageError(message, { code: 'RUN_FILTER_INVALID', remedy: `Give ${allowed}.` });
}
