import { RemoteError } from '@pixelis/core';
import { inBatches, LIMITS, type MetricPoint, pointIdentity } from './entities';
import type { MlflowApi } from './mlflow-api';

/** How {@link logMetrics} begins. */
export interface LogMetricsOptions {
  /** Whether some of the points may be on the server already, from an earlier attempt that was cut off. */
  isUnclear: boolean;
}

/** How often a batch is sent before its run is given up. */
const ATTEMPTS = 6;

/** Room for the run's id and the braces around a batch. */
const ENVELOPE_BYTES = 1000;

/**
 * Sends points so that each is stored once. MLflow adds a point that it is sent again, so a batch whose fate is unknown
 * (no answer, or an error in the middle) is not repeated before the histories of its metrics have been read back.
 *
 * @throws {RemoteError} If the server refuses the points or stays out of reach; what was stored stays.
 */
export async function logMetrics(
  api: MlflowApi,
  target: { runId: string; points: readonly MetricPoint[] },
  { isUnclear }: LogMetricsOptions,
): Promise<void> {
  const { runId } = target;
  const points = isUnclear ? await missingPoints(api, target) : target.points;
  const limits = { count: LIMITS.metricsPerBatch, bytes: LIMITS.batchBytes - ENVELOPE_BYTES };
  for (const batch of inBatches(points, limits)) await sendOnce(api, runId, batch);
}

async function sendOnce(api: MlflowApi, runId: string, batch: MetricPoint[]): Promise<void> {
  let points: readonly MetricPoint[] = batch;
  for (let attempt = 1; points.length > 0; attempt++) {
    try {
      await api.logMetrics(runId, points);
      return;
    } catch (error) {
      if (!isUnclearFailure(error) || attempt >= ATTEMPTS) throw error;
      await api.http.pause(attempt);
      points = await missingPoints(api, { runId, points });
    }
  }
}

/** The points that the server does not have; each once. */
async function missingPoints(
  api: MlflowApi,
  { runId, points }: { runId: string; points: readonly MetricPoint[] },
): Promise<MetricPoint[]> {
  const byKey = new Map<string, MetricPoint[]>();
  for (const point of points) {
    const ofKey = byKey.get(point.key);
    if (ofKey === undefined) byKey.set(point.key, [point]);
    else ofKey.push(point);
  }
  const missing = new Set<MetricPoint>();
  for (const [key, ofKey] of byKey) {
    const present = new Set<string>();
    for await (const point of api.history(runId, key)) present.add(pointIdentity(point));
    for (const point of ofKey) {
      if (present.has(pointIdentity(point))) continue;
      present.add(pointIdentity(point));
      missing.add(point);
    }
  }
  return points.filter((point) => missing.has(point));
}

/** Whether the server may have done what was asked. */
export function isUnclearFailure(error: unknown): boolean {
  return (
    error instanceof RemoteError &&
    (error.code === 'REMOTE_UNREACHABLE' || error.code === 'REMOTE_FAILED')
  );
}
