import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isRecord } from './check-argument';
import { ifPresent } from './disk';
import { MANIFEST_FILE } from './manifest';
import { CRASH } from './run-error';
import { isRunHeld } from './run-lock';
import { readRunState } from './run-state';

/** How a run stands. One that is not complete and whose process is gone counts as failed, whatever it last said itself. */
export type RunStatus = 'RUNNING' | 'COMPLETED' | 'FAILED';

/** A run as it stands on the disk. */
export interface RunSummary {
  runId: string;
  directory: string;
  status: RunStatus;
  /** Whether a process that may be alive has it open. */
  isHeld: boolean;
  /** RFC 3339, UTC; null for a complete run whose manifest cannot be read. */
  createdAt: string | null;
  /** See `resumeFingerprint`; null for a complete run. */
  configFingerprint: string | null;
  /** Why it failed; null otherwise. */
  error: { code: string; message: string } | null;
}

/** Options of {@link summariseRun}. */
export interface SummariseRunOptions {
  /** False if no lock lay beside the run just now: only a run that says that it runs is then looked at again. @default true */
  isLocked?: boolean;
}

/** The beginning of a manifest as Pixelis writes it: no braces up to the time, so that it is the run's own. */
const CREATED_AT = /^\{\s*"manifest_version": 1,[^{}]{0,400}?"created_at": "([^"]*)"/;
const timeSchema = z.iso.datetime();

/**
 * What is known of one run; null if its folder holds none. Changes nothing.
 *
 * @throws {IntegrityError} `RUN_STATE_BROKEN` if its state is damaged.
 */
export function summariseRun(
  { runs, runId }: { runs: string; runId: string },
  options: SummariseRunOptions = {},
): RunSummary | null {
  const { isLocked = true } = options;
  const directory = join(runs, runId);
  const run = { runId, directory };
  const manifest = ifPresent(() => readFileSync(join(directory, MANIFEST_FILE), 'utf8'));
  if (manifest !== null) {
    const isHeld = isLocked && isRunHeld(runs, runId);
    const createdAt = createdAtOf(manifest);
    return { ...run, status: 'COMPLETED', isHeld, createdAt, configFingerprint: null, error: null };
  }
  const state = readRunState(directory);
  if (state === null || state.run_id !== runId) return null;
  const isHeld = (isLocked || state.status === 'RUNNING') && isRunHeld(runs, runId);
  const isCrashed = state.status === 'RUNNING' && !isHeld;
  const error = isCrashed ? CRASH : state.error;
  return {
    ...run,
    status: isCrashed ? 'FAILED' : state.status,
    isHeld,
    createdAt: state.created_at,
    configFingerprint: state.config_fingerprint,
    error: error === null ? null : { code: error.code, message: error.message },
  };
}

function createdAtOf(manifest: string): string | null {
  const text = CREATED_AT.exec(manifest)?.[1] ?? createdAtWithin(manifest);
  return timeSchema.safeParse(text).data ?? null;
}

function createdAtWithin(manifest: string): unknown {
  try {
    const value: unknown = JSON.parse(manifest);
    return isRecord(value) ? value['created_at'] : undefined;
  } catch {
    return undefined;
  }
}
