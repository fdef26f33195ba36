import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WORKSPACE_ROOT } from '../../src/workspace';

const PYTHON = join(process.env['PIXELIS_SERVICES'] ?? '', 'standards', 'bin', 'python');
const WORKFLOWS = join(WORKSPACE_ROOT, '.github', 'workflows');
const SCHEMA = ['--builtin-schema', 'vendor.github-workflows'];

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pixelis-workflow-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

describe("GitHub's own schema of a workflow, by check-jsonschema of PyPI", () => {
  it('accepts every workflow of this repository', () => {
    const files = readdirSync(WORKFLOWS).map((name) => join(WORKFLOWS, name));
    expect(files.length).toBeGreaterThan(0);
    expect(check(files)).toMatchObject({ status: 0, stderr: '' });
  });

  it.each([
    ['without a machine to run on', /^ +runs-on: .*\n/m, ''],
    ['with a step of neither kind', '- run: npm ci', '- runs: npm ci'],
    ['with a time limit that is no number', /timeout-minutes: \d+/, 'timeout-minutes: long'],
  ])('refuses one %s', (_, search, by) => {
    const text = readFileSync(join(WORKFLOWS, 'ci.yml'), 'utf8');
    const file = join(folder, 'ci.yml');
    writeFileSync(file, text.replace(search, by));
    expect(check([file]).status).toBe(1);
  });
});

// Helpers

function check(files: readonly string[]): { status: number | null; stderr: string } {
  const words = ['-m', 'check_jsonschema', ...SCHEMA, ...files];
  return spawnSync(PYTHON, words, { encoding: 'utf8' });
}
