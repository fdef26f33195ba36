import { resolveSweepConfig } from '@pixelis/config';
import { RayServer } from '../test/launchers/ray-server';
import { FakeSlurm } from '../test/support/fake-slurm';
import { useTemporaryFolder } from '../test/support/temporary-folder';
import { SweepFolder } from './folder/sweep-folder';
import { availableCores } from './launchers/local-capacity';
import { checkLauncher, type LauncherChoice, prepareLauncher } from './prepare-launcher';

const folder = new SweepFolder({ out: 'out', tag: 'lr' });

/** The programs of Slurm are scripts of a shell in tests. */
const onPosix = process.platform === 'win32' ? () => undefined : it;

function prepare(choice: LauncherChoice, ...overrides: string[]) {
  const { config } = resolveSweepConfig({ overrides });
  return prepareLauncher(choice, { config, folder, trialsAtOnce: 4 });
}

describe('prepareLauncher()', () => {
  it('prepareLauncher() gives the trials of one job all cores, but no more than there are shards', () => {
    const threads = (shards: number) => String(Math.min(availableCores(), shards));
    const one = { name: 'local', jobs: 1 } as const;
    expect(prepare(one).options).toEqual(['--threads', threads(8)]);
    expect(prepare(one, 'training.shards=1').options).toEqual(['--threads', '1']);
  });

  it('prepareLauncher() leaves threads alone that are configured, and those of other backends', () => {
    const one = { name: 'local', jobs: 1 } as const;
    expect(prepare(one, 'hardware.threads=2').options).toEqual([]);
    for (const backend of ['cpu', 'gpu', 'webgpu', 'reference', 'auto'])
      expect(prepare(one, `hardware.backend=${backend}`).options).toEqual([]);
  });

  it.each(['cpu', 'gpu', 'auto'])(
    'prepareLauncher() runs no trials side by side on %s unless their threads are set',
    (backend) => {
      const two = { name: 'local', jobs: 2 } as const;
      const refused = () => prepare(two, `hardware.backend=${backend}`);
      expect(refused).toThrow('2 trials at once');
      expect(() => prepare(two, `hardware.backend=${backend}`, 'hardware.threads=1')).not.toThrow();
    },
  );

  it('prepareLauncher() minds the backends and threads that a sweep varies', () => {
    const two = { name: 'local', jobs: 2 } as const;
    const backends = 'sweep.space={hardware.backend: {values: [wasm, cpu]}}';
    expect(() => prepare(two, backends)).toThrow('2 trials at once on cpu');
    expect(prepare({ ...two, jobs: 1 }, backends).options).toEqual([]);
    const threads = 'sweep.space={hardware.threads: {values: [1, 2]}}';
    expect(prepare(two, threads, 'hardware.backend=cpu').options).toEqual([]);
  });

  it('prepareLauncher() shares the cores among the trials that run at once', () => {
    const two = { name: 'local', jobs: 2, memoryPerTrialBytes: 1 } as const;
    const share = Math.max(1, Math.floor(availableCores() / 2));
    expect(prepare(two).options).toEqual(['--threads', String(Math.min(share, 8))]);
  });

  it('prepareLauncher() counts the threads and the processes of a trial, and says what they leave room for', () => {
    const notices: string[] = [];
    const onNotice = (line: string) => void notices.push(line);
    const two = { name: 'local', jobs: 2, memoryPerTrialBytes: 1, onNotice } as const;
    const many = 2 * availableCores();
    prepare(two, `hardware.num_gpus=${many}`, `training.shards=${many}`);
    prepare(two, `hardware.threads=${many}`);
    expect(notices).toEqual([
      expect.stringMatching(new RegExp(`^1 of 2 .* a trial takes ${many} threads$`)),
      expect.stringMatching(new RegExp(`^1 of 2 .* a trial takes ${many} threads$`)),
    ]);
  });

  it('prepareLauncher() runs as many trials at once as there is memory for, by what is said or estimated of them', () => {
    const notices: string[] = [];
    const onNotice = (line: string) => void notices.push(line);
    const two = { name: 'local', jobs: 2, onNotice } as const;
    prepare({ ...two, memoryPerTrialBytes: 1e15 }, 'hardware.threads=1');
    const giant = ['model.dim=4096', 'model.encoder_layers=64', 'hardware.threads=1'];
    expect(prepare(two, ...giant).options).toEqual([]);
    expect(notices.map((line) => line.replace(/[\d.]+ GB of|\d+ cores?/, '#'))).toEqual(
      availableCores() === 1
        ? [expect.stringContaining('1 of 2'), expect.stringContaining('1 of 2')]
        : [
            '1 of 2 trials run at once: # memory are free and a trial takes 1000000.0 GB',
            expect.stringMatching(/^1 of 2 .* memory are free and a trial takes \d{3}\.\d GB$/),
          ],
    );
  });

  it('prepareLauncher() reserves on a cluster the threads that a trial uses', () => {
    expect(prepare({ name: 'slurm' }).options).toEqual(['--threads', '1']);
    const slurmOptions = { 'cpus-per-task': '4' };
    expect(prepare({ name: 'slurm', slurmOptions }).options).toEqual(['--threads', '4']);
    expect(prepare({ name: 'ray', rayAddress: 'http://127.0.0.1:1' }).options).toEqual([
      '--threads',
      '1',
    ]);
  });
});

