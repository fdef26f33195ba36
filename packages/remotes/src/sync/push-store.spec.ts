import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256 } from '@pixelis/core';
import { ArtifactManager, listRuns, SIGNATURE_FILE, validateManifest } from '@pixelis/artifacts';
import { ContentStore } from '@pixelis/store';
import { completeExample, FACTS, openExample } from '../../test/example-run';
import { listed } from '../../test/store-contract';
import { snapshot, useTemporaryFolder } from '../../test/temporary-folder';
import { fillOutput } from '../../test/transfer-contract';
import { FolderStore } from '../objects/folder-store';
import { pullStore } from './pull-store';
import { pushStore } from './push-store';
import { syncRuns } from './sync-runs';

const temporaryFolder = useTemporaryFolder();

describe('pushStore', () => {
  it('sends named runs with the artifacts that they used or produced, and no others', async () => {
    const root = temporaryFolder();
    await fillOutput(root);
    await ArtifactManager.open({ root }).put(
      'unrelated',
      { x: Buffer.from('x') },
      { type: 'corpus' },
    );
    const store = new FolderStore(temporaryFolder());
    const { reports } = await pushStore({ root, store, runIds: ['one'] });
    expect(reports.map(({ runId, artifact }) => runId ?? artifact)).toEqual([
      'digits',
      'weights',
      'one',
    ]);
    expect((await listed(store, 'v1/artifacts/')).some((key) => key.includes('unrelated'))).toBe(
      false,
    );
    expect(await listed(store, 'v1/runs/')).toEqual(['v1/runs/one/manifest.json']);
  });

  it('refuses a run that does not exist, and names the nearest', async () => {
    const root = temporaryFolder();
    await completeExample(root, 'train-1');
    const store = new FolderStore(temporaryFolder());
    await expect(pushStore({ root, store, runIds: ['train-2'] })).rejects.toMatchObject({
      code: 'RUN_UNKNOWN',
      remedy: expect.stringContaining('train-1') as string,
    });
  });

  it('never replaces the run or the history of another folder', async () => {
    const [root, other] = [temporaryFolder(), temporaryFolder()];
    const store = new FolderStore(temporaryFolder());
    await fillOutput(root);
    await fillOutput(other);
    await pushStore({ root, store });
    const before = await documents(store);
    const { reports } = await pushStore({ root: other, store });
    expect(reports.map(({ problem }) => problem?.code)).toEqual([
      'ARTIFACT_DIVERGED', 'ARTIFACT_DIVERGED', 'RUN_DIVERGED', 'RUN_DIVERGED',
    ]); // prettier-ignore
    expect(await documents(store)).toMatchObject(before);
  });

  it('sends only what is new of a history and of a log that went on', async () => {
    const root = temporaryFolder();
    const store = new FolderStore(temporaryFolder());
    await fillOutput(root);
    await pushStore({ root, store });
    await ArtifactManager.open({ root }).put(
      'weights',
      { 'weights.bin': Buffer.from('third') },
      { type: 'network' },
    );
    const { reports, contents } = await pushStore({ root, store });
    expect(reports.map(({ status }) => status)).toEqual([
      'unchanged',
      'synced',
      'unchanged',
      'unchanged',
    ]);
    expect(contents).toBe(2);
  });

  it('reports a damaged content and a damaged run, sends neither, and the rest', async () => {
    const root = temporaryFolder();
    await fillOutput(root);
    writeFileSync(join(root, 'runs', 'one', 'metrics.jsonl'), '{}\n');
    const manager = ArtifactManager.open({ root });
    const [file] = await manager.files(manager.resolve('digits'));
    const blobs = Object.keys(snapshot(join(root, 'store'))).filter((path) =>
      path.includes(file!.sha256),
    );
    for (const path of blobs) writeFileSync(join(root, 'store', path), Buffer.alloc(100_000, 8));
    const store = new FolderStore(temporaryFolder());
    const { reports } = await pushStore({ root, store });
    expect(reports.map(({ status, problem }) => [status, problem?.code])).toEqual([
      ['failed', 'CONTENT_DAMAGED'], ['synced', undefined], ['failed', 'RUN_BROKEN'], ['synced', undefined],
    ]); // prettier-ignore
    expect((await listed(store, 'v1/contents/')).some((key) => key.endsWith(file!.sha256))).toBe(
      false,
    );
    expect(await listed(store, 'v1/artifacts/digits/')).toEqual([]);
  });

  it('holds the difference to the commit back unless it is asked for', async () => {
    const [root, other, all] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    const run = openExample(root, { runId: 'one' });
    run.writeFile('environment.diff', '+a line that was never committed');
    await run.complete(FACTS);
    const store = new FolderStore(temporaryFolder());
    await pushStore({ root, store });
    expect(JSON.stringify(snapshot(storeFolder(store)))).not.toContain('never committed');
    const { reports } = await pullStore({ root: other, store });
    expect(reports).toMatchObject([
      { status: 'synced', warnings: [expect.stringContaining('environment.diff')] },
    ]);
    const whole = new FolderStore(temporaryFolder());
    await pushStore({ root, store: whole, withDiff: true });
    await pullStore({ root: all, store: whole });
    expect(await validateManifest(join(all, 'runs', 'one'))).toEqual([]);
  });

  it('heals what a store lost of an artifact, and then of a run if forced', async () => {
    const root = temporaryFolder();
    const store = new FolderStore(temporaryFolder());
    await fillOutput(root);
    await pushStore({ root, store });
    const before = await documents(store);
    const manager = ArtifactManager.open({ root });
    const { digest } = manager.resolve('weights:v1');
    const [file] = await manager.files(manager.resolve('digits'));
    for (const address of [digest, file!.sha256, sha256('weights of one')]) {
      await store.delete(contentKey(address));
    }
    const statuses = async (isForced: boolean) => {
      const { reports, contents } = await pushStore({ root, store, isForced });
      return [...reports.map(({ status }) => status), contents];
    };
    expect(await statuses(false)).toEqual(['synced', 'synced', 'unchanged', 'unchanged', 2]);
    expect(await statuses(true)).toEqual(['unchanged', 'unchanged', 'synced', 'unchanged', 1]);
    expect(await statuses(true)).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged', 0]);
    expect(await documents(store)).toEqual(before);
  });

  it('sends nothing of a version that the store has already given up', async () => {
    const [root, other] = [temporaryFolder(), temporaryFolder()];
    const store = new FolderStore(temporaryFolder());
    const put = async (content: string) => {
      await ArtifactManager.open({ root }).put('corpus', { x: Buffer.from(content) });
    };
    await put('first');
    await put('second');
    await pushStore({ root, store });
    await pullStore({ root: other, store });
    await ArtifactManager.open({ root: other }).collect({ keepLast: 1, isApplied: true });
    await pushStore({ root: other, store });
    await store.delete(contentKey(sha256('first')));
    expect(await pushStore({ root, store })).toMatchObject({
      contents: 0,
      reports: [{ artifact: 'corpus', status: 'unchanged' }],
    });
  });

  it('adds a signature that was made later, and leaves one that differs with a warning', async () => {
    const root = temporaryFolder();
    const store = new FolderStore(temporaryFolder());
    const { directory } = await completeExample(root, 'one');
    const signed = join(storeFolder(store), 'v1', 'runs', 'one', SIGNATURE_FILE);
    const push = async () => (await pushStore({ root, store })).reports;
    await push();
    writeFileSync(join(directory, SIGNATURE_FILE), 'first');
    expect(await push()).toMatchObject([{ status: 'synced', warnings: [] }]);
    expect(await push()).toMatchObject([{ status: 'unchanged', warnings: [] }]);
    writeFileSync(join(directory, SIGNATURE_FILE), 'second');
    expect(await push()).toMatchObject([
      { status: 'unchanged', warnings: [expect.stringContaining('another signature')] },
    ]);
    expect(readFileSync(signed, 'utf8')).toBe('first');
  });

  it('sends no signature of a run that it refuses', async () => {
    const root = temporaryFolder();
    const store = new FolderStore(temporaryFolder());
    const { directory } = await completeExample(root, 'one');
    writeFileSync(join(directory, SIGNATURE_FILE), 'signature');
    writeFileSync(join(directory, 'metrics.jsonl'), '{}\n');
    expect((await pushStore({ root, store })).reports).toMatchObject([{ status: 'failed' }]);
    expect(await listed(store, 'v1/runs/')).toEqual([]);
  });

  it('leaves a run that is not complete for later', async () => {
    const root = temporaryFolder();
    openExample(root, { runId: 'one' }).fail(new Error('out of luck'));
    const store = new FolderStore(temporaryFolder());
    expect(await syncRuns({ root, remotes: [store] })).toMatchObject([
      { runId: 'one', status: 'unchanged', warnings: [expect.stringContaining('not complete')] },
    ]);
    expect(await listed(store, '')).toEqual([]);
  });
});

