import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const PROGRAM = join(__dirname, 'rank-program.cjs');
const LAUNCHER = join(__dirname, 'launch-program.cjs');
const BUILDER = join(__dirname, '../../dist/build-mpi.js');

const cache = mkdtempSync(join(tmpdir(), 'pixelis-mpi-'));

interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('the MPI binding', () => {
  beforeAll(async () => {
    const { code, stdout, stderr } = await run([BUILDER]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^built against .*MPI.*\n.*mpi_binding\.node\n$/);
  });

  afterAll(() => rmSync(cache, { recursive: true }));

  it('gives the same bits of a sum on 1, 2, 3, 4 and 7 processes', async () => {
    const { stdout: alone } = await run([PROGRAM, 'sum']);
    expect(alone).toMatch(/^[0-9a-f]{64}\n$/);

    for (const count of [2, 3, 4, 7]) {
      const { code, stdout } = await run([LAUNCHER, String(count), 'sum']);
      expect({ count, code, stdout }).toEqual({ count, code: 0, stdout: alone.repeat(count) });
    }
  });

  it('numbers the processes', async () => {
    const { stdout } = await run([LAUNCHER, '3', 'numbers']);

    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([0, 1, 2].map((rank) => ({ rank, size: 3, localRank: rank, isRoot: rank === 0 })));
  });

  it('gives the exit code of rank 0, and prints nothing of its own', async () => {
    expect(await run([LAUNCHER, '2', 'end with 5'])).toEqual({ code: 5, stdout: '', stderr: '' });
  });

  it.each([
    ['is killed', 'lose one', /^RANK_LOST: One of 3 processes was lost: mpirun ended with 137/m],
    ['ends without the others', 'leave one', /^$/],
  ])('ends all processes where one %s', async (_, deed, message) => {
    const { code, stderr } = await run([LAUNCHER, '3', deed]);

    expect(code).toBe(3);
    expect(stderr).toMatch(message);
  });

  it('says so where mpirun cannot start them', async () => {
    const { code, stderr } = await run([LAUNCHER, '2', 'numbers'], { OMPI_MCA_plm: 'nothing' });

    expect(stderr).toMatch(/^LAUNCH_FAILED: mpirun ended before it had started 2 processes$/m);
    expect(code).toBe(3);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('passes %s to rank 0, which ends in order', async (signal, code) => {
    const { child, ending } = start([LAUNCHER, '2', 'wait for a signal']);
    await said(child, /^ready/m);
    child.kill(signal);

    expect(await ending).toMatchObject({
      code,
      stdout: expect.stringMatching(new RegExp(`got ${signal}\n$`)) as string,
      stderr: '',
    });
  });

  it('ends the processes where the one that started them is killed', async () => {
    const { child, ending } = start([LAUNCHER, '2', 'wait for a signal']);
    const [, pid] = await said(child, /^ready (\d+)/m);
    child.kill('SIGKILL');

    expect(await ending).toMatchObject({
      code: null,
      stdout: expect.stringMatching(/got SIGTERM\n$/) as string,
    });
    while (isAlive(Number(pid))) await delay(20);
  });

  it('refuses a rank that there is not, and ends in order', async () => {
    const { code, stdout } = await run([LAUNCHER, '2', 'misuse']);

    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/MPI_Isend: .*rank/i) as string,
    });
  });

  it('says so where the starter does not speak to this MPI', async () => {
    const { code, stderr } = await run([PROGRAM, 'sum'], {
      SLURM_PROCID: '1',
      SLURM_STEP_NUM_TASKS: '2',
      SLURM_LOCALID: '1',
    });

    expect(stderr).toMatch(/^WORLD_MISMATCH .*rank 1 of 2, but MPI sees rank 0 of 1$/m);
    expect(code).toBe(3);
  });
});

// Helpers

function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { readonly child: ChildProcess; readonly ending: Promise<Ending> } {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env, PIXELIS_CACHE: cache, DEBUG: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 120_000,
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ending = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...output }));
  });
  return { child, ending };
}

function run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ending> {
  return start(args, env).ending;
}

/** Waits until a program has said something on stdout. */
async function said(child: ChildProcess, text: RegExp): Promise<RegExpExecArray> {
  let heard = '';
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (more: string) => {
      heard += more;
      const match = text.exec(heard);
      if (match !== null) resolve(match);
    });
    child.once('close', () => reject(new Error(`It ended without saying ${text}: ${heard}`)));
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
