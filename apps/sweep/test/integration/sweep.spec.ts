import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMetrics, validateManifest } from '@pixelis/artifacts';
import { manifestOf, sweep } from '../support/sweep-program';
import { useTemporaryFolder } from '../support/temporary-folder';

const fresh = useTemporaryFolder();

const GRID = ['--grid', 'training.learning_rate=1e-3,3e-4', '--grid', 'training.seed=1,2'];

describe('sweep', () => {
  it('sweep --grid gives a run for each combination, a table and a report, and the same again without training', async () => {
    const cwd = fresh();
    const { code, stdout, stderr } = await sweep([...GRID, '--tag', 'lr'], cwd);
    expect({ code, stderr: stderr.includes('WARN') ? '' : stderr }).toMatchObject({ code: 0 });
    expect(readdirSync(join(cwd, 'out', 'runs')).filter((name) => !name.startsWith('.'))).toEqual([
      'lr-0001',
      'lr-0002',
      'lr-0003',
      'lr-0004',
    ]);
    const manifest = manifestOf(cwd, 'lr');
    expect(manifest.counts).toEqual({ completed: 4, stopped: 0, failed: 0 });
    for (const { run_id, value, results } of manifest.trials) {
      const run = join(cwd, 'out', 'runs', run_id);
      expect(await validateManifest(run)).toEqual([]);
      expect(readMetrics(run).at(-1)?.['loss/val']).toBe(value);
      expect(results['weights_sha256']).toMatch(/^[0-9a-f]{64}$/);
    }
    const recorded = new Set(readMetrics(join(cwd, 'out/runs/lr-0001')).flatMap(Object.keys));
    const nothing = await sweep([...GRID, '--tag', 'none', '--metric', 'none'], cwd);
    expect(nothing.code).toBe(2);
    for (const key of recorded) if (key !== 'step') expect(nothing.stderr).toContain(` ${key}`);
    const [title, best] = stdout.split('\n');
    expect(title).toMatch(/rank +trial +learning_rate +seed +loss\/val +state/);
    expect(best).toMatch(new RegExp(`^ +1 +${manifest.best} .*COMPLETED$`));
    expect(stdout).toContain('report  out/sweeps/lr/report.md');
    expect(stderr).toMatch(/ 4 trials ran for \d.* each\n/);
    const report = readFileSync(join(cwd, 'out/sweeps/lr/report.md'), 'utf8');
    expect(report).toContain('npx nx run train:sft -- --new --config out/sweeps/lr/');
    expect(report).toContain('## Spread over seeds');

    const again = await sweep([...GRID, '--tag', 'lr', '--json'], cwd);
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(again.stdout)).toMatchObject({
      tag: 'lr',
      sweep_dir: 'out/sweeps/lr',
      status: 'COMPLETED',
      best: { trial: manifest.best },
      trials: manifest.trials,
    });
  });

  it('sweep --random and --halving stops the worse trials, and sweep --tpe chooses trials', async () => {
    const cwd = fresh();
    const space = ['--space', 'training.learning_rate=log-uniform:1e-4:1e-2'];
    const halving = ['--halving', '2', '--reduction-factor', '2', '--tag', 'halved'];
    expect(await sweep(['--random', '2', ...space, ...halving], cwd)).toMatchObject({ code: 0 });
    const states = manifestOf(cwd, 'halved').trials.map(({ state, steps }) => [state, steps]);
    expect(states.sort()).toEqual([
      ['COMPLETED', 4],
      ['STOPPED', 2],
    ]);
    const tpe = [
      '--tpe',
      '2',
      '--generation-size',
      '1',
      '--metric',
      'loss/train',
      '--run-id',
      'tpe',
    ];
    expect(await sweep([...tpe, ...space], cwd)).toMatchObject({ code: 0 });
    expect(manifestOf(cwd, 'tpe')).toMatchObject({
      search: { strategy: 'tpe', trials: 2, metric: 'loss/train' },
      counts: { completed: 2 },
    });
  });

  it('sweep records a trial that fails, and ends with its exit code only if all fail', async () => {
    const cwd = fresh();
    mkdirSync(join(cwd, 'broken'));
    for (const name of ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'])
      writeFileSync(join(cwd, 'broken', name), 'x'); // prettier-ignore
    // A section as a whole is looked at by the trials alone.
    const whole = (...directories: (string | null)[]): string =>
      `data=${directories.map((directory) => JSON.stringify({ batch_size: 8, num_workers: 0, directory })).join(',')}`;
    const some = await sweep(['--grid', whole(null, 'broken'), '--tag', 'some'], cwd);
    expect(some.code).toBe(0);
    expect(some.stdout).toContain('trial 2 failed: ');
    const { trials, best } = manifestOf(cwd, 'some');
    expect(trials.map(({ state }) => state)).toEqual(['COMPLETED', 'FAILED']);
    expect(trials[1]?.error?.exit_code).toBe(4);
    expect(trials[1]?.error?.code).toMatch(/^[A-Z_]+$/);
    expect(best).toBe(1);

    const all = await sweep(['--grid', whole('broken'), '--tag', 'all', '--json'], cwd);
    expect(all.code).toBe(4);
    expect(JSON.parse(all.stdout)).toMatchObject({ error: { code: 'SWEEP_TRIALS_FAILED' } });
    expect(all.stderr).toContain('--tag all --retry-failed');
  });

  it('sweep --retry-failed says where nothing failed', async () => {
    const cwd = fresh();
    const one = ['--grid', 'training.seed=1', '--tag', 'one'];
    expect(await sweep(one, cwd)).toMatchObject({ code: 0 });
    const { code, stdout, stderr } = await sweep([...one, '--retry-failed'], cwd);
    expect(code).toBe(0);
    expect(stderr).toContain('no trial of the sweep one failed: nothing is run again');
    expect(stdout).toContain('best    run one-0001');
  });

  it('sweep --write-only writes configurations that train takes as they are', async () => {
    const cwd = fresh();
    const { code, stdout } = await sweep([...GRID, '--tag', 'w', '--write-only'], cwd);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '4 configurations in out/sweeps/w\n' });
    expect(existsSync(join(cwd, 'out', 'runs'))).toBe(false);
  });
});
