import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, type JsonValue } from '@pixelis/core';
import { z } from 'zod';
import type { RunEvent } from './event';
import { MANIFEST_FILE } from './manifest';
import { readManifestLeniently } from './read-manifest';
import { readRunState } from './run-state';

/** What the state or the manifest of a run says that its audit trail says too. */
interface Claims {
  /** Of the event `created`. */
  created: Readonly<Record<string, JsonValue>>;
  /** Of the event `completed`; null for a run that is not complete. */
  results: Readonly<Record<string, JsonValue>> | null;
}

const claimingManifestSchema = z.object({
  run_id: z.string(),
  run_uuid: z.string(),
  results: z.record(z.string(), z.json()),
});

/**
 * Where a run's audit trail contradicts its state or its manifest: which run was created, and what it came to. So a
 * manifest whose results were changed is found, unless the trail was forged with it.
 */
export function contradictions(directory: string, events: readonly RunEvent[]): string[] {
  const claims = readClaims(directory);
  const [created] = events;
  if (created === undefined) return ['line 1: missing'];
  if (created.type !== 'created') return [`line 1: it is ${created.type}, not created`];
  const faults = Object.entries(claims.created)
    .filter(([key, value]) => created.data[key] !== value)
    .map(([key]) => `line 1: its ${key} is not the run's`);
  if (claims.results === null) return faults;
  const completed = events.at(-1);
  const said = completed?.type === 'completed' ? (completed.data['results'] ?? null) : null;
  return canonicalJson(said) === canonicalJson(claims.results)
    ? faults
    : [...faults, `line ${events.length}: its results are not those of the manifest`];
}

/** What cannot be read claims nothing; that it cannot be read is found elsewhere. */
function readClaims(directory: string): Claims {
  try {
    if (!existsSync(join(directory, MANIFEST_FILE)))
      return { created: openClaims(directory), results: null };
    const manifest = readManifestLeniently(directory);
    const { run_id, run_uuid, results } = claimingManifestSchema.parse(manifest);
    const measured = Object.entries(results).filter(([key]) => key !== 'weights_sha256');
    return { created: { run_id, run_uuid }, results: Object.fromEntries(measured) };
  } catch {
    return { created: {}, results: null };
  }
}

function openClaims(directory: string): Claims['created'] {
  const state = readRunState(directory);
  if (state === null) return {};
  const { run_id, run_uuid, config_fingerprint } = state;
  return { run_id, run_uuid, config_fingerprint };
}
