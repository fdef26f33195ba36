import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestJsonSchema } from './manifest';

const SCHEMA_PATH = join(__dirname, '..', '..', '..', '..', 'schema', 'manifest.v1.json');

describe('manifestJsonSchema', () => {
  it('manifestJsonSchema() is what schema/manifest.v1.json holds; UPDATE_SCHEMA=1 writes it', () => {
    const text = `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`;
    if (process.env['UPDATE_SCHEMA'] === '1') writeFileSync(SCHEMA_PATH, text);
    expect(readFileSync(SCHEMA_PATH, 'utf8')).toBe(text);
  });

  it('manifestJsonSchema() requires every field of the contract and allows no other', () => {
    const schema = manifestJsonSchema();
    expect(schema['additionalProperties']).toBe(false);
    expect(schema['required']).toEqual([
      'manifest_version', 'run_id', 'run_uuid', 'created_at', 'status', 'seed', 'git', 'node', 'tfjs',
      'tensorflow', 'cuda', 'backend', 'env_lock', 'dataset', 'encoder', 'transforms', 'checkpoints',
      'config_path', 'config_resolved_path', 'artifacts', 'files', 'events', 'results',
    ]); // prettier-ignore
  });
});
