import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ArtifactManager, LineageTracker, validateManifest } from '@pixelis/artifacts';
import { useTemporaryFolder } from '../support/temporary-folder';
import { type Ending, runFile, runsOf, tiny, train } from '../support/train-program';
import { EQUAL_FILES } from '../support/whole-run';

const temporaryFolder = useTemporaryFolder();

/** What `--json` prints of a completed run. */
interface Printed {
  readonly run_id: string;
  readonly run_dir: string;
  readonly status: string;
  readonly results: Readonly<Record<string, unknown>>;
}

describe('train sft', () => {
  const cwd = temporaryFolder();
  const out = join(cwd, 'out');
  let ending: Ending;
  let printed: Printed;
  let file: (path: string) => string;

  beforeAll(async () => {
    ending = await train(['sft', ...tiny(), '--json', '--exp-name', 'tiny'], { cwd });
    printed = JSON.parse(ending.stdout) as Printed;
    file = (path) => runFile(out, printed.run_id, path).toString('utf8');
  });

  it('prints one JSON object on stdout, and plain lines on stderr', () => {
    expect(ending.code).toBe(0);
    expect(ending.stdout).toMatch(/^\{.*\}\n$/);
    expect(Object.keys(printed)).toEqual(['run_id', 'run_dir', 'status', 'results']);
    expect(printed).toMatchObject({ status: 'COMPLETED' });
    expect(printed.run_id).toMatch(/^\d{8}T\d{6}-[0-9a-f]{6}$/);
    expect(join(cwd, printed.run_dir)).toBe(join(out, 'runs', printed.run_id));
    expect(Object.keys(printed.results).sort()).toEqual([
      'accuracy/hard',
      'accuracy/medium',
      'accuracy/simple',
      'weights_sha256',
    ]);
    expect(ending.stderr).not.toMatch(/\u001b|\r/);
    expect(ending.stderr).toContain(`run ${printed.run_id} in `);
    expect(ending.stderr).toMatch(/backend wasm \(TensorFlow\.js/);
    expect(ending.stderr).toMatch(
      /step 8\/8 \| loss \d+\.\d+ \| val accuracy simple \d+% medium \d+% \| stage second \| \d+ images\/s \| 0:00 left/,
    );
  });

  it('leaves every file of a run, and nothing else', () => {
    expect(readdirSync(out).sort()).toEqual(['latest', 'runs', 'store']);
    const paths = readdirSync(join(out, 'runs', printed.run_id), { recursive: true }) as string[];
    expect(paths.map((path) => path.replaceAll('\\', '/')).sort()).toEqual([
      'chain.jsonl',
      'checkpoints',
      'checkpoints/final.safetensors',
      'checkpoints/step-00000003.safetensors',
      'checkpoints/step-00000006.safetensors',
      'checkpoints/step-00000008.safetensors',
      'config_raw.json',
      'config_resolved.json',
      'environment.json',
      'epochs.csv',
      'events.jsonl',
      'figures',
      'figures/training-curve.svg',
      'hardware.jsonl',
      'manifest.json',
      'metrics.jsonl',
      'tags.json',
      'timings.jsonl',
    ]);
    expect(file('epochs.csv')).toMatch(/^epoch,steps,loss\/train\r\n1,8,\d\.\d+\r\n$/);
  });

  it('records what it used and what it made, with the lineage from data to model', async () => {
    const manager = ArtifactManager.open({ root: out });
    const graph = await new LineageTracker(manager).graph();
    expect(graph.validate()).toEqual([]);
    const { run_id } = printed;
    const model = manager.resolve(`model-${run_id}`);
    expect(model).toMatchObject({
      version: '1.0.0',
      type: 'model',
      producer: { runId: run_id },
      metadata: { mode: 'sft', model: { dim: 8 } },
      parents: [{ name: 'dataset-digits-reasoning-1' }],
    });
    const files = await manager.files(model);
    expect(files.map(({ path, sha256 }) => ({ path, sha256 }))).toEqual([
      { path: 'model.safetensors', sha256: printed.results['weights_sha256'] },
    ]);
    expect(graph.ancestors(`model-${run_id}:1.0.0`).map(({ kind, id }) => [kind, id])).toEqual([
      ['run', expect.stringMatching(/^[0-9a-f-]{36}$/)],
      ['artifact', 'dataset-digits-reasoning-1:1.0.0'],
      ['artifact', 'dataset-mnist-1:1.0.0'],
    ]);
    const made = manager.list().map(({ name, type }) => [name, type]);
    expect(made).toContainEqual([`checkpoint_sft_${run_id}`, 'checkpoint']);
    expect(made).toContainEqual([`sft_metrics_${run_id}`, 'metrics']);
    expect(manager.runFacts()).toMatchObject([{ job: 'train:sft', status: 'COMPLETED' }]);
  });

  it('leaves a manifest that is right, and the newest run in latest', async () => {
    expect(await validateManifest(join(out, 'runs', printed.run_id))).toEqual([]);
    expect(readFileSync(join(out, 'latest'), 'utf8')).toBe(`${printed.run_id}\n`);
    const weights = runFile(out, printed.run_id, 'checkpoints/final.safetensors');
    expect(printed.results['weights_sha256']).toBe(
      createHash('sha256').update(weights).digest('hex'),
    );
    expect(JSON.parse(file('manifest.json'))).toMatchObject({
      manifest_version: 1,
      run_id: printed.run_id,
      status: 'COMPLETED',
      seed: 42,
      node: process.version,
      tfjs: expect.stringMatching(/^4\./) as string,
      tensorflow: null,
      backend: { name: 'wasm', threads: Math.min(availableParallelism(), 2) },
      dataset: { name: 'digits-reasoning', split: 'train' },
      encoder: { arch: 'vit', dim: 8 },
      results: printed.results,
    });
  });

  it('records a line of metrics for each step, with no clock in it', () => {
    const lines = file('metrics.jsonl')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number>);

    expect(lines.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const every = ['gradient_norm', 'learning_rate', 'loss/train', 'stage', 'step'];
    expect(Object.keys(lines[0]!)).toEqual(every);
    // The criterion of the first stage looks at `simple`; the second stage trains on `medium` too.
    expect(Object.keys(lines[1]!)).toEqual(['accuracy/simple', ...insert(every, 'loss/val')]);
    expect(Object.keys(lines[3]!)).toEqual([
      'accuracy/medium',
      'accuracy/simple',
      ...insert(every, 'loss/val'),
    ]);
    expect(lines.map(({ stage }) => stage)).toEqual([0, 0, 1, 1, 1, 1, 1, 1]);
    expect(file('timings.jsonl').trimEnd().split('\n')).toHaveLength(8);
    expect(file('timings.jsonl')).toMatch(/^\{"step":1,"step_ms":/);
  });

  it('keeps what was asked for and what it came to, with each value’s layer', () => {
    expect(JSON.parse(file('config_raw.json'))).toMatchObject({ exp_name: 'tiny' });
    expect(file('config_resolved.json')).toContain('"argument');
    expect(file('config_resolved.json')).toContain('"default');
  });

  it('trains to the same bits again, in another folder and with other workers', async () => {
    const elsewhere = temporaryFolder();
    const options = { cwd: elsewhere, env: { PIXELIS__DATA__NUM_WORKERS: '2' } };
    const args = tiny().filter((arg) => !arg.startsWith('data.num_workers'));
    const again = await train(
      [...args, '--mode', 'sft', '--json', '--run-id', 'b', '--threads=3'],
      options,
    );

    const other = JSON.parse(again.stdout) as Printed;
    expect(other).toEqual({
      run_id: 'b',
      run_dir: join('out', 'runs', 'b'),
      status: 'COMPLETED',
      results: printed.results,
    });
    const there = join(elsewhere, 'out');
    for (const path of EQUAL_FILES)
      expect(runFile(there, 'b', path)).toEqual(runFile(out, printed.run_id, path));
  });

  it('trains to other bits with another seed', async () => {
    const elsewhere = temporaryFolder();
    const { stdout } = await train(['sft', ...tiny(), '--seed', '0', '--json', '--out', 'x/y'], {
      cwd: elsewhere,
    });

    const { results, run_dir } = JSON.parse(stdout) as Printed;
    expect(results['weights_sha256']).not.toBe(printed.results['weights_sha256']);
    expect(run_dir.startsWith(join('x', 'y', 'runs'))).toBe(true);
  });

  it('starts another run when a completed one is of the same configuration, and sums it up', async () => {
    const { code, stdout } = await train(['sft', ...tiny(), '--deterministic', '--new'], { cwd });

    expect(code).toBe(0);
    expect(runsOf(out)).toHaveLength(2);
    const newest = readFileSync(join(out, 'latest'), 'utf8').trim();
    expect(newest).not.toBe(printed.run_id);
    expect(stdout).toMatch(/--- a simple question of test ---/);
    for (const level of ['simple', 'medium', 'hard'])
      expect(stdout).toMatch(
        new RegExp(`${level} +\\d+\\.\\d % +chance \\d+\\.\\d %, 4 questions`),
      );
    expect(stdout).toContain(`run             ${newest}\n`);
    expect(stdout).toContain(`weights_sha256  ${String(printed.results['weights_sha256'])}\n`);
    expect(existsSync(join(out, 'runs', newest, 'figures', 'training-curve.svg'))).toBe(true);
  });

  it('refuses the id of a completed run, and changes nothing', async () => {
    const before = readdirSync(out, { recursive: true });
    const manifest = file('manifest.json');
    const again = await train(['sft', ...tiny(), '--json', '--run-id', printed.run_id], { cwd });

    expect(again.code).toBe(2);
    expect(again.stderr.split('\n')).toHaveLength(3);
    expect(JSON.parse(again.stdout)).toMatchObject({
      error: { code: 'RUN_COMPLETE', exit_code: 2 },
    });
    expect(readdirSync(out, { recursive: true })).toEqual(before);
    expect(file('manifest.json')).toBe(manifest);
  });

  it('prints its usage', async () => {
    const { code, stdout, stderr } = await train(['--help'], { cwd });

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const option of [
      '--seed',
      '--deterministic',
      '--config',
      '--out',
      '--run-id',
      '--new',
      '--exp-name',
      '--backend',
      '--threads',
      '--log-format',
      '--json',
    ])
      expect(stdout).toContain(option);
  });
});

// Helpers

function insert(keys: readonly string[], key: string): string[] {
  return [...keys, key].sort();
}
