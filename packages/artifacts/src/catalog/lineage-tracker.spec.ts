import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { completeExample, openExample } from '../../test/example-run';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { uuidV7 } from '../runs/uuid-v7';
import { ArtifactManager } from './artifact-manager';
import type { RunReference } from './history-entry';
import { LineageTracker } from './lineage-tracker';

const temporaryFolder = useTemporaryFolder();

function open(root = temporaryFolder()): { manager: ArtifactManager; tracker: LineageTracker } {
  const manager = ArtifactManager.open({ root, rank: 0 });
  return { manager, tracker: new LineageTracker(manager) };
}

function aRun(runId: string): RunReference {
  return { runId, runUuid: uuidV7() };
}

/** Data set → training → model → evaluation. */
async function aChain(
  manager: ArtifactManager,
): Promise<{ train: RunReference; evaluate: RunReference }> {
  const [train, evaluate] = [aRun('train-1'), aRun('eval-1')];
  await manager.put('dataset-x-1', { a: Buffer.from('data') }, { isExternal: true });
  await manager.recordRun({ run: train, job: 'train:sft', status: 'RUNNING', name: 'first' });
  await manager.use('dataset-x-1', { run: train, role: 'train_data' });
  await manager.put('model-train-1', { w: Buffer.from('w') }, { run: train });
  await manager.recordRun({ run: train, job: 'train:sft', status: 'COMPLETED' });
  await manager.use('model-train-1', { run: evaluate });
  await manager.put(
    'eval-model-train-1-on-dataset-x-1',
    { r: Buffer.from('1') },
    { run: evaluate },
  );
  return { train, evaluate };
}

