import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { completeExample } from '../../test/example-run';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { isJsonObject, isJsonValue, type JsonObject } from './json-object';
import { scanManifest } from './read-manifest';

const temporaryFolder = useTemporaryFolder();
let manifest: JsonObject;

beforeAll(async () => {
  const root = temporaryFolder();
  await completeExample(root, 'a');
  const value: unknown = JSON.parse(readFileSync(join(root, 'runs', 'a', 'manifest.json'), 'utf8'));
  if (!isJsonValue(value) || !isJsonObject(value)) throw new Error('Expected an object');
  manifest = value;
});

const HASH = 'a'.repeat(64);

describe('scanManifest()', () => {
  it.each([
    ['manifest_version', '1', 'manifest_version: is "1": must be 1'],
    ['status', 'DONE', 'status: is "DONE": must be "COMPLETED"'],
    ['status', undefined, 'status: is missing: must be "COMPLETED"'],
    ['seed', -1, 'seed: is -1: must be >= 0'],
    ['seed', 1.5, 'seed: is 1.5: must be an integer'],
    ['node', null, 'node: is null: must be text'],
    ['node', ['20'], 'node: is a list: must be text'],
    ['run_id', '../x', 'run_id: is "../x": must be 1 to 100 letters, digits, "_", "." or "-", a letter or digit first'],
    ['run_uuid', 'x', 'run_uuid: is "x": must be a UUID of version 7'],
    ['created_at', 'today', 'created_at: is "today": must be a moment in UTC, such as 2026-01-02T03:04:05.678Z'],
    ['speed', 1, 'speed: is no field that a manifest has'],
    ['git', { commit: null, is_dirty: 'no', remote: null }, 'git.is_dirty: is "no": must be true or false'],
    ['checkpoints', ['/x'], 'checkpoints[0]: is "/x": must be a relative path with forward slashes and without ".."'],
    ['files', { '../x': { sha256: HASH, bytes: 1 } }, 'files["../x"]: is no name that may stand here: must be a relative path with forward slashes and without ".."'],
    ['files', { 'a/b.json': { sha256: HASH } }, 'files["a/b.json"].bytes: is missing: must be a number'],
    ['files', { x: { sha256: 'z', bytes: 1 } }, 'files.x.sha256: is "z": must be a SHA-256 in 64 lower-case hexadecimal digits'],
    ['node', 'x'.repeat(200), undefined],
    ['seed', 'x'.repeat(200), `seed: is "${'x'.repeat(59)}…: must be a number`],
  ])('scanManifest() says what %s=%j should be', (field, value, line) => {
    const found = scanManifest(JSON.stringify({ ...manifest, [field]: value }), 'manifest.json');
    const lines = Array.isArray(found) ? found.map(({ path, message }) => `${path}: ${message}`) : [];
    expect(lines).toEqual(line === undefined ? [] : [line]);
    expect(lines.join()).not.toContain('Invalid');
  });
}); // prettier-ignore
