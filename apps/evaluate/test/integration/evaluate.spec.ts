import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ArtifactManager,
  auditRun,
  LineageTracker,
  showRun,
  validateManifest,
} from '@pixelis/artifacts';
import { type Ending, evaluate, EXAMPLES, TINY_SHAPE, trainTiny } from '../support/programs';
import { useTemporaryFolder } from '../support/temporary-folder';

const temporaryFolder = useTemporaryFolder();
const cwd = temporaryFolder();
const root = join(cwd, 'out');
const artifacts = () => ArtifactManager.open({ root });
let trained: Awaited<ReturnType<typeof trainTiny>>;
let model: string;

/** What `--json` prints. */
interface Printed {
  readonly run_id: string;
  readonly run_dir: string;
  readonly status: string;
  readonly results: Readonly<Record<string, number | null>>;
  readonly evaluation: string;
}

beforeAll(async () => {
  trained = await trainTiny(cwd);
  model = `model-${trained.run_id}`;
});

describe('evaluate', () => {
  let first: Printed;

  beforeAll(async () => {
    first = printed(await evaluate([EXAMPLES, '--json', '--exp-name', 'look'], cwd));
  });

  it('takes the newest model by default, and prints one JSON object', () => {
    expect(Object.keys(first)).toEqual(['run_id', 'run_dir', 'status', 'results', 'evaluation']);
    expect(first).toMatchObject({
      status: 'COMPLETED',
      run_dir: join('out', 'runs', first.run_id),
      evaluation: `eval-${model}-on-dataset-digits-reasoning-1:1.0.0`,
    });
  });

  it('measures what training measured on the same questions, and each kind of question', () => {
    const levels = ['simple', 'medium', 'hard'].map((level) => `accuracy/${level}`);
    const of = (results: Readonly<Record<string, unknown>>) => levels.map((key) => results[key]);
    expect(of(first.results)).toEqual(of(trained.results));
    expect(first.results['accuracy/simple']).toBeGreaterThan(0);
    expect(first.results['accuracy/simple/digit']).toBe(first.results['accuracy/simple']);
    expect(Object.keys(first.results).sort()).toEqual([
      'accuracy/hard', 'accuracy/hard/compare', 'accuracy/hard/digit', 'accuracy/hard/sum',
      'accuracy/medium', 'accuracy/medium/compare', 'accuracy/medium/count', 'accuracy/medium/digit', 'accuracy/medium/sum',
      'accuracy/simple', 'accuracy/simple/digit',
      'weights_sha256',
    ]);
  }); // prettier-ignore

  it('records evaluation and predictions as an artifact, and the same files in its run', async () => {
    const used = await artifacts().use(first.evaluation);
    expect((await used.files()).map(({ path }) => path)).toEqual(['evaluation.json', 'predictions.jsonl']);
    const { type, metadata } = used;
    expect({ type, metadata }).toMatchObject({
      type: 'evaluation',
      metadata: { benchmark: 'digits', model: `${model}:1.0.0`, results: { 'accuracy/simple': first.results['accuracy/simple'] } },
    });
    const document = JSON.parse(text(await used.readBytes('evaluation.json'))) as Record<string, unknown>;
    expect(document).toMatchObject({
      evaluation_version: 1,
      model: { name: model, version: '1.0.0', digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
      dataset: 'dataset-digits-reasoning-1',
      split: 'test',
      examples: 60,
      levels: [
        { level: 'simple', count: 60, accuracy: first.results['accuracy/simple'] },
        { level: 'medium', count: 60 },
        { level: 'hard', count: 60 },
      ],
    });
    const predictions = text(await used.readBytes('predictions.jsonl'));
    const lines = predictions.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toHaveLength(180);
    const right = lines.filter((line) => line['level'] === 'simple' && line['is_correct'] === true);
    expect(right.length / 60).toBe(first.results['accuracy/simple']);
    expect(Object.keys(lines[0]!).sort()).toEqual([
      'answer', 'expected_answer', 'index', 'is_correct', 'kind', 'level', 'operations', 'question', 'status',
    ]);
    expect(readFileSync(join(cwd, first.run_dir, 'predictions.jsonl'), 'utf8')).toBe(predictions);
  }); // prettier-ignore

  it('leaves a run that is right, and a lineage from the data to the evaluation', async () => {
    expect(await validateManifest(join(cwd, first.run_dir))).toEqual([]);
    expect(await auditRun(join(cwd, first.run_dir))).toMatchObject({ isIntact: true });
    expect(showRun(root, first.run_id)).toMatchObject({ tags: { exp_name: 'look' }, status: 'COMPLETED' });
    const graph = await new LineageTracker(artifacts()).graph();
    expect(graph.validate()).toEqual([]);
    const run = graph.nodes.find((node) => node.kind === 'run' && node.runId === first.run_id);
    const edges = [...graph.edgesTo(run!.id), ...graph.edgesFrom(run!.id)];
    expect(edges.map(({ kind, role, from, to }) => [kind, role, kind === 'used' ? from : to])).toEqual(
      expect.arrayContaining([
        ['used', 'model', `${model}:1.0.0`],
        ['used', 'test_data', 'dataset-digits-reasoning-1:1.0.0'],
        ['produced', null, first.evaluation],
      ]),
    );
    expect(graph.pathBetween('dataset-mnist-1:1.0.0', first.evaluation)).toBeDefined();
  }); // prettier-ignore

  it('makes no new version when it is repeated: the newest model is still that of the training', async () => {
    const again = printed(await evaluate([EXAMPLES, '--json'], cwd));
    expect(again.run_id).not.toBe(first.run_id);
    expect(again.evaluation).toBe(first.evaluation);
    expect(again.results).toEqual(first.results);
    expect(artifacts().list({ type: 'evaluation' })).toHaveLength(1);
  });

  it.each([
    ['by its name', () => model],
    ['by its version', () => `${model}:v1`],
    ['by an alias', () => `${model}:best`],
  ])('takes a model %s, and a data set by the name of its artifact', async (_, spec) => {
    await artifacts().setAlias(model, 'best', 'v1');
    const args = ['--model', spec(), '--dataset', 'dataset-digits-reasoning-1', EXAMPLES, '--json'];
    expect(printed(await evaluate(args, cwd)).evaluation).toBe(first.evaluation);
  });

  it('takes a safetensors file, which becomes an external model', async () => {
    const folder = temporaryFolder();
    const weights = join(root, 'runs', trained.run_id, 'checkpoints', 'final.safetensors');
    copyFileSync(weights, join(folder, 'mine.safetensors'));
    const args = ['--model', 'mine.safetensors', '--benchmark', 'digits-simple', EXAMPLES, ...TINY_SHAPE, '--json'];
    const { results, evaluation } = printed(await evaluate(args, folder));
    expect(results['accuracy/simple']).toBe(trained.results['accuracy/simple']);
    const manager = ArtifactManager.open({ root: join(folder, 'out') });
    const external = manager.list({ type: 'model' });
    expect(external).toMatchObject([
      { isExternal: true, producer: null, metadata: { file_name: 'mine.safetensors' } },
    ]);
    expect(external[0]!.name).toBe(`model-external-${String(trained.results['weights_sha256']).slice(0, 12)}`);
    const graph = await new LineageTracker(manager).graph();
    expect(graph.ancestors(evaluation).map(({ id }) => id)).toContain(`${external[0]!.name}:1.0.0`);
    printed(await evaluate(args, folder));
    expect(manager.list({ type: 'model' })).toHaveLength(1);
  }); // prettier-ignore

  it.each(['simple', 'medium', 'hard'])('asks only the questions of a benchmark: digits-%s', async (level) => {
    const args = ['--benchmark', `digits-${level}`, 'training.test_examples=4'];
    const { code, stdout } = await evaluate(args, cwd);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^level +task +accuracy +95 % interval +chance +questions$/m);
    expect(stdout).toMatch(new RegExp(`^${level} +all +\\d+\\.\\d % +\\d+\\.\\d – \\d+\\.\\d +\\d+\\.\\d % +4$`, 'm'));
    for (const other of ['simple', 'medium', 'hard'].filter((one) => one !== level))
      expect(stdout).not.toMatch(new RegExp(`^${other} `, 'm'));
    expect(stdout).toContain(`model       ${model}:1.0.0\n`);
    expect(stdout).toContain('data set    dataset-digits-reasoning-1:1.0.0\n');
  }); // prettier-ignore

  it('prints its usage', async () => {
    const folder = temporaryFolder();
    const { code, stdout, stderr } = await evaluate(['--help'], folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const option of ['--model', '--dataset', '--benchmark', '--out', '--run-id', '--json'])
      expect(stdout).toContain(option);
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });
});

// Helpers

function printed({ code, stdout, stderr }: Ending): Printed {
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^\{.*\}\n$/);
  return JSON.parse(stdout) as Printed;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
