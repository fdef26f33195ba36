import type { JsonValue } from '@pixelis/core';
import type { RunSeries, RunSnapshot } from './run-snapshot';

/** A recorded value with the time at which it was most likely recorded, in milliseconds since 1970. */
export interface RunPoint {
  readonly key: string;
  readonly value: number;
  readonly step: number;
  readonly timestamp: number;
}

/**
 * All that a run has measured: `metrics.jsonl` under its own keys, `timings.jsonl` under `timings/`, `hardware.jsonl` under
 * `system/` (its step is the number of the sample) and the final metrics of a complete run under `results/`.
 *
 * Metrics are recorded without a clock. The time of a step is the run's start and the `step_ms` of all steps up to it; where
 * there is none, that of the step before.
 */
export function runPoints(run: RunSnapshot): RunPoint[] {
  const { metrics, timings, hardware } = run.series;
  const timeOf = stepClock(run);
  const lastStep = Math.max(0, ...[metrics, timings].map((lines) => lines.at(-1)?.['step'] ?? 0));
  return [
    ...pointsOf(metrics, '', timeOf),
    ...pointsOf(timings, 'timings/', timeOf),
    ...hardware.flatMap(({ time_s = 0, ...values }, sample) => {
      const timestamp = run.startedAt + Math.round(time_s * 1000);
      return Object.entries(values).map(([key, value]) => {
        return { key: `system/${key}`, value, step: sample, timestamp };
      });
    }),
    ...Object.entries(run.results).map(([key, value]) => {
      const timestamp = run.endedAt ?? run.startedAt;
      return { key: `results/${key}`, value, step: lastStep, timestamp };
    }),
  ];
}

/** The time of each step, in milliseconds since 1970. */
export function stepClock(run: {
  startedAt: number;
  series: Pick<RunSeries, 'timings'>;
}): (step: number) => number {
  const times: { step: number; time: number }[] = [];
  let elapsedMs = 0;
  for (const { step = 0, step_ms } of run.series.timings) {
    if (step_ms === undefined) continue;
    elapsedMs += step_ms;
    times.push({ step, time: run.startedAt + Math.round(elapsedMs) });
  }
  times.sort((a, b) => a.step - b.step);
  return (step) => times[lastUpTo(times, step)]?.time ?? run.startedAt;
}

function pointsOf(
  lines: RunSeries['metrics'],
  prefix: string,
  timeOf: (step: number) => number,
): RunPoint[] {
  return lines.flatMap(({ step = 0, ...values }) => {
    const timestamp = timeOf(step);
    return Object.entries(values).map(([key, value]) => {
      return { key: `${prefix}${key}`, value, step, timestamp };
    });
  });
}

/** Index of the last entry whose step is at most `step`; -1 if there is none. */
function lastUpTo(times: readonly { step: number }[], step: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle]?.step ?? Infinity) <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * The leaves of a configuration by their dotted paths: a string as it is, anything else as JSON. An empty object or list is a
 * leaf, and so is a list of scalars.
 */
export function flattenConfig(config: JsonValue): Record<string, string> {
  const leaves: [string, string][] = [];
  collectLeaves(config, '', leaves);
  return Object.fromEntries(leaves);
}

function collectLeaves(value: JsonValue, path: string, leaves: [string, string][]): void {
  const isContainer = value !== null && typeof value === 'object';
  const members = isContainer ? Object.entries(value) : [];
  const isScalarList = Array.isArray(value) && members.every(([, item]) => isScalar(item));
  if (members.length === 0 || isScalarList) {
    leaves.push([path === '' ? 'config' : path, textOf(value)]);
    return;
  }
  for (const [key, item] of members) {
    collectLeaves(item, path === '' ? key : `${path}.${key}`, leaves);
  }
}

function isScalar(value: JsonValue): boolean {
  return value === null || typeof value !== 'object';
}

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
