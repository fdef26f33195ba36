import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBinding } from '@pixelis/distributed';

const PROGRAM = join(__dirname, 'rank-program.cjs');

/** What rank-program.cjs is told. */
interface Wishes {
  readonly processes: number;
  readonly backend?: string;
  readonly steps?: number;
  readonly shards?: number;
  /** Where it saves a snapshot after each step. */
  readonly file?: string;
  /** The step in which the last rank is killed, unless the training goes on from a snapshot. */
  readonly dieAt?: number;
}

interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const SUCCESS = {
  code: 0,
  stdout: expect.stringMatching(/^[0-9a-f]{64}\n$/) as string,
  stderr: '',
};

describe('a training that processes share over MPI', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pixelis-ranks-'));

  beforeAll(() => buildBinding());

  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(['wasm', 'reference', 'cpu'])(
    'ends with the same bits on 1, 2, 3 and 4 processes, on %s',
    (backend) => {
      const alone = train({ processes: 0, backend });
      expect(alone).toEqual(SUCCESS);

      for (const processes of [2, 3, 4]) expect(train({ processes, backend })).toEqual(alone);
    },
  );

  it('ends where a process is killed, and goes on to the same bits on any number of them', () => {
    const file = join(folder, 'snapshot');
    const whole = train({ processes: 0, steps: 6 });

    expect(train({ processes: 3, steps: 6, file, dieAt: 3 })).toEqual({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/^RANK_LOST: One of 3 processes was lost/) as string,
    });
    expect(existsSync(file)).toBe(true);
    expect(train({ processes: 2, steps: 6, file, dieAt: 3 })).toEqual({
      ...whole,
      stdout: whole.stdout.replace('\n', ' resumed\n'),
    });
  });

  it('refuses more processes than shards', () => {
    const { code, stderr } = train({ processes: 4, shards: 3 });

    expect(stderr).toMatch(/^SHARDS_TOO_FEW: 4 processes cannot share 3 shards/);
    expect(code).toBe(2);
  });

  it('refuses another number of processes than were started', () => {
    const { code, stderr } = train({ processes: 3 }, { PMI_RANK: '0', PMI_SIZE: '2' });

    expect(stderr).toMatch(/^WORLD_OF_ANOTHER_SIZE: hardware\.num_gpus is 3, but .* 2 processes/);
    expect(code).toBe(2);
  });

  it.each([
    ['MPI', { PATH: '' }, /^MPI_MISSING: /],
    ['the binding', { PIXELIS_CACHE: join(folder, 'empty') }, /^MPI_BINDING_MISSING: /],
  ])('says so where %s is missing', (_, env, message) => {
    const { code, stderr } = train({ processes: 2 }, env);

    expect(stderr).toMatch(message);
    expect(code).toBe(3);
  });
});

// Helpers

function train(
  { backend = 'wasm', steps = 3, shards = 5, ...wishes }: Wishes,
  env: Readonly<Record<string, string>> = {},
): Ending {
  const args = [PROGRAM, JSON.stringify({ backend, steps, shards, ...wishes })];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    env: { ...process.env, DEBUG: '', ...env },
    encoding: 'utf8',
    timeout: 120_000,
  });
  return { code: status, stdout, stderr };
}
