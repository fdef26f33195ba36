import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FakeSlurm } from '../../../test/support/fake-slurm';
import { useTemporaryFolder } from '../../../test/support/temporary-folder';
import type { TrialTask } from '../launcher';
import { createSlurmLauncher, type SlurmLauncherOptions, type SlurmTiming } from './slurm-launcher';

const TIMING: SlurmTiming = {
  ...{ tickMs: 10, queueMs: 10, slowestQueueMs: 20 },
  ...{ diskMs: 50, controllerMs: 300, stopMs: 300 },
};
const DONE = { exitCode: 0, signal: null };
const STOPPED = { exitCode: 143, signal: null };
const UNREACHABLE = {
  exitCode: 1,
  stderr: 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n',
};
const FULL = {
  exitCode: 1,
  stderr:
    "sbatch: error: AssocMaxSubmitJobLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)\n",
};
const always = (answer: typeof FULL) => Array.from({ length: 1000 }, () => answer);

const newFolder = useTemporaryFolder();
const environment = { ...process.env };
let folder: string;
let slurm: FakeSlurm;
let abort: AbortController;
let started: number[];
let ended: [number, unknown][];
let notices: string[];

function onUnix(subject: string, tests: () => void): void {
  if (process.platform !== 'win32') describe(subject, tests);
}

beforeEach(() => {
  folder = newFolder();
  slurm = new FakeSlurm(newFolder());
  Object.assign(process.env, slurm.environment);
  abort = new AbortController();
  [started, ended, notices] = [[], [], []];
});
afterEach(() => Object.assign(process.env, environment));

describe('createSlurmLauncher()', () => {
  it.each([{ jobs: 0 }, { jobs: 1.5 }, { notifySeconds: 0 }])(
    'createSlurmLauncher() throws for %j',
    (options) => {
      expect(() => createSlurmLauncher({ directory: folder, ...options })).toThrow(RangeError);
    },
  );

  it('createSlurmLauncher() refuses an option that it sets itself before anything is submitted', () => {
    expect(() => createSlurmLauncher({ directory: folder, options: { array: '1-3' } })).toThrow(
      'array',
    );
  });
});

