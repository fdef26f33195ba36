import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { commandEntries } from '../../src/commands';
import { pixelis } from '../support/programs';
import { recordRuns } from '../support/record-runs';
import { runPixelis } from '../support/run-pixelis';
import { useTemporaryFolder } from '../support/temporary-folder';

const temporaryFolder = useTemporaryFolder();
const cwd = temporaryFolder();
const BIN = join(__dirname, '../../bin/pixelis.js');

beforeAll(async () => {
  await recordRuns(cwd);
});

describe('the program pixelis', () => {
  it.each([
    [['runs', 'list'], 0],
    [['runs', 'show', 'nope'], 2],
    [['artifacts', 'put', 'x', 'missing'], 4],
    [['sync', 'a-train', '--to', 'mlflow:http://127.0.0.1:9'], 6],
  ])('%j ends with %i', async (args, code) => {
    const ending = await pixelis(args, { cwd });
    expect(ending.code).toBe(code);
    if (code > 0) expect(ending.stderr).toMatch(/(?:^|\n)error: .+\nremedy: .+\n$/);
  });

  it('gives an error as JSON where that is asked for', async () => {
    const { code, stdout, stderr } = await pixelis(['runs', 'show', 'nope', '--json'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: .+\nremedy: .+\n$/);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'RUN_UNKNOWN',
        message: 'There is no run "nope" in out',
        remedy: expect.any(String) as string,
        exit_code: 2,
      },
    });
  });

  it('fits a terminal, without steering it', () => {
    if (!hasPty()) return;
    const { status, stdout } = spawnSync(
      'python3',
      ['-c', PTY, process.execPath, BIN, 'artifacts', 'verify'],
      { cwd, encoding: 'utf8', timeout: 50_000, env: { ...process.env, TERM: 'xterm' } },
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/intact: \d+ contents/);
  });
});

describe('pixelis without a command', () => {
  it.each([[[]], [['help']], [['--help']]])('%j lists every command', async (args) => {
    const { code, stdout, stderr } = await runPixelis(args, { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: pixelis COMMAND \[OPTION\]\.\.\.$/m);
    for (const { name, summary } of commandEntries)
      expect(stdout).toMatch(new RegExp(`^  ${name} +${summary.slice(0, 20)}`, 'm'));
  });

  it.each([[['runs']], [['runs', '--help']], [['help', 'runs']]])('%j lists those of the topic', async (args) => {
    const { code, stdout } = await runPixelis(args, { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: pixelis runs COMMAND/);
    expect(stdout).toMatch(/^ {2}runs list /m);
    expect(stdout).not.toContain('artifacts list');
  }); // prettier-ignore

  it('fits a terminal of 80 columns', async () => {
    const { stdout } = await runPixelis([], { cwd, columns: 80 });
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
  });
});

describe('pixelis COMMAND --help', () => {
  it.each(commandEntries.map(({ name }) => name))('%s', async (name) => {
    const words = name.split(' ');
    const { code, stdout } = await runPixelis([...words, '--help'], { cwd, columns: 80 });
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: pixelis ${name} `));
    for (const option of ['--out DIR', '--json', '--help']) expect(stdout).toContain(option);
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(await runPixelis(['help', ...words], { cwd, columns: 80 })).toMatchObject({ stdout });
  });
});

describe('--out, --json and --help', () => {
  it('may stand before, between and behind the words of a command', async () => {
    const elsewhere = temporaryFolder();
    const out = join(cwd, 'out');
    const expected = await runPixelis(['runs', 'list', '--json', '--out', out], { cwd: elsewhere });
    expect(expected.code).toBe(0);
    for (const args of [
      ['--out', out, '--json', 'runs', 'list'],
      ['runs', '--json', '--out', out, 'list'],
      [`--out=${out}`, 'runs', '--json', 'list'],
    ])
      expect(await runPixelis(args, { cwd: elsewhere })).toEqual(expected);
  });
});

// Helpers

/** Python makes a terminal wherever it runs on a system that has them. */
const PTY = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';

function hasPty(): boolean {
  return spawnSync('python3', ['-c', 'import pty, os; os.waitstatus_to_exitcode']).status === 0;
}
