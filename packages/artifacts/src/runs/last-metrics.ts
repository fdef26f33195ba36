import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord } from './check-argument';
import { ifPresent } from './disk';

/** How much of the end of `metrics.jsonl` is looked at: some hundreds of steps. */
const TAIL_BYTES = 64 * 1024;

/** A value as it was recorded last. */
export interface LastMetric {
  step: number;
  value: number;
}

/** The last value of every metric that stands in the last 64 KiB of `metrics.jsonl`, by its key. Changes nothing. */
export function readLastMetrics(directory: string): Record<string, LastMetric> {
  const last = new Map<string, LastMetric>();
  for (const line of readTail(directory).split('\n').reverse()) {
    const { step, ...values } = parseLine(line) ?? {};
    if (typeof step !== 'number') continue;
    for (const [key, value] of Object.entries(values))
      if (typeof value === 'number' && !last.has(key)) last.set(key, { step, value });
  }
  return Object.fromEntries([...last].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The last value of one metric, as {@link readLastMetrics} finds it, without reading the other lines. */
export function readLastMetric(directory: string, key: string): number | undefined {
  const tail = readTail(directory);
  const name = `${JSON.stringify(key)}:`;
  for (let end = tail.lastIndexOf('\n'); end >= 0;) {
    const at = tail.lastIndexOf(name, end);
    if (at < 0) return undefined;
    const start = tail.lastIndexOf('\n', at);
    const values = parseLine(tail.slice(start + 1, tail.indexOf('\n', at))) ?? {};
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    if (typeof value === 'number') return value;
    // What was found is the end of another key, such as `\"":` for the empty one.
    end = start;
  }
  return undefined;
}

function readTail(directory: string): string {
  const path = join(directory, 'metrics.jsonl');
  const descriptor = ifPresent(() => openSync(path, 'r'));
  if (descriptor === null) return '';
  try {
    const { size } = fstatSync(descriptor);
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const bytesRead = readSync(descriptor, tail, 0, tail.length, size - tail.length);
    return tail.toString('utf8', 0, bytesRead);
  } finally {
    closeSync(descriptor);
  }
}

/** Null for what is no whole line: the first of the tail, and one that is being written. */
function parseLine(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}
