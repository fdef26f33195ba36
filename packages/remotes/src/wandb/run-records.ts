import type { JsonValue } from '@pixelis/core';
import { stepClock } from '../sync/run-points';
import type { RunSnapshot } from '../sync/run-snapshot';
import type { WandbItems, WandbRecord } from './wandb-record';

/** Of which version of W&B a reader must be at least. */
const MIN_CONSUMER = '0.40.0';

/** The id of a run in W&B: its UUID without hyphens, so that the same run has the same id everywhere. */
export function wandbRunId({ runUuid }: Pick<RunSnapshot, 'runUuid'>): string {
  return runUuid.replaceAll('-', '');
}

/** The records of a run in the order of W&B's own files; equal runs give equal records. */
export function* runRecords(run: RunSnapshot, project: string): Generator<WandbRecord> {
  const git = run.manifest?.git ?? null;
  yield { type: 'header', producer: 'pixelis', minConsumer: MIN_CONSUMER };
  yield {
    type: 'run',
    runId: wandbRunId(run),
    project,
    displayName: run.runId,
    tags: Object.entries(run.tags).map(([key, value]) => `${key}:${value}`),
    startedAt: run.startedAt,
    git: git === null ? null : { remote: git.remote ?? '', commit: git.commit ?? '' },
  };
  yield { type: 'config', items: configItems(run) };
  for (const { step, items } of historyOf(run)) yield { type: 'history', step, items };
  yield* statsOf(run);
  yield { type: 'summary', items: summaryOf(run) };
  if (run.status === 'RUNNING') return;
  yield { type: 'exit', exitCode: run.status === 'COMPLETED' ? 0 : 1, runtimeS: runtimeOf(run) };
  yield { type: 'final' };
  yield { type: 'footer' };
}

/** The keys of the configuration, and under `pixelis` where the run comes from. */
export function configItems(run: RunSnapshot): WandbItems {
  const { config } = run;
  const own: WandbItems = isObject(config) ? config : { config };
  const { dataset = null, seed = null } = run.manifest ?? {};
  const { runId, runUuid, tags } = run;
  return {
    ...own,
    pixelis: { run_id: runId, run_uuid: runUuid, seed, tags, dataset },
  };
}

/** The last value of every metric, the final metrics and the time that the run took. */
export function summaryOf(run: RunSnapshot): WandbItems {
  const summary: Record<string, JsonValue> = {};
  for (const { items } of historyOf(run)) Object.assign(summary, items);
  Object.assign(summary, prefixed('results/', run.results));
  const runtime = runtimeOf(run);
  return { ...summary, _runtime: runtime, _wandb: { runtime } };
}

/** W&B has one record a step, so what was recorded of a step in several lines and files is joined. */
function historyOf(run: RunSnapshot): { step: number; items: WandbItems }[] {
  const timeOf = stepClock(run);
  const bySteps = new Map<number, Record<string, number>>();
  const add = (step: number, values: Record<string, number>): void => {
    bySteps.set(step, { ...bySteps.get(step), ...values });
  };
  for (const { step = 0, ...values } of run.series.metrics) add(step, values);
  for (const { step = 0, ...values } of run.series.timings) add(step, prefixed('timings/', values));
  return [...bySteps]
    .sort(([a], [b]) => a - b)
    .map(([step, values]) => {
      const time = timeOf(step);
      const clock = {
        _step: step,
        _timestamp: time / 1000,
        _runtime: (time - run.startedAt) / 1000,
      };
      return { step, items: { ...clock, ...values } };
    });
}

function* statsOf(run: RunSnapshot): Generator<WandbRecord> {
  for (const { time_s = 0, ...values } of run.series.hardware) {
    const named = Object.entries(values).map(([key, value]) => [statsKey(key), value] as const);
    const items = Object.fromEntries(named);
    yield { type: 'stats', time: run.startedAt + Math.round(time_s * 1000), items };
  }
}

/** W&B's own name of a measurement where it has one, so that its charts of the system show it. */
function statsKey(key: string): string {
  if (key === 'cpu_percent') return 'cpu';
  return key.replace(/^gpu_percent\/(\d+)$/, 'gpu.$1.gpu');
}

function prefixed(
  prefix: string,
  values: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [`${prefix}${key}`, value]),
  );
}

/** Whole seconds from the start to the end, or to the last step of a run that has not ended. */
function runtimeOf(run: RunSnapshot): number {
  const lastStep = run.series.metrics.at(-1)?.['step'] ?? 0;
  return Math.round(((run.endedAt ?? stepClock(run)(lastStep)) - run.startedAt) / 1000);
}

function isObject(value: JsonValue): value is Readonly<Record<string, JsonValue>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
