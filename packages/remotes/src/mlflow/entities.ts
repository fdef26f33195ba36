import { sha256 } from '@pixelis/core';

/** A value of a metric at a step; `timestamp` in milliseconds since 1970. */
export interface MetricPoint {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

/** A parameter or a tag. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** What MLflow's servers take; longer or more is refused as a whole request. */
export const LIMITS = {
  keyLength: 250,
  paramValueLength: 6000,
  /** 8000 from version 3 on, 5000 before. */
  tagValueLength: 5000,
  experimentNameLength: 500,
  datasetNameLength: 500,
  datasetDigestLength: 36,
  datasetSourceLength: 65_535,
  inputTagLength: 500,
  metricsPerBatch: 1000,
  paramsPerBatch: 100,
  tagsPerBatch: 100,
  batchBytes: 1_000_000,
} as const;

/**
 * A key that MLflow takes: letters, digits, `_`, `-`, `.`, space and `/`, at most 250 characters, and a path that is its own
 * normal form. A key that must be changed gets eight digits of its own hash, so that two keys never become one.
 */
export function mlflowKey(key: string): string {
  const segments = key.replace(/[^\w.\- /]/g, '_').split('/');
  const path = segments
    .filter((segment) => segment !== '')
    .map((segment) => segment.replace(/^\.{1,2}$/, (dots) => '_'.repeat(dots.length)))
    .join('/');
  if (path === key && key !== '' && key.length <= LIMITS.keyLength) return key;
  return `${path.slice(0, LIMITS.keyLength - 9)}-${sha256(key).slice(0, 8)}`;
}

/** A text of at most `length` characters; one that is cut says so, with eight digits of its hash. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = `… [cut; sha256 ${sha256(text).slice(0, 8)}]`;
  const start = text.slice(0, length - end.length);
  return (start.isWellFormed() ? start : start.slice(0, -1)) + end;
}

/** A number as protobuf's JSON has it: what JSON cannot hold is a string. */
export function metricValue(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** What makes a point the same point, whatever clock it was given: MLflow stores infinities as the largest finite number. */
export function pointIdentity(point: Pick<MetricPoint, 'step' | 'value'>): string {
  const { step, value } = point;
  const clamped = Number.isNaN(value)
    ? value
    : Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value));
  return `${step} ${clamped === 0 ? 0 : clamped}`;
}

/** How much a batch may hold. */
export interface BatchLimits {
  count: number;
  bytes: number;
}

/**
 * Cuts items into batches, each with at most `count` items and `bytes` bytes of JSON, and gives each at least one: an item
 * that is too large by itself is for the server to refuse.
 */
export function* inBatches<T>(items: readonly T[], limits: BatchLimits): Generator<T[]> {
  let batch: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (batch.length > 0 && (batch.length >= limits.count || bytes + size > limits.bytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
