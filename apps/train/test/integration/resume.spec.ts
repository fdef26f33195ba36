import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listRuns } from '@pixelis/artifacts';
import { useTemporaryFolder } from '../support/temporary-folder';
import {
  type Ending,
  type RunningTrain,
  runsOf,
  startTrain,
  tiny,
  train,
} from '../support/train-program';
import { checkpoint, expectWhole, filesOf } from '../support/whole-run';

const temporaryFolder = useTemporaryFolder();
const ARGS = argsOf({ testExamples: 4 });

/** When to stop a run, and how many questions it ends with, since that must take long enough. */
const MOMENTS: {
  name: string;
  testExamples: number;
  hasCome: (program: RunningTrain, run: () => string) => boolean;
}[] = [
  {
    name: 'before its first checkpoint',
    testExamples: 4,
    hasCome: (program) => program.stderr().includes('run '),
  },
  {
    name: 'after its first checkpoint',
    testExamples: 4,
    hasCome: (_, run) => existsSync(join(run(), checkpoint(3))),
  },
  {
    name: 'between checkpoints, later',
    testExamples: 4,
    hasCome: (_, run) => existsSync(join(run(), checkpoint(9))),
  },
  {
    name: 'while it measures on test',
    testExamples: 600,
    hasCome: (program) => program.stderr().includes('measuring on test'),
  },
];

let reference: Record<string, Buffer>;

beforeAll(async () => {
  const cwd = temporaryFolder();
  const { code } = await train([...ARGS, '--run-id', 'whole'], { cwd });
  expect(code).toBe(0);
  reference = filesOf(join(cwd, 'out'), 'whole');
});

describe('train sft after kill -9', () => {
  it.each(MOMENTS)('$name resumes by itself, to the same bits', async (moment) => {
    const args = argsOf(moment);
    const cwd = temporaryFolder();
    const out = join(cwd, 'out');
    const program = startTrain(args, { cwd });
    expect(await program.until(() => moment.hasCome(program, () => runFolder(out)))).toBe(true);
    program.child.kill('SIGKILL');
    await program.ending;
    const [runId] = runsOf(out);
    expect(existsSync(join(out, 'latest'))).toBe(false);
    expect(listRuns(out)).toMatchObject([{ runId, status: 'FAILED' }]);

    const resumed = await train(args, { cwd });

    expect(resumed).toMatchObject({ code: 0 });
    expect(resumed.stderr).toMatch(new RegExp(`run ${runId!}: resumed after step \\d+`));
    await expectWhole(out, { runId: runId!, reference });
  });

  it('twice in one run, still comes to the same bits', async () => {
    const cwd = temporaryFolder();
    const out = join(cwd, 'out');
    for (const step of [3, 9]) {
      const program = startTrain([...ARGS, '--run-id', 'twice'], { cwd });
      await program.until(() => existsSync(join(out, 'runs', 'twice', checkpoint(step))));
      program.child.kill('SIGKILL');
      expect(await program.ending).toMatchObject({ code: null });
    }

    expect(await train([...ARGS, '--run-id', 'twice'], { cwd })).toMatchObject({ code: 0 });
    await expectWhole(out, { runId: 'twice', reference });
  });

  it('starts afresh with --new, and with another configuration', async () => {
    const cwd = temporaryFolder();
    const out = join(cwd, 'out');
    await killedRun(cwd, 'killed');

    const [again, other] = [
      await train([...ARGS, '--new'], { cwd }),
      await train([...ARGS, '--seed', '7', '--run-id', 'other'], { cwd }),
    ];

    expect([again.code, other.code]).toEqual([0, 0]);
    expect(runsOf(out)).toHaveLength(3);
    const refused = await train([...ARGS, '--seed', '7', '--run-id', 'killed'], { cwd });
    expectRefusal(refused, /begun with another configuration/);
  });

  it('refuses to go on from a damaged checkpoint', async () => {
    const cwd = temporaryFolder();
    const out = join(cwd, 'out');
    await killedRun(cwd, 'killed');
    const folder = join(out, 'runs', 'killed', 'checkpoints');
    const newest = readdirSync(folder)
      .filter((name) => name.endsWith('.safetensors'))
      .sort()
      .at(-1)!;
    const path = join(folder, newest);
    const bytes = readFileSync(path);
    bytes[bytes.length - 3] = bytes.at(-3)! ^ 1;
    writeFileSync(path, bytes);

    const ending = await train([...ARGS, '--run-id', 'killed'], { cwd });

    expect(ending.code).toBe(5);
    expect(lastLines(ending)).toEqual([
      expect.stringMatching(new RegExp(`^error: Checkpoint .*${newest}.* is damaged`)) as string,
      expect.stringMatching(/^remedy: delete this file/) as string,
    ]);

    rmSync(path);
    expect(await train([...ARGS, '--run-id', 'killed'], { cwd })).toMatchObject({ code: 0 });
    await expectWhole(out, { runId: 'killed', reference });
  });
});