describe('pullStore', () => {
  it.each([
    ['lost', false],
    ['damaged, and took out of the way', true],
  ])('heals what the folder %s, once', async (_, isDamaged) => {
    const [root, other] = [temporaryFolder(), temporaryFolder()];
    const store = new FolderStore(temporaryFolder());
    await fillOutput(root);
    await pushStore({ root, store });
    await pullStore({ root: other, store });
    const manager = ArtifactManager.open({ root: other });
    const { digest } = manager.resolve('weights:v1');
    const [file] = await manager.files(manager.resolve('digits'));
    for (const address of [digest, file!.sha256]) {
      const path = join(other, 'store', 'v1', 'blobs', address.slice(0, 2), address);
      if (isDamaged) writeFileSync(path, Buffer.alloc(statSync(path).size, 9));
      else rmSync(path);
    }
    if (isDamaged) expect((await manager.verify()).isIntact).toBe(false);
    const { reports, contents } = await pullStore({ root: other, store });
    expect(contents).toBe(2);
    expect(reports.map(({ status }) => status)).toEqual([
      'synced', 'synced', 'unchanged', 'unchanged',
    ]); // prettier-ignore
    expect(await manager.verify()).toMatchObject({ isIntact: true, hurt: [] });
    const again = await pullStore({ root: other, store });
    expect(again.contents).toBe(0);
    expect(again.reports.every(({ status }) => status === 'unchanged')).toBe(true);
  });

  it('asks the store for nothing but entries where nothing is missing', async () => {
    const [root, other] = [temporaryFolder(), temporaryFolder()];
    const store = new FolderStore(temporaryFolder());
    await ArtifactManager.open({ root }).put('corpus', { x: Buffer.from('x') });
    await pushStore({ root, store });
    await pullStore({ root: other, store });
    const get = jest.spyOn(store, 'get');
    await pullStore({ root: other, store });
    expect(get.mock.calls.flat()).toEqual(['v1/artifacts/corpus/000001.json']);
  });

  it.each([['../../evil'], ['a/../../evil'], ['/evil'], ['a\\..\\evil']])(
    'refuses a manifest that names the file %j, and leaves nothing',
    async (path) => {
      const [root, other] = [temporaryFolder(), temporaryFolder()];
      const store = new FolderStore(temporaryFolder());
      await completeExample(root, 'one');
      await pushStore({ root, store });
      const key = join(storeFolder(store), 'v1', 'runs', 'one', 'manifest.json');
      const manifest = JSON.parse(readFileSync(key, 'utf8')) as { files: Record<string, unknown> };
      const evil = { sha256: sha256('evil'), bytes: 4 };
      writeFileSync(
        key,
        JSON.stringify({ ...manifest, files: { ...manifest.files, [path]: evil } }),
      );
      await store.put(`v1/contents/${evil.sha256.slice(0, 2)}/${evil.sha256}`, Buffer.from('evil'));
      expect((await pullStore({ root: other, store })).reports).toMatchObject([
        { status: 'failed', problem: { code: 'RUN_BROKEN' } },
      ]);
      expect(Object.keys(snapshot(dirname(other))).some((name) => name.endsWith('evil'))).toBe(
        false,
      );
      expect(listRuns(other)).toEqual([]);
    },
  );

  it('refuses a content that is longer than its manifest says', async () => {
    const [root, other] = [temporaryFolder(), temporaryFolder()];
    const store = new FolderStore(temporaryFolder());
    await completeExample(root, 'one');
    await pushStore({ root, store });
    const digest = sha256('weights of one');
    await store.put(`v1/contents/${digest.slice(0, 2)}/${digest}`, Buffer.alloc(1_000_000));
    expect((await pullStore({ root: other, store })).reports).toMatchObject([
      { problem: { code: 'CONTENT_DAMAGED' } },
    ]);
    expect(snapshot(join(other, 'runs'))).toEqual({});
  });

  it('keeps what was there unwanted, and is wanted now, from a collector that works meanwhile', async () => {
    const [root, other] = [temporaryFolder(), temporaryFolder()];
    const store = new FolderStore(temporaryFolder());
    await ArtifactManager.open({ root }).put('corpus', { x: Buffer.from('known') });
    await pushStore({ root, store });
    const now = () => new Date(Date.now() - 10 * 86_400_000);
    await ContentStore.open(join(other, 'store'), { now }).put('known');
    const manager = ArtifactManager.open({ root: other });
    expect((await manager.collect({ isApplied: true })).content.marked).toHaveLength(1);
    // All contents are there by then, and nothing refers to them yet.
    const put = jest.spyOn(FolderStore.prototype, 'put').mockImplementationOnce(async function (
      this: FolderStore,
      ...entry: Parameters<FolderStore['put']>
    ) {
      await manager.collect({ isApplied: true });
      put.mockRestore();
      return this.put(...entry);
    });
    await pullStore({ root: other, store });
    expect(await manager.verify()).toMatchObject({ isIntact: true, hurt: [] });
  });

  it.each([
    ['of another name', { name: 'evil' }],
    ['with a member that entries do not have', { evil: 1 }],
    ['that removes and gives a version at once', { versions: ['1.0.0'] }],
  ])('refuses an entry %s, which would break the history here', async (_, change) => {
    const [root, other] = [temporaryFolder(), temporaryFolder()];
    const store = new FolderStore(temporaryFolder());
    await ArtifactManager.open({ root }).put('corpus', { x: Buffer.from('x') });
    await pushStore({ root, store });
    const path = join(storeFolder(store), 'v1', 'artifacts', 'corpus', '000001.json');
    const entry = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    writeFileSync(path, JSON.stringify({ ...entry, ...change }));
    expect((await pullStore({ root: other, store })).reports).toMatchObject([
      { artifact: 'corpus', problem: { code: 'ARTIFACT_HISTORY_BROKEN' } },
    ]);
    expect(snapshot(other)).toEqual({});
  });

  it('refuses a tree that names a path outside of the artifact', async () => {
    const [root, other] = [temporaryFolder(), temporaryFolder()];
    const store = new FolderStore(temporaryFolder());
    await ArtifactManager.open({ root }).put('corpus', { x: Buffer.from('x') });
    await pushStore({ root, store });
    const tree = JSON.stringify({
      files: [{ bytes: 1, path: '../evil', sha256: sha256('x') }],
      tree_version: 1,
    });
    const digest = sha256(tree);
    await store.put(`v1/contents/${digest.slice(0, 2)}/${digest}`, Buffer.from(tree));
    const path = join(storeFolder(store), 'v1', 'artifacts', 'corpus', '000001.json');
    const entry = JSON.parse(readFileSync(path, 'utf8')) as { version: object };
    writeFileSync(path, JSON.stringify({ ...entry, version: { ...entry.version, digest } }));
    expect((await pullStore({ root: other, store })).reports).toMatchObject([
      { artifact: 'corpus', problem: { code: 'ARTIFACT_TREE_BROKEN' } },
    ]);
  });

  it('adds to a folder that has runs and artifacts of its own', async () => {
    const [root, other] = [temporaryFolder(), temporaryFolder()];
    const store = new FolderStore(temporaryFolder());
    await fillOutput(root);
    await completeExample(other, 'mine');
    mkdirSync(join(other, 'store'), { recursive: true });
    await ArtifactManager.open({ root: other }).put(
      'mine',
      { x: Buffer.from('x') },
      { type: 'corpus' },
    );
    await pushStore({ root, store });
    await pullStore({ root: other, store });
    expect(
      listRuns(other)
        .map(({ runId }) => runId)
        .sort(),
    ).toEqual(['mine', 'one', 'two']);
    expect(
      new Set(
        ArtifactManager.open({ root: other })
          .list()
          .map(({ name }) => name),
      ),
    ).toEqual(new Set(['mine', 'digits', 'weights']));
  });
});

// Helpers

function contentKey(address: string): string {
  return `v1/contents/${address.slice(0, 2)}/${address}`;
}

function storeFolder(store: FolderStore): string {
  return store.address.replace(/^file:/, '');
}

async function documents(store: FolderStore): Promise<Record<string, string>> {
  const all = snapshot(storeFolder(store));
  const keys = new Set(await listed(store, ''));
  return Object.fromEntries(
    Object.entries(all).filter(([path]) => keys.has(path) && !path.includes('log')),
  );
}
