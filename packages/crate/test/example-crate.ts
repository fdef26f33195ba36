import { type JsonValue, sha256 } from '@pixelis/core';
import { treeDigest } from '../src/crate-index';
import type { RawMember } from './raw-zip';

export const RUN_UUID = '01890a5d-ac96-774b-bcce-b302099a8057';
const WEIGHTS = 'weights';

/** The entry of an artifact with one file, but for what is overridden. */
export function artifactJson(overrides: Readonly<Record<string, JsonValue>> = {}): JsonValue {
  const files = [{ path: 'a.bin', sha256: sha256(WEIGHTS), bytes: WEIGHTS.length }];
  return {
    name: 'tokens',
    version: '1.0.0',
    digest: treeDigest(files),
    type: 'other',
    created_at: '2026-01-01T00:00:00.000Z',
    description: null,
    metadata: {},
    producer: null,
    parents: [],
    is_external: true,
    aliases: ['latest'],
    files,
    ...overrides,
  };
}

/** The content of {@link artifactJson}. */
export function contentMember(): RawMember {
  return { name: `contents/${sha256(WEIGHTS)}`, data: WEIGHTS };
}

/** The entry of a run that failed, but for what is overridden. */
export function runJson(overrides: Readonly<Record<string, JsonValue>> = {}): JsonValue {
  return {
    run_id: 'failed',
    run_uuid: RUN_UUID,
    has_folder: true,
    left_out: [],
    job: null,
    name: null,
    status: null,
    error: null,
    started_at: null,
    ended_at: null,
    used: [],
    produced: [],
    ...overrides,
  };
}

/** The files of {@link runJson}. */
export function runMembers(): RawMember[] {
  const state = {
    run_version: 1,
    run_id: 'failed',
    run_uuid: RUN_UUID,
    created_at: '2026-01-01T00:00:00.000Z',
    config_fingerprint: sha256('config'),
    status: 'FAILED',
    error: { code: 'INTERRUPTED', message: 'by hand' },
  };
  return [
    { name: 'runs/failed/run.json', data: JSON.stringify(state) },
    { name: 'runs/failed/figures/loss.svg', data: '<svg/>' },
  ];
}