describe('train sft', () => {
  it('refuses a run that another process holds, which goes on', async () => {
    const cwd = temporaryFolder();
    const args = ['sft', ...tiny({ 'training.steps': '5000' }), '--run-id', 'held'];
    const first = startTrain(args, { cwd });
    await first.until(() => existsSync(join(cwd, 'out', 'runs', 'held', checkpoint(3))));

    expectRefusal(await train(args, { cwd }), /Run held is held by/);

    const alive = first.stderr().length;
    expect(await first.until(() => first.stderr().length > alive)).toBe(true);
    first.child.kill('SIGKILL');
    await first.ending;
  });
});

// Windows has no such signals: a process that is sent one is ended at once.
if (process.platform !== 'win32') {
  describe.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('train sft on %s', (signal, exitCode) => {
    it('keeps the run at its last step, and says how to go on', async () => {
      const cwd = temporaryFolder();
      const out = join(cwd, 'out');
      const program = startTrain([...ARGS, '--run-id', 'stopped', '--json'], { cwd });
      await program.until(() => existsSync(join(out, 'runs', 'stopped', checkpoint(3))));
      program.child.kill(signal);
      const ending = await program.ending;

      expect(ending).toMatchObject({ code: exitCode, signal: null });
      expect(lastLines(ending)).toEqual([
        expect.stringMatching(/^error: .*run stopped is kept at step \d+/) as string,
        expect.stringMatching(/^remedy: .*--run-id stopped/) as string,
      ]);
      expect(JSON.parse(ending.stdout)).toMatchObject({ error: { exit_code: exitCode } });
      const step = Number(/kept at step (\d+)/.exec(ending.stderr)![1]);
      expect(existsSync(join(out, 'runs', 'stopped', checkpoint(step)))).toBe(true);
      expect(listRuns(out)).toMatchObject([{ runId: 'stopped', status: 'FAILED', isHeld: false }]);

      const resumed = await train([...ARGS, '--run-id', 'stopped'], { cwd });
      expect(resumed.code).toBe(0);
      expect(resumed.stderr).toContain(`resumed after step ${step}`);
      await expectWhole(out, { runId: 'stopped', reference });
    });

    it('leaves nothing where the run has not begun', async () => {
      const cwd = temporaryFolder();
      const program = startTrain(ARGS, { cwd });
      program.child.kill(signal);

      expect((await program.ending).code).not.toBe(0);
      expect(runsOf(join(cwd, 'out'))).toEqual([]);
    });
  });

  describe('train sft on a disk that takes no more', () => {
    it('ends with 4, keeps its state and can go on', async () => {
      const cwd = temporaryFolder();
      const out = join(cwd, 'out');
      // A limit on the size of a file, in blocks of 512 bytes: the first checkpoint does not fit.
      const wrapper = ['sh', '-c', 'ulimit -f 48; exec "$@"', 'sh'];
      const ending = await train([...ARGS, '--run-id', 'full'], { cwd, wrapper });

      expect(ending).toMatchObject({ code: 4, signal: null });
      expect(lastLines(ending)).toEqual([
        expect.stringMatching(/^error: .*step-00000003.*larger than the system allows/) as string,
        expect.stringMatching(/^remedy: free some space/) as string,
      ]);
      expect(listRuns(out)).toMatchObject([{ status: 'FAILED', error: { code: 'DISK_FULL' } }]);
      expect(await train(ARGS, { cwd })).toMatchObject({ code: 0 });
      await expectWhole(out, { runId: 'full', reference });
    });

    it('leaves no run that it could not begin', async () => {
      const cwd = temporaryFolder();
      const wrapper = ['sh', '-c', 'ulimit -f 2; exec "$@"', 'sh'];
      const ending = await train(ARGS, { cwd, wrapper });

      expect(ending).toMatchObject({ code: 4, stdout: '' });
      expect(ending.stderr).toMatch(/^error: .*\nremedy: .*\n$/);
      expect(runsOf(join(cwd, 'out'))).toEqual([]);
    });
  });
}

// Helpers

function argsOf({ testExamples }: { testExamples: number }): string[] {
  const changes = { 'training.steps': '20', 'training.test_examples': String(testExamples) };
  return ['sft', ...tiny(changes)];
}

function runFolder(out: string): string {
  return join(out, 'runs', runsOf(out)[0] ?? 'none');
}

async function killedRun(cwd: string, runId: string): Promise<void> {
  const program = startTrain([...ARGS, '--run-id', runId], { cwd });
  await program.until(() => existsSync(join(cwd, 'out', 'runs', runId, checkpoint(3))));
  program.child.kill('SIGKILL');
  await program.ending;
}

function expectRefusal(ending: Ending, says: RegExp): void {
  expect(ending).toMatchObject({ code: 2, stdout: '' });
  expect(ending.stderr).toMatch(/^error: .*\nremedy: .*\n$/);
  expect(ending.stderr).toMatch(says);
}

function lastLines({ stderr }: Ending): string[] {
  return stderr.trimEnd().split('\n').slice(-2);
}
