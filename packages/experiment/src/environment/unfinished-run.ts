import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listRuns, MANIFEST_FILE, resumeFingerprint } from '@pixelis/artifacts';
import type { JsonValue } from '@pixelis/core';

/** Which run is asked for, see `openRun`. */
export interface RunRequest {
  readonly root: string;
  readonly config: JsonValue;
  readonly runId: string | undefined;
  readonly isNew: boolean;
}

/** The id of the run that `openRun` would resume now; null if it would begin one. Changes nothing. */
export function unfinishedRun({ root, config, runId, isNew }: RunRequest): string | null {
  const runs = join(root, 'runs');
  if (isNew || !existsSync(runs)) return null;
  if (runId !== undefined) return stateOf(join(runs, runId)) === '' ? null : runId;
  const fingerprint = resumeFingerprint(config);
  // To list all runs takes long where there are thousands, and mostly none is like this one.
  const isAny = readdirSync(runs).some((id) => stateOf(join(runs, id)).includes(fingerprint));
  if (!isAny) return null;
  const found = listRuns(root).find(
    ({ configFingerprint, isHeld }) => configFingerprint === fingerprint && !isHeld,
  );
  return found?.runId ?? null;
}

/** The state of a run that is not complete; empty where there is none. */
function stateOf(directory: string): string {
  if (existsSync(join(directory, MANIFEST_FILE))) return '';
  try {
    return readFileSync(join(directory, 'run.json'), 'utf8');
  } catch {
    return '';
  }
}
