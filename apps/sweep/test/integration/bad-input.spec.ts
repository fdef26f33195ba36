import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sweep, SweepProgram } from '../support/sweep-program';
import { useTemporaryFolder } from '../support/temporary-folder';

const fresh = useTemporaryFolder();

/** Windows has no limit of the size of a file. */
const onPosix = process.platform === 'win32' ? () => undefined : it;

const SEEDS = ['--grid', 'training.seed=1,2'];

describe('sweep', () => {
  it.each([
    [[], /varies nothing/, /--grid/],
    [['--grid', 'training.learning_rat=1'], /did you mean "training.learning_rate"/, /correct/i],
    [['--grid', 'training.seed=1,x'], /training\.seed must be/, /correct/i],
    [['--grid', 'training.seed='], /a value is empty/, /each value/],
    [['--grid', 'training.seed'], /KEY=VALUE/, /--grid training/],
    [['--grid', 'model.dim=8,7'], /model\.dim=7.*model\.heads/, /correct/],
    [['--random', '2', '--space', 'training.seed=uniform:x:2'], /uniform:LOW:HIGH/, /--space/],
    [['--random', '2', ...SEEDS, '--tpe', '3'], /--random and --tpe/, /one of the two/],
    [[...SEEDS, '--tag', '../up'], /cannot name a sweep/, /characters/],
    [[...SEEDS, '--tag', 'a', '--run-id', 'b'], /two sweeps/, /--tag/],
    [[...SEEDS, '--jobs', '0'], /--jobs must be an integer from 1/, /./],
    [['--random', '0', ...SEEDS], /--random must be an integer from 1/, /./],
    [[...SEEDS, '--reduction-factor', '1'], /--reduction-factor must be .* from 2/, /./],
    [[...SEEDS, '--halving', '4'], /minimum_steps=4: must be < training\.steps/, /correct/i],
    [[...SEEDS, '--ray-address', 'http://127.0.0.1:1'], /--ray-address/, /--launcher ray/],
    [[...SEEDS, '--slurm-option', 'time=1'], /--slurm-option/, /--launcher slurm/],
    [[...SEEDS, '--jobs', '2', '--backend', 'cpu'], /share the cores/, /--threads/],
    [[...SEEDS, '--launcher', 'ray', '--offline'], /--offline forbids/, /leave out/],
    [
      [...SEEDS, '--launcher', 'slurm', '--slurm-option', 'cpus-per-task=two'],
      /cpus-per-task=two is no number/,
      /cpus-per-task=4/,
    ],
    [[...SEEDS, '--gridd', 'x'], /did you mean --grid/, /--help/],
    [[...SEEDS, '--memory-per-trial', '0'], /--memory-per-trial 0/, /GiB/],
    [[...SEEDS, '--memory-per-trial', '1e6'], /more than the .* GiB of this machine/, /slurm/],
    [['--grid', 'data.dataset=digits-reasoning,nope'], /"nope" cannot/, /digits-reasoning/],
    [[...SEEDS, 'data.dataset=nope', '--write-only'], /"nope" cannot/, /digits-reasoning/],
    [[...SEEDS, 'training.compile=true'], /"wasm" cannot compile/, /--backend/],
  ])('sweep %j is refused with exit 2, and nothing is written', async (args, problem, remedy) => {
    const cwd = fresh();
    const { code, stdout, stderr } = await sweep(args, cwd);
    const [error, mending, ...rest] = stderr.split('\n');
    expect({ code, stdout, rest }).toEqual({ code: 2, stdout: '', rest: [''] });
    expect(error).toMatch(/^error: /);
    expect(error).toMatch(problem);
    expect(mending).toMatch(/^remedy: /);
    expect(mending).toMatch(remedy);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it.each([
    [['data.directory=nowhere'], 4, /Cannot read "nowhere/],
    [['--grid', 'data.directory=null,nowhere'], 4, /Cannot read "nowhere/],
    [['--backend', 'gpu'], 3, /Backend "gpu" needs/],
    [['--grid', 'hardware.backend=wasm,gpu'], 3, /Backend "gpu" needs/],
    [['--launcher', 'ray', '--ray-address', 'http://127.0.0.1:1'], 6, /cannot reach Ray/],
    [['--launcher', 'slurm'], 3, /there is no sbatch/],
  ])(
    'sweep %j is refused with exit %d where there is no such thing, and nothing is written',
    async (args, exitCode, problem) => {
      const cwd = fresh();
      // The path of an empty folder: no program of Slurm is found there.
      const env = { PATH: fresh() };
      const { code, stdout, stderr } = await sweep([...SEEDS, '--jobs', '1', ...args], cwd, {
        env,
      });
      expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
      expect(stderr).toMatch(problem);
      expect(stderr).toMatch(/^error: .*\nremedy: .*\n$/);
      expect(readdirSync(cwd)).toEqual([]);
    },
  );

  it('sweep says that a space has fewer configurations than there are to be trials', async () => {
    const space = ['--random', '3', '--space', 'training.seed=choice:1,2'];
    const { code, stderr } = await sweep([...space, '--write-only'], fresh());
    expect(code).toBe(0);
    expect(stderr.match(/only 2 different configurations/g)).toHaveLength(1);
  });

  it('sweep refuses a tag that belongs to another search with exit 2', async () => {
    const cwd = fresh();
    await sweep([...SEEDS, '--tag', 'a', '--write-only'], cwd);
    const { code, stderr } = await sweep(['--grid', 'training.seed=1,3', '--tag', 'a'], cwd);
    expect(code).toBe(2);
    expect(stderr).toContain('it differs in sweep.space.training.seed.values');
  });

  it('sweep ends with exit 4 where the output folder is none', async () => {
    const cwd = fresh();
    writeFileSync(join(cwd, 'file'), '');
    chmodSync(join(cwd, 'file'), 0o400);
    const { code, stderr } = await sweep([...SEEDS, '--out', 'file/out'], cwd);
    expect(code).toBe(4);
    expect(stderr).toMatch(/^error: .*\nremedy: .*\n$/);
  });

  onPosix('sweep leaves nothing behind where the disk is full, and ends with exit 4', async () => {
    const cwd = fresh();
    const { ending } = new SweepProgram([...SEEDS, '--write-only'], cwd, {
      wrapper: ['sh', '-c', 'ulimit -f 1; exec "$@"', 'sh'],
    });
    const { code, stderr } = await ending;
    expect(code).toBe(4);
    expect(stderr).toMatch(/^error: .*\nremedy: .*\n$/);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('sweep --help lists every option, and sweep --print-config says who set what', async () => {
    const cwd = fresh();
    const help = await sweep(['--help'], cwd);
    for (const option of ['--grid', '--space', '--halving', '--retry-failed', '--ray-address'])
      expect(help.stdout).toContain(option);
    expect(help.stdout).toMatch(/\nExamples:\n.*\n {4}sweep --grid /);
    const config = await sweep([...SEEDS, '--print-config'], cwd);
    expect(config).toMatchObject({ code: 0, stderr: '' });
    expect(config.stdout).toMatch(/sweep.*seed/);
    expect(readdirSync(cwd)).toEqual([]);
  });
});
