import { resolveSweepConfig } from '@pixelis/config';
import { SweepFolder } from './folder/sweep-folder';
import { availableCores } from './launchers/local-capacity';
import { type LauncherChoice, prepareLauncher } from './prepare-launcher';

const folder = new SweepFolder({ out: 'out', tag: 'lr' });

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
