import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { sweepManifestJsonSchema, sweepManifestSchema } from './sweep-manifest';

const FILE = join(__dirname, '../../../../schema/sweep-manifest.v1.json');

const MANIFEST = {
  manifest_version: 1,
  tag: 'lr',
  sweep_uuid: '01919d3e-9a3b-7c00-8a4e-6f1d2b3c4d5e',
  created_at: '2026-01-02T03:04:05.678Z',
  status: 'COMPLETED',
  mode: 'sft',
  seed: 42,
  search: {
    strategy: 'grid',
    trials: null,
    generation_size: 4,
    metric: 'loss/val',
    direction: 'min',
    space: { 'training.seed': { values: [1] } },
    halving: null,
  },
  fingerprint: 'a'.repeat(64),
  counts: { completed: 1, stopped: 0, failed: 0 },
  best: 1,
  trials: [
    {
      trial: 1,
      config_path: '0001.json',
      run_id: 'lr-0001',
      parameters: { 'training.seed': 1 },
      state: 'COMPLETED',
      value: 0.5,
      steps: 4,
      results: { weights_sha256: 'b'.repeat(64), 'accuracy/hard': 0.25 },
      rungs: [],
      error: null,
    },
  ],
  report_path: 'report.md',
  figures: ['figures/importance.svg'],
  files: { '0001.json': { sha256: 'c'.repeat(64), bytes: 3 } },
};

describe('sweepManifestJsonSchema()', () => {
  it('sweepManifestJsonSchema() is what schema/sweep-manifest.v1.json holds; UPDATE_SCHEMA=1 rewrites the file', () => {
    const text = `${JSON.stringify(sweepManifestJsonSchema(), null, 2)}\n`;
    if (process.env['UPDATE_SCHEMA'] === '1') writeFileSync(FILE, text);
    expect(readFileSync(FILE, 'utf8').replaceAll('\r\n', '\n')).toBe(text);
  });

  it('sweepManifestJsonSchema() takes and refuses what sweepManifestSchema does', () => {
    const published = z.fromJSONSchema(sweepManifestJsonSchema());
    const [trial] = MANIFEST.trials;
    const variants = [
      [MANIFEST, true],
      [{ ...MANIFEST, best: null }, true],
      [{ ...MANIFEST, trials: [{ ...trial, config_path: null }] }, true],
      [{ ...MANIFEST, trials: [] }, false],
      [{ ...MANIFEST, trials: [{ ...trial, state: 'LOST' }] }, false],
      [{ ...MANIFEST, files: { '../x': { sha256: 'c'.repeat(64), bytes: 3 } } }, false],
      [{ ...MANIFEST, files: { '/x': { sha256: 'c'.repeat(64), bytes: 3 } } }, false],
      [{ ...MANIFEST, manifest_version: 2 }, false],
      [{ ...MANIFEST, more: 1 }, false],
    ] as const;
    for (const [value, isValid] of variants) {
      expect(sweepManifestSchema.safeParse(value).success).toBe(isValid);
      expect(published.safeParse(value).success).toBe(isValid);
    }
  });
});
