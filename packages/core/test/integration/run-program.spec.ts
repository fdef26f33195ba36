import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

async function run(args: string[], env: Record<string, string> = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [join(__dirname, 'program.cjs'), ...args], {
    env: { ...process.env, DEBUG: '', ...env },
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

describe('runProgram', () => {
  it.each([
    ['done', 0],
    ['number', 5],
  ])('ends a program that is %s with %d, in silence', async (ending, code) => {
    expect(await run([ending])).toEqual({ code, stdout: '', stderr: '' });
  });

  it.each([
    ['usage', 2, 'error: seed is -1   and odd [31m\nremedy: give one from 0\n'],
    ['several', 2, 'error: seed is -1; no key "x"\nremedy: see --help\n'],
    ['nested', 4, 'error: file a is damaged\nremedy: fetch it again\n'],
    [
      'signal',
      143,
      'error: interrupted by SIGTERM: run a stands at step 3\nremedy: use --run-id a\n',
    ],
    ['hanging', 2, 'error: wrong\nremedy: mend it\n'],
  ])('says in two lines why a program failed: %s', async (ending, code, stderr) => {
    expect(await run([ending])).toEqual({ code, stdout: '', stderr });
  });

  it.each([
    ['unwritable', /^error: cannot open none.such.file: no such file or folder\nremedy: .+\n$/],
    ['full', /^error: cannot write out\/x: no space is left.*\nremedy: free some space.*\n$/],
  ])('explains an error of the system that nobody explained: %s', async (ending, stderr) => {
    const outcome = await run([ending]);
    expect(outcome).toMatchObject({ code: 4, stdout: '' });
    expect(outcome.stderr).toMatch(stderr);
  });

  it.each([
    ['defect', 'unexpected TypeError: Cannot read properties of undefined'],
    ['text', 'unexpected a text'],
    ['stray', 'unexpected Error: nobody awaits this'],
    ['strays', 'unexpected Error: first'],
    ['unfinished', 'unexpected Error: end'],
  ])('calls everything else a defect: %s', async (ending, message) => {
    const outcome = await run([ending]);
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    const [error, remedy, ...rest] = outcome.stderr.split('\n');
    expect(error).toContain(`error: ${message}`);
    expect(remedy).toMatch(/^remedy: .*DEBUG=1/);
    expect(rest).toEqual(['']);
  });

  it('adds the stack trace, causes included, when DEBUG is set', async () => {
    const { code, stderr } = await run(['nested'], { DEBUG: '1' });
    expect(code).toBe(4);
    expect(stderr).toMatch(/^error: file a is damaged\nremedy: fetch it again\n/);
    expect(stderr).toMatch(/\n {4}at .*program\.cjs/);
    expect(stderr).toContain('Error: below');
  });

  it('prints the failure as one JSON object on stdout if asked', async () => {
    const outcome = await run(['usage', '--json']);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr.split('\n')).toHaveLength(3);
    expect(outcome.stdout.endsWith('}\n')).toBe(true);
    expect(JSON.parse(outcome.stdout)).toEqual({
      error: {
        code: 'SEED',
        message: 'seed is -1   and odd [31m',
        remedy: 'give one from 0',
        exit_code: 2,
      },
    });
  });

  if (existsSync('/dev/full')) {
    it('explains a full disk behind stdout', async () => {
      const full = openSync('/dev/full', 'w');
      const program = join(__dirname, 'program.cjs');
      const child = spawn(process.execPath, [program, 'chatty'], {
        stdio: ['ignore', full, 'pipe'],
      });
      closeSync(full);
      const [errors, [code]] = await Promise.all([
        text(child.stderr ?? Readable.from([])),
        once(child, 'close') as Promise<[number | null]>,
      ]);
      expect(code).toBe(4);
      expect(errors).toMatch(/^error: cannot write .*: no space is left.*\nremedy: .+\n$/);
    });
  }

  it('ends in silence when the reader of stdout goes away', async () => {
    const child = spawn(process.execPath, [join(__dirname, 'program.cjs'), 'chatty']);
    const errors = text(child.stderr);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = (await once(child, 'exit')) as [number | null];
    expect({ code, errors: await errors }).toEqual({ code: 0, errors: '' });
  });
});
