import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IntegrityError } from '@pixelis/core';
import { z } from 'zod';
import { requireText } from './check-argument';

/** A line of `metrics.jsonl`: `step` and the values recorded for it. */
export type MetricsLine = Readonly<Record<string, number>>;

const lineSchema = z.record(z.string(), z.number());

/**
 * The metrics that a run has recorded so far, in order. A run that is still held must be flushed before.
 *
 * @throws {IntegrityError} `METRICS_BROKEN` if a line is damaged; the message names it.
 */
export function readMetrics(runDirectory: string): MetricsLine[] {
  requireText(runDirectory, { action: 'read metrics', name: 'runDirectory' });
  const path = join(runDirectory, 'metrics.jsonl');
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line, index) => {
    try {
      return lineSchema.parse(JSON.parse(line));
    } catch (cause) {
      throw new IntegrityError(`Line ${index + 1} of ${path} is damaged`, {
        code: 'METRICS_BROKEN',
        remedy: 'restore the file from a copy, or train again with --new',
        cause,
      });
    }
  });
}