describe('LineageTracker', () => {
  it('joins what runs used and made, across runs and processes', async () => {
    const { manager, tracker } = open();
    const { train, evaluate } = await aChain(manager);
    const graph = await tracker.graph();
    const way = graph.pathBetween('dataset-x-1:1.0.0', 'eval-model-train-1-on-dataset-x-1:1.0.0');
    expect(way).not.toBeNull();
    expect(
      graph
        .ancestors('eval-model-train-1-on-dataset-x-1:1.0.0')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['dataset-x-1:1.0.0', 'model-train-1:1.0.0', train.runUuid, evaluate.runUuid].sort());
    expect(graph.node(train.runUuid)).toMatchObject({
      runId: 'train-1',
      job: 'train:sft',
      name: 'first',
      status: 'COMPLETED',
    });
    expect(graph.edgesTo(train.runUuid)).toMatchObject([
      { kind: 'used', role: 'train_data', digest: manager.resolve('dataset-x-1').digest },
    ]);
    expect(graph.node('model-train-1:1.0.0')).toMatchObject({
      files: [{ path: 'w', bytes: 1 }],
      aliases: ['latest'],
    });
    expect((await tracker.validate()).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('makes no circle where content comes out again of what was made from it', async () => {
    const { manager, tracker } = open();
    const [first, second, third] = [aRun('first'), aRun('second'), aRun('third')];
    const digits = { d: Buffer.from('d') };
    await manager.put('dataset-d-1', digits, { isExternal: true });
    await manager.use('dataset-d-1', { run: first });
    await manager.put('model-x', { x: Buffer.from('x') }, { run: first });
    await manager.use('model-x', { run: second });
    await manager.put('dataset-d-1', digits, { run: second });
    await manager.put('model-x', { x: Buffer.from('x') }, { run: third });
    const graph = await tracker.graph();
    expect(graph.validate().filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(graph.edgesFrom(second.runUuid)).toEqual([]);
    expect(graph.edgesFrom(third.runUuid)).toMatchObject([{ kind: 'produced' }]);
  });

  it('knows the production of a writer that died before its log said so', async () => {
    const { manager, tracker } = open();
    const { train } = await aChain(manager);
    rmSync(join(manager.root, 'store', 'v1', 'log'), { recursive: true });
    const graph = await tracker.graph();
    expect(
      graph
        .edgesTo('model-train-1:1.0.0')
        .map(({ kind, from }) => [kind, from])
        .sort(),
    ).toEqual([
      ['derived', 'dataset-x-1:1.0.0'],
      ['produced', train.runUuid],
    ]);
  });

  it('takes what it can from the folders of runs, whatever their state', async () => {
    const { manager, tracker } = open();
    const done = await completeExample(manager.root, 'done');
    writeFileSync(
      join(done.directory, 'environment.json'),
      JSON.stringify({ system: { packages: { zod: '4.0.0' } } }),
    );
    openExample(manager.root, { runId: 'open' });
    const { run_uuid } = JSON.parse(
      readFileSync(join(done.directory, 'manifest.json'), 'utf8'),
    ) as { run_uuid: string };
    const nodes = (await tracker.graph()).nodes.filter((node) => node.kind === 'run');
    expect(nodes).toHaveLength(2);
    expect(nodes.find(({ runId }) => runId === 'done')).toMatchObject({
      id: run_uuid,
      status: 'COMPLETED',
      seed: 42,
      params: { 'training.seed': 42, 'training.steps': 3 },
      metrics: { 'accuracy/simple': 0.93, 'loss/val': 0.2 },
      git: { commit: 'a'.repeat(40) },
      node: '20.20.2',
      packages: { zod: '4.0.0' },
      lockFile: { name: 'package-lock.json', sha256: 'b'.repeat(64) },
    });
    expect(nodes.find(({ runId }) => runId === 'open')).toMatchObject({
      status: 'RUNNING',
      metrics: {},
      seed: null,
    });
  });

  it('does not take a run that goes on with its own checkpoint for a cycle, nor one that puts again what it used', async () => {
    const { manager, tracker } = open();
    const run = aRun('a');
    await manager.put('checkpoint_sft_a', { w: Buffer.from('1') }, { run });
    await manager.use('checkpoint_sft_a', { run });
    await manager.put('checkpoint_sft_a', { w: Buffer.from('2') }, { run });
    const other = aRun('b');
    await manager.use('checkpoint_sft_a', { run: other });
    await manager.put('checkpoint_sft_a', { w: Buffer.from('2') }, { run: other });
    expect(await tracker.validate()).toEqual([]);
    const graph = await tracker.graph();
    expect(graph.edges.map(({ kind, from, to }) => [kind, from, to]).sort()).toEqual(
      [
        ['derived', 'checkpoint_sft_a:1.0.0', 'checkpoint_sft_a:2.0.0'],
        ['produced', run.runUuid, 'checkpoint_sft_a:1.0.0'],
        ['produced', run.runUuid, 'checkpoint_sft_a:2.0.0'],
        ['used', 'checkpoint_sft_a:2.0.0', other.runUuid],
      ].sort(),
    );
  });

  it('names a version that is missing, content that differs, and what nothing accounts for', async () => {
    const { manager, tracker } = open();
    const data = await manager.put('dataset-x-1', { a: Buffer.from('1') }, { isExternal: true });
    await manager.put(
      'model-a',
      { a: Buffer.from('1') },
      { parents: [{ ...data, digest: 'f'.repeat(64) }], run: aRun('a') },
    );
    await manager.put(
      'model-b',
      { a: Buffer.from('1') },
      { parents: [{ ...data, version: '7.0.0' }], run: aRun('b') },
    );
    await manager.put('model-c', { a: Buffer.from('1') });
    const problems = await tracker.validate();
    expect(problems.map(({ kind }) => kind).sort()).toEqual(['hash-mismatch', 'missing', 'orphan']);
    expect(problems.find(({ kind }) => kind === 'missing')).toMatchObject({
      node: 'dataset-x-1:7.0.0',
    });
    expect(problems.find(({ kind }) => kind === 'orphan')).toMatchObject({ node: 'model-c:1.0.0' });
  });

  it('is known in spite of damage, which verify() names', async () => {
    const { manager } = open();
    await aChain(manager);
    const tracker = new LineageTracker(ArtifactManager.open({ root: manager.root, rank: 1 }));
    appendFileSync(
      join(manager.root, 'store', 'v1', 'artifacts', 'dataset-x-1', '000001.json'),
      'x',
    );
    const graph = await tracker.graph();
    expect(graph.node('model-train-1:1.0.0')).toBeDefined();
    expect((await tracker.validate()).map(({ kind }) => kind)).toContain('missing');
  });

  it('is exported in every format of the lineage', async () => {
    const { manager, tracker } = open();
    const { train } = await aChain(manager);
    expect(await tracker.export('mermaid')).toContain('model-train-1');
    expect(JSON.parse(await tracker.export('json'))).toBeDefined();
    expect(await tracker.export('slsa', { slsa: { run: train.runUuid } })).toContain('https://');
    await expect(tracker.export('slsa')).rejects.toMatchObject({ code: 'LINEAGE_OPTIONS_MISSING' });
  });
});