describe('checkLauncher()', () => {
  const { config } = resolveSweepConfig({});
  const temporaryFolder = useTemporaryFolder();
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  it('checkLauncher() asks whether Ray is there, and submits nothing', async () => {
    const server = new RayServer();
    const choice = { name: 'ray', rayAddress: await server.start() } as const;
    await checkLauncher(choice, config);
    expect(server.requests.map(({ url }) => url)).toEqual(['/api/jobs/']);
    await server.stop();
    await expect(checkLauncher(choice, config)).rejects.toMatchObject({
      ...{ code: 'RAY_UNREACHABLE', exitCode: 6 },
    });
  });

  onPosix('checkLauncher() asks whether Slurm is there, and submits nothing', async () => {
    const slurm = new FakeSlurm(temporaryFolder());
    Object.assign(process.env, slurm.environment);
    slurm.answer({ sbatch: [{ exitCode: 0, stderr: '' }] });
    await checkLauncher({ name: 'slurm' }, config);
    expect([slurm.calls('sbatch'), slurm.queue]).toEqual([[['--version']], []]);
    const away = { exitCode: 1, stderr: 'Unable to contact slurm controller\n' };
    slurm.answer({ sbatch: [{ exitCode: 0, stderr: '' }], scontrol: [away] });
    await expect(checkLauncher({ name: 'slurm' }, config)).rejects.toMatchObject({
      ...{ code: 'SLURM_UNREACHABLE', exitCode: 6 },
    });
    process.env['PATH'] = temporaryFolder();
    await expect(checkLauncher({ name: 'slurm' }, config)).rejects.toMatchObject({
      ...{ code: 'SLURM_MISSING', exitCode: 3 },
    });
  });

  onPosix(
    'prepareLauncher() tells Slurm what memory a trial takes, unless its own options do',
    async () => {
      const slurm = new FakeSlurm(temporaryFolder());
      Object.assign(process.env, slurm.environment);
      const refusal = { exitCode: 1, stderr: 'sbatch: error: no\n' };
      const memoryPerTrialBytes = 2 ** 30 + 1;
      for (const choice of [
        { memoryPerTrialBytes },
        {},
        { memoryPerTrialBytes, slurmOptions: { 'mem-per-cpu': '1G' } },
      ]) {
        slurm.answer({ sbatch: [refusal] });
        const own = new SweepFolder({ out: temporaryFolder(), tag: 'm' });
        const context = { config, folder: own, trialsAtOnce: 1 };
        const { launcher } = prepareLauncher({ name: 'slurm', ...choice }, context);
        const paths = { logPath: 'l', endPath: own.path('e'), lockPath: own.path('k') };
        const task = { trial: 1, argv: [], workingDirectory: own.out, ...paths };
        const hooks = { onStart: () => undefined, onEnd: () => undefined };
        const done = launcher.run([task], { signal: new AbortController().signal, ...hooks });
        await expect(done).rejects.toMatchObject({ code: 'SLURM_REFUSED' });
      }
      const memories = slurm
        .calls('sbatch')
        .map((words) => words.filter((word) => /^--mem/.test(word)));
      expect(memories).toEqual([['--mem=1025M'], [], ['--mem-per-cpu=1G']]);
    },
  );

  it('checkLauncher() refuses what prepareLauncher() refuses, and says nothing', async () => {
    const onNotice = jest.fn();
    await checkLauncher({ name: 'local', jobs: 10_000, onNotice }, config);
    expect(onNotice).not.toHaveBeenCalled();
    const native = resolveSweepConfig({ overrides: ['hardware.backend=cpu'] }).config;
    await expect(checkLauncher({ name: 'local', jobs: 2 }, native)).rejects.toMatchObject({
      code: 'SWEEP_THREADS_UNSET',
    });
  });
});