onUnix('run() of a Slurm launcher', () => {
  it('submits one array, in which an index is the number of its trial', async () => {
    const launched = launch([2, 3, 5], { options: { time: '30' }, notifySeconds: 90 });
    await submitted(3);
    for (const trial of [2, 3, 5]) end(trial, DONE);
    await launched;

    expect(slurm.calls('sbatch')).toEqual([
      [
        '--parsable',
        expect.stringMatching(/^--job-name=pixelis-.*-[0-9a-f]{8}$/),
        '--array=2-3,5',
        '--requeue',
        '--signal=B:USR1@90',
        expect.stringMatching(/^--output=.*\/%a\.log$/),
        '--open-mode=append',
        '--time=30',
        expect.stringMatching(/run-trial\.sh$/),
      ],
    ]);
    expect(ended.map(([trial]) => trial).sort()).toEqual([2, 3, 5]);
    expect(left()).toEqual([]);
  });

  it('cuts what is too large for one array', async () => {
    const launched = launch([8, 9, 10, 11]);
    await submitted(4);
    for (const index of [8, 9, 0, 1]) slurm.change(index, null);
    for (const trial of [8, 9, 10, 11]) writeEnd(trial, DONE);
    await launched;

    expect(arrays()).toEqual(['8-9', '0-1']);
    expect(ended).toHaveLength(4);
  });

  it('submits one array after the other where only so many trials may run at once', async () => {
    const launched = launch([8, 9, 10], { jobs: 2 });
    await submitted(2);
    end(8, DONE);
    await until(() => ended.length === 1);
    expect(arrays()).toEqual(['8-9%2']);
    end(9, DONE);
    await submitted(1);
    slurm.change(0, null);
    writeEnd(10, DONE);
    await launched;

    expect(arrays()).toEqual(['8-9%2', '0%2']);
  });

  it('submits fewer at a time where Slurm takes no more, and the rest as room is made', async () => {
    slurm.answer({ sbatch: [FULL, FULL] });
    const launched = launch([1, 2, 3, 4]);
    await submitted(4);
    for (const trial of [1, 2, 3, 4]) end(trial, DONE);
    await launched;

    expect(arrays()).toEqual(['1-4', '1-2', '1', '2', '3', '4']);
  });

  it('waits for room where Slurm takes not even one, until it is aborted', async () => {
    slurm.answer({ sbatch: always(FULL) });
    const launched = launch([1, 2]);
    await until(() => notices.length > 0);
    abort.abort();
    await launched;

    expect(notices).toEqual([expect.stringContaining('takes no more jobs')]);
    expect(arrays()).toEqual(['1-2', '1']);
    expect(started).toEqual([]);
    expect(left()).toEqual([]);
  });

  it('says that a trial has started once it runs, and believes its end before its job has gone', async () => {
    const launched = launch([1]);
    await submitted(1);
    expect(started).toEqual([]);
    slurm.change(1, { state: 'RUNNING' });
    await until(() => started.length === 1);
    writeEnd(1, { exitCode: 4, signal: null });
    await launched;

    expect(ended).toEqual([[1, { exitCode: 4, signal: null }]]);
    expect(slurm.queue).toHaveLength(1);
  });

  it('waits for a trial that was interrupted as long as its task is in the queue', async () => {
    const launched = launch([1]);
    await submitted(1);
    slurm.change(1, { state: 'RUNNING' });
    await until(() => started.length === 1);
    writeEnd(1, STOPPED);
    slurm.change(1, { state: 'PENDING', reason: 'BeginTime' });
    await until(() => notices.includes('trial 1 is back in the queue'));
    expect(ended).toEqual([]);
    end(1, DONE);
    await launched;

    expect({ started, ended }).toEqual({ started: [1], ended: [[1, DONE]] });
  });

  it('submits a trial again that could not put itself back into the queue', async () => {
    const launched = launch([1]);
    await submitted(1);
    const [name = ''] = left();
    writeFileSync(join(folder, 'launcher', 'slurm', name, '1.json.again'), '');
    end(1, STOPPED);
    await until(() => slurm.calls('sbatch').length === 2);
    await submitted(1);
    end(1, DONE);
    await launched;

    expect(ended).toEqual([[1, DONE]]);
  });

  it('tells of a trial that vanished, and what Slurm says of it', async () => {
    const launched = launch([1]);
    await submitted(1);
    const [name = ''] = left();
    writeFileSync(join(folder, 'launcher', 'slurm', name, '1.log'), 'first\nDUE TO NODE FAILURE\n');
    slurm.change(1, null);
    await launched;

    expect({ started, ended }).toEqual({ started: [1], ended: [[1, null]] });
    expect(notices.at(-1)).toBe('trial 1 was lost; Slurm says: DUE TO NODE FAILURE');
  });

  it('takes a task for gone that has come to its end but is still shown', async () => {
    const launched = launch([1]);
    await submitted(1);
    slurm.change(1, { state: 'TIMEOUT' });
    await launched;

    expect(ended).toEqual([[1, null]]);
  });

  it('tells once why a trial waits where that is not ordinary', async () => {
    const launched = launch([1, 2]);
    await submitted(2);
    for (const index of [1, 2])
      slurm.change(index, { reason: 'ReqNodeNotAvail, UnavailableNodes:a|b' });
    await until(() => notices.length > 1);
    for (const trial of [1, 2]) end(trial, DONE);
    await launched;

    expect(notices.slice(1)).toEqual(['job 100 waits: ReqNodeNotAvail, UnavailableNodes:a|b']);
  });

  it('waits for what an earlier launcher submitted, though it noted no job id, and submits the rest', async () => {
    const dead = new AbortController();
    void createSlurmLauncher(options()).run([task(1), task(2)], {
      ...hooks(),
      signal: dead.signal,
    });
    await submitted(2);
    const [name = ''] = left();
    // What a launcher leaves that is killed right after sbatch: here it is only forgotten.
    const before = slurm.calls('sbatch').length;
    const other = join(newFolder(), 'launcher');
    mkdirSync(join(other, 'slurm', name), { recursive: true });
    for (const trial of [1, 2]) {
      writeFileSync(join(other, 'slurm', name, `${trial}.json`), JSON.stringify(task(trial)));
    }
    slurm.change(2, null);
    const launched = launch([1, 2], { directory: other });
    await until(() => slurm.calls('sbatch').length === before + 1);
    expect(arrays().at(-1)).toBe('2');
    expect(readdirSync(join(other, 'slurm', name))).toEqual(['1.json']);
    for (const trial of [1, 2]) end(trial, DONE);
    await launched;

    expect(readdirSync(join(other, 'slurm'))).toEqual([]);
  });

  it('closes what an earlier launcher was about to submit, so that it does nothing should it come', async () => {
    const name = 'pixelis-x-00000000';
    mkdirSync(join(folder, 'launcher', 'slurm', name), { recursive: true });
    writeFileSync(join(folder, 'launcher', 'slurm', name, '1.json'), JSON.stringify(task(1)));
    const launched = launch([1]);
    await submitted(1);
    expect(left()).not.toContain(name);
    end(1, DONE);
    await launched;
  });

  it('submits anew what an earlier launcher was killed while writing', async () => {
    const task = join(folder, 'launcher', 'slurm', 'pixelis-s-00000001', '1.json');
    for (const text of ['', '{"trial": 1,', '\0\0']) {
      mkdirSync(dirname(task), { recursive: true });
      writeFileSync(task, text);
      const launched = launch([1]);
      await submitted(1);
      end(1, DONE);
      await launched;
      expect(left()).toEqual([]);
    }
  });

  it('forgets the end of an earlier attempt', async () => {
    writeEnd(1, { exitCode: 4, signal: null });
    const launched = launch([1]);
    await submitted(1);
    slurm.change(1, { state: 'RUNNING' });
    await until(() => started.length === 1);
    await looks(3);
    expect(ended).toEqual([]);
    end(1, DONE);
    await launched;

    expect(ended).toEqual([[1, DONE]]);
  });

  it('takes a job for submitted whose acceptance was lost on the way', async () => {
    slurm.answer({
      sbatch: [
        {
          exitCode: 1,
          stderr:
            'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation\n',
          does: true,
        },
      ],
    });
    const launched = launch([1]);
    await until(() => notices.length > 0);
    end(1, DONE);
    await launched;

    expect(arrays()).toEqual(['1']);
  });
});

