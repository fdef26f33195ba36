import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IntegrityError } from '@pixelis/core';
import { ifPresent } from './disk';
import { MANIFEST_FILE, manifestSchema } from './manifest';
import { isRunId } from './run-id';
import { isRunHeld } from './run-lock';
import { readRunState } from './run-state';

/** A run as it stands on the disk. */
export interface RunSummary {
  runId: string;
  directory: string;
  /** A run that is not complete and whose process is gone counts as failed, whatever it last said itself. */
  status: 'RUNNING' | 'COMPLETED' | 'FAILED';
  /** Whether a process that may be alive has it open. */
  isHeld: boolean;
  /** RFC 3339, UTC; null for a complete run whose manifest cannot be read. */
  createdAt: string | null;
  /** See `resumeFingerprint`; null for a complete run. */
  configFingerprint: string | null;
  /** Why it failed; null otherwise. */
  error: { code: string; message: string } | null;
}

/** The folder that holds the runs of an output folder. */
export function runsDirectory(root: string): string {
  return join(root, 'runs');
}

/**
 * The runs of an output folder, newest first. Changes nothing. A folder that is no run, or whose state is damaged, is
 * left out.
 *
 * @param root The output folder, such as `out`; without a `runs` folder in it there are no runs.
 */
export function listRuns(root: string): RunSummary[] {
  const runs = runsDirectory(root);
  const entries = ifPresent(() => readdirSync(runs, { withFileTypes: true })) ?? [];
  return entries
    .filter((entry) => entry.isDirectory() && isRunId(entry.name))
    .flatMap((entry) => summariseIfIntact(runs, entry.name) ?? [])
    .sort((a, b) => (ageKey(a) < ageKey(b) ? 1 : -1));
}

/**
 * What is known of one run; null if its folder holds none.
 *
 * @throws {IntegrityError} `RUN_STATE_BROKEN` if its state is damaged.
 */
export function summariseRun(runs: string, runId: string): RunSummary | null {
  const directory = join(runs, runId);
  const isHeld = isRunHeld(runs, runId);
  const run = { runId, directory, isHeld };
  const manifest = ifPresent(() => readFileSync(join(directory, MANIFEST_FILE), 'utf8'));
  if (manifest !== null) {
    const createdAt = createdAtOf(manifest);
    return { ...run, status: 'COMPLETED', createdAt, configFingerprint: null, error: null };
  }
  const state = readRunState(directory);
  if (state === null || state.run_id !== runId) return null;
  const isCrashed = state.status === 'RUNNING' && !isHeld;
  return {
    ...run,
    status: isCrashed ? 'FAILED' : state.status,
    createdAt: state.created_at,
    configFingerprint: state.config_fingerprint,
    error: isCrashed ? { code: 'RUN_CRASHED', message: 'its process is gone' } : state.error,
  };
}

function summariseIfIntact(runs: string, runId: string): RunSummary | null {
  try {
    return summariseRun(runs, runId);
  } catch (error) {
    if (error instanceof IntegrityError) return null;
    throw error;
  }
}

function createdAtOf(manifest: string): string | null {
  try {
    return manifestSchema.pick({ created_at: true }).loose().parse(JSON.parse(manifest)).created_at;
  } catch {
    return null;
  }
}

function ageKey(run: RunSummary): string {
  return `${run.createdAt ?? ''} ${run.runId}`;
}
