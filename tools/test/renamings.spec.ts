import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WORKSPACE_ROOT } from '../src/workspace';
import { TINY_RUN } from './mistakes/world';

const PRELOAD = join(__dirname, 'renamings-preload.cjs');

let cwd = '';
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'pixelis-renamings-'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** Each program with what makes it do little; in an order in which the ones find what the others left. */
const PROGRAMS = [
  ['train', ['sft', '--run-id', 'r', ...TINY_RUN], 'runs/r'],
  ['evaluate', ['--run-id', 'e'], 'runs/e'],
  ['sweep', ['--grid', 'training.steps=1,2', '--write-only', '--tag', 's'], 'sweeps/s'],
] as const;

describe.each(PROGRAMS)('%s with an option and a key that were renamed', (app, words, folder) => {
  it('takes the old names for the present ones, with one warning each', () => {
    writeFileSync(join(cwd, 'old.yaml'), 'training: {lr: 0.5}\n');
    const ending = run(app, [...words, '--config', 'old.yaml', '--random-seed', '7']);
    expect(ending).toMatchObject({ status: 0 });
    for (const warning of [
      '--random-seed is now --seed; --random-seed goes in 99.0.0',
      'training.lr is now training.learning_rate; training.lr goes in 99.0.0',
    ])
      expect(ending.stderr.split(warning)).toHaveLength(2);
    const file = app === 'sweep' ? '0001.json' : 'config_resolved.json';
    const text = readFileSync(join(cwd, 'out', folder, file), 'utf8');
    expect(text).toMatch(/"learning_rate": ?0\.5\b/);
    expect(text).toMatch(/"seed": ?7\b/);
    expect(text).not.toMatch(/"lr"/);
  });

  it('warns beside a configuration that it only prints', () => {
    const print = ['--print-config', '--json', '--random-seed', '7'];
    const { status, stdout, stderr } = run(app, [...(app === 'train' ? ['sft'] : []), ...print]);
    expect(status).toBe(0);
    expect(stderr).toContain('--random-seed is now --seed; --random-seed goes in 99.0.0');
    expect(stdout).toMatch(/"seed": ?7\b/);
  });

  it('refuses both names at once with exit code 2, and writes nothing', () => {
    const before = readdirSync(cwd, { recursive: true });
    for (const argv of [
      ['--random-seed', '7', '--seed', '7'],
      ['training.lr=0.5', 'training.learning_rate=0.5'],
    ]) {
      const { status, stderr } = run(app, [...(app === 'train' ? ['sft'] : []), ...argv]);
      expect(status).toBe(2);
      expect(stderr).toMatch(/\berror: .* are the same: /);
      expect(readdirSync(cwd, { recursive: true })).toEqual(before);
    }
  });

  it('takes nothing by an old name that was to be gone by now', () => {
    const { stderr } = run(app, ['--help']);
    const [, list = ''] = /^renamings: (.*)$/m.exec(stderr) ?? [];
    const renamings = JSON.parse(list) as { removedIn: string }[];
    const text = readFileSync(join(WORKSPACE_ROOT, 'apps', app, 'package.json'), 'utf8');
    const { version } = JSON.parse(text) as { version: string };
    expect(renamings.filter(({ removedIn }) => !isBefore(version, removedIn))).toEqual([]);
  });
});

// Helpers

function run(app: string, args: readonly string[]) {
  const main = join(WORKSPACE_ROOT, 'apps', app, 'dist/main.js');
  return spawnSync(process.execPath, ['--require', PRELOAD, main, ...args], {
    cwd,
    encoding: 'utf8',
    timeout: 50_000,
  });
}

function isBefore(version: string, other: string): boolean {
  return version.localeCompare(other, 'en', { numeric: true }) < 0;
}