onUnix('abort of a Slurm launcher', () => {
  it('takes back what waits, asks what runs to stop, and waits for it', async () => {
    const launched = launch([1, 2, 3]);
    await submitted(3);
    slurm.change(1, { state: 'RUNNING' });
    await until(() => started.length === 1);
    abort.abort();
    await until(() => slurm.calls('scancel').length >= 2 && slurm.queue.length === 1);
    end(1, STOPPED);
    await launched;

    expect({ started, ended }).toEqual({ started: [1], ended: [[1, STOPPED]] });
    expect(slurm.calls('scancel').filter((words) => words.includes('--batch'))).toEqual([
      ['--batch', '--signal=TERM', '--state=RUNNING', '100_1'],
    ]);
    expect(left()).toEqual([]);
  });

  it('asks again where Slurm could not pass it on, and ends by force what does not stop', async () => {
    const launched = launch([1]);
    await submitted(1);
    slurm.change(1, { state: 'RUNNING' });
    await until(() => started.length === 1);
    slurm.answer({
      scancel: [{ exitCode: 1, stderr: 'scancel: error: Job can not be altered now\n' }],
    });
    abort.abort();
    await until(() => slurm.calls('scancel').some((words) => words.join() === '100_1'));
    slurm.change(1, null);
    await launched;

    const asked = slurm.calls('scancel').filter((words) => words.includes('--batch'));
    expect(asked).toHaveLength(2);
    expect(ended).toEqual([[1, null]]);
  });

  it('starts nothing once it is aborted', async () => {
    abort.abort();
    await launch([1]);

    expect(slurm.calls('sbatch')).toEqual([]);
  });
});

