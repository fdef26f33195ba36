import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ifPresent, onDisk } from './disk';
import { scanEvents } from './event-chain';
import type { RunSummary } from './run-summary';

/** What the audit trail of a run tells of its life. */
export interface RunHistory {
  runUuid: string | null;
  /** When the run ended or, if its process just vanished, was last heard of; null while it runs. */
  endedAt: string | null;
  /** Seconds from the creation to the end, pauses between resumptions included; null while it runs. */
  durationS: number | null;
  /** How often it was resumed. */
  resumedCount: number;
}

/** Reads as much of the audit trail as is intact. */
export function readHistory({ directory, status, createdAt }: RunSummary): RunHistory {
  const path = join(directory, 'events.jsonl');
  const bytes = onDisk(path, () => ifPresent(() => readFileSync(path)));
  const events = bytes === null ? [] : scanEvents(bytes).events;
  const uuid = events[0]?.data['run_uuid'];
  const endedAt = status === 'RUNNING' ? null : (events.at(-1)?.time ?? null);
  const durationMs = Date.parse(endedAt ?? '') - Date.parse(createdAt ?? '');
  return {
    runUuid: typeof uuid === 'string' ? uuid : null,
    endedAt,
    durationS: Number.isNaN(durationMs) ? null : durationMs / 1000,
    resumedCount: events.filter(({ type }) => type === 'resumed').length,
  };
}
