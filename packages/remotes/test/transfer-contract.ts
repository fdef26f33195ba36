import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactManager, listRuns, validateManifest } from '@pixelis/artifacts';
import { type ObjectStore, pullStore, pushStore } from '../src/index';
import { completeExample } from './example-run';
import { listed } from './store-contract';

/** What must hold of every store that an output folder is pushed to. */
export function itMovesAnOutputFolder(open: () => ObjectStore): void {
  let base = '';
  beforeAll(() => (base = mkdtempSync(join(tmpdir(), 'pixelis-transfer-'))));
  afterAll(() => rmSync(base, { recursive: true, force: true }));
  const folder = (): string => mkdtempSync(join(base, 'x'));

  it('pushes an output folder, sends nothing twice, and pulls it into another one', async () => {
    const [root, other] = [folder(), folder()];
    const store = open();
    await fillOutput(root);
    const pushed = await pushStore({ root, store });
    expect(pushed.reports.map(({ status }) => status)).toEqual([
      'synced',
      'synced',
      'synced',
      'synced',
    ]);
    const keys = await listed(store, '');
    const again = await pushStore({ root, store });
    expect(again).toMatchObject({ contents: 0, bytes: 0 });
    expect(again.reports.every(({ status }) => status === 'unchanged')).toBe(true);
    expect(await listed(store, '')).toEqual(keys);

    const pulled = await pullStore({ root: other, store });
    expect(pulled.reports.map(({ status }) => status)).toEqual([
      'synced',
      'synced',
      'synced',
      'synced',
    ]);
    expect(
      listRuns(other)
        .map(({ runId }) => runId)
        .sort(),
    ).toEqual(['one', 'two']);
    for (const { directory } of listRuns(other))
      expect(await validateManifest(directory)).toEqual([]);
    const artifacts = ArtifactManager.open({ root: other });
    expect(artifacts.list().map(({ name, version }) => `${name}:${version}`).sort()).toEqual([
      'digits:1.0.0', 'weights:1.0.0', 'weights:2.0.0',
    ]); // prettier-ignore
    const got = join(other, 'got');
    await artifacts.get('weights', got);
    expect(readFileSync(join(got, 'weights.bin'), 'utf8')).toBe('second');
    expect(artifacts.runFacts()).toEqual(ArtifactManager.open({ root }).runFacts());
    expect(
      (await pullStore({ root: other, store })).reports.every(
        ({ status }) => status === 'unchanged',
      ),
    ).toBe(true);
  });

  it('pulls nothing that is damaged, and all the rest', async () => {
    const [root, other] = [folder(), folder()];
    const store = open();
    await fillOutput(root);
    await pushStore({ root, store });
    // A checkpoint of a run, and a file of an artifact, with one letter changed and the same length.
    const { files } = JSON.parse(
      readFileSync(join(root, 'runs', 'one', 'manifest.json'), 'utf8'),
    ) as { files: Record<string, { sha256: string }> };
    const weights = files['checkpoints/final.safetensors']!.sha256;
    await store.put(`v1/contents/${weights.slice(0, 2)}/${weights}`, Buffer.from('Weights of one'));
    const model = await ArtifactManager.open({ root }).files(
      ArtifactManager.open({ root }).resolve('weights:v1'),
    );
    const file = model[0]!.sha256;
    await store.put(`v1/contents/${file.slice(0, 2)}/${file}`, Buffer.from('First'));
    const { reports } = await pullStore({ root: other, store });
    expect(
      reports.map(({ runId, artifact, status, problem }) => [
        runId ?? artifact,
        status,
        problem?.code,
      ]),
    ).toEqual([
      ['digits', 'synced', undefined],
      ['weights', 'failed', 'CONTENT_DAMAGED'],
      ['one', 'failed', 'CONTENT_DAMAGED'],
      ['two', 'synced', undefined],
    ]);
    expect(readdirSync(join(other, 'runs')).filter((name) => name.includes('one'))).toEqual([]);
    expect(
      ArtifactManager.open({ root: other })
        .list()
        .map(({ name }) => name),
    ).toEqual(['digits']);
    expect(await ArtifactManager.open({ root: other }).store.verify()).toMatchObject({
      isIntact: true,
    });
  });
}

/** Two runs and three versions of two artifacts; the first run made the models from the data set. */
export async function fillOutput(root: string): Promise<void> {
  const artifacts = ArtifactManager.open({ root });
  const { runId, runUuid } = await completeExample(root, 'one');
  const run = { runId, runUuid };
  await artifacts.recordRun({ run, job: 'train:sft', status: 'COMPLETED' });
  await artifacts.put('digits', { 'data.bin': Buffer.alloc(100_000, 7) }, { type: 'corpus' });
  await artifacts.use('digits', { run });
  await artifacts.put('weights', { 'weights.bin': Buffer.from('first') }, { run, type: 'network' });
  await artifacts.put(
    'weights',
    { 'weights.bin': Buffer.from('second'), 'a/b.json': Buffer.from('{}') },
    { run, type: 'network' },
  );
  await completeExample(root, 'two');
  writeFileSync(join(root, 'latest'), 'two');
}