onUnix('errors of a Slurm launcher', () => {
  it('says what sbatch refuses', async () => {
    slurm.answer({
      sbatch: [
        {
          exitCode: 1,
          stderr:
            'sbatch: error: invalid partition specified: nowhere\nsbatch: error: Batch job submission failed: Invalid partition name specified\n',
        },
      ],
    });

    await expect(launch([1])).rejects.toMatchObject({
      code: 'SLURM_REFUSED',
      exitCode: 2,
      message:
        'sbatch refuses: invalid partition specified: nowhere; Batch job submission failed: Invalid partition name specified',
    });
    expect(left()).toEqual([]);
  });

  it('says so where sbatch submits nothing', async () => {
    slurm.answer({ sbatch: [{ exitCode: 0, stderr: '' }] });

    await expect(launch([1])).rejects.toMatchObject({ code: 'SLURM_REFUSED' });
    expect(left()).toEqual([]);
  });

  it.each([
    UNREACHABLE.stderr,
    'sbatch: fatal: Could not establish a configuration source\n',
    'sbatch: error: Munge encode failed: Failed to access "/run/munge/munge.socket.2"\n',
  ])('says that the controller does not answer where sbatch says %j', async (stderr) => {
    slurm.answer({ sbatch: [{ exitCode: 1, stderr }] });

    await expect(launch([1])).rejects.toMatchObject({ code: 'SLURM_UNREACHABLE', exitCode: 6 });
  });

  it('says so where there is no Slurm', async () => {
    slurm.remove('sbatch', 'scontrol', 'squeue', 'scancel');
    process.env['PATH'] = join(folder, 'none');

    await expect(launch([1])).rejects.toMatchObject({
      code: 'SLURM_MISSING',
      exitCode: 3,
      message: 'there is no sbatch on this machine',
    });
    expect(left()).toEqual([]);
  });

  it('gives up where the controller stays away, and leaves the trials to be found again', async () => {
    const launched = launch([1]);
    await submitted(1);
    slurm.answer({ squeue: always(UNREACHABLE) });

    await expect(launched).rejects.toMatchObject({ code: 'SLURM_UNREACHABLE' });
    expect(notices.slice(1)).toEqual([expect.stringMatching(/; trials go on$/)]);
    expect(left()).toHaveLength(1);
  });

  it('goes on where the controller answers again', async () => {
    const launched = launch([1]);
    await submitted(1);
    slurm.answer({ squeue: [UNREACHABLE] });
    await until(() => notices.includes('the controller of Slurm answers again'));
    end(1, DONE);
    await launched;

    expect(ended).toEqual([[1, DONE]]);
  });
});

// Helpers

function options(): SlurmLauncherOptions {
  return {
    directory: join(folder, 'launcher'),
    timing: TIMING,
    onNotice: (line) => void notices.push(line),
  };
}

function hooks() {
  return {
    signal: abort.signal,
    onStart: (trial: number) => void started.push(trial),
    onEnd: (trial: number, end: unknown) => void ended.push([trial, end]),
  };
}

async function launch(
  trials: readonly number[],
  more: Partial<SlurmLauncherOptions> = {},
): Promise<void> {
  await createSlurmLauncher({ ...options(), ...more }).run(trials.map(task), hooks());
}

function task(trial: number): TrialTask {
  const path = (name: string) => join(folder, name);
  return {
    ...{ trial, argv: ['program.js'], workingDirectory: folder, logPath: path(`${trial}.log`) },
    ...{ endPath: path(`ends/${trial}.json`), lockPath: path(`${trial}.lock`) },
  };
}

function writeEnd(trial: number, { exitCode, signal }: { exitCode: number; signal: null }): void {
  const { endPath } = task(trial);
  mkdirSync(dirname(endPath), { recursive: true });
  writeFileSync(endPath, JSON.stringify({ exit_code: exitCode, signal }));
}

/** The task of a trial ends, and leaves the queue. */
function end(trial: number, how: { exitCode: number; signal: null }): void {
  writeEnd(trial, how);
  slurm.change(trial, null);
}

async function submitted(count: number): Promise<void> {
  await until(() => slurm.queue.length === count && left().length > 0);
  // The launcher has heard of it.
  await until(() => notices.length > 0 || slurm.calls('squeue').length > 0);
}

/** Waits until the launcher has looked at the queue so many times more. */
async function looks(count: number): Promise<void> {
  const before = slurm.calls('squeue').length;
  await until(() => slurm.calls('squeue').length >= before + count);
}

function arrays(): string[] {
  return slurm.calls('sbatch').map((words) => words[2]?.replace('--array=', '') ?? '');
}

function left(): string[] {
  try {
    return readdirSync(join(folder, 'launcher', 'slurm'));
  } catch {
    return [];
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}
