import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { snapshot, useTemporaryFolder } from '../../test/temporary-folder';
import { ArtifactManager } from './artifact-manager';
import type { RetentionPolicy } from './collect-artifacts';
import { LineageTracker } from './lineage-tracker';

const temporaryFolder = useTemporaryFolder();
const DAY_MS = 86_400_000;

interface Setting {
  manager: ArtifactManager;
  readonly pass: (ms: number) => void;
}

/** An artifact of so many versions, a day apart. */
async function withVersions(count: number, name = 'x'): Promise<Setting> {
  let time = Date.parse('2026-01-01T00:00:00Z');
  const manager = ArtifactManager.open({
    root: temporaryFolder(),
    rank: 0,
    now: () => new Date(time),
  });
  for (let index = 1; index <= count; index++) {
    await manager.put(name, { a: Buffer.from(`${name} ${index}`) });
    time += DAY_MS;
  }
  return {
    manager,
    pass: (ms) => {
      time += ms;
    },
  };
}

async function goneBy(manager: ArtifactManager, policy: RetentionPolicy): Promise<string[]> {
  return (await manager.collect(policy)).removed.map(({ version }) => version);
}

describe('collect()', () => {
  it('changes nothing unless it is applied', async () => {
    const { manager, pass } = await withVersions(3);
    pass(10 * DAY_MS);
    const before = snapshot(manager.root);
    const report = await manager.collect({ keepLast: 1 });
    expect(report).toMatchObject({
      isApplied: false,
      removed: [{ version: '1.0.0' }, { version: '2.0.0' }],
    });
    expect(report.content.marked).toHaveLength(4);
    expect(snapshot(manager.root)).toEqual(before);
  });

  it('lets a version go only if no rule keeps it', async () => {
    const { manager } = await withVersions(5);
    await manager.setAlias('x', 'best', 'v2');
    expect(await goneBy(manager, {})).toEqual([]);
    expect(await goneBy(manager, { keepLast: 2 })).toEqual(['1.0.0', '3.0.0']);
    expect(await goneBy(manager, { keepLast: 2, keepAliased: false })).toEqual([
      '1.0.0',
      '2.0.0',
      '3.0.0',
    ]);
    expect(await goneBy(manager, { keepAliased: true })).toEqual(['1.0.0', '3.0.0', '4.0.0']);
    expect(await goneBy(manager, { keepYoungerThanMs: 3.5 * DAY_MS })).toEqual(['1.0.0']);
    expect(await goneBy(manager, { keepLast: 4, keepYoungerThanMs: DAY_MS })).toEqual(['1.0.0']);
    expect(await goneBy(manager, { keepLast: 0, keepAliased: false })).toEqual([
      '1.0.0',
      '2.0.0',
      '3.0.0',
      '4.0.0',
    ]);
  });

  it('looks at the types and names that are asked for', async () => {
    const { manager } = await withVersions(2, 'model-a');
    for (const text of ['1', '2']) await manager.put('notes', { a: Buffer.from(text) });
    async function namesGone(policy: RetentionPolicy): Promise<string[]> {
      return (await manager.collect({ keepLast: 1, ...policy })).removed.map(({ name }) => name);
    }
    expect(await namesGone({})).toEqual(['model-a', 'notes']);
    expect(await namesGone({ types: ['model'] })).toEqual(['model-a']);
    expect(await namesGone({ names: ['no*'] })).toEqual(['notes']);
    expect(await namesGone({ types: ['model'], names: ['no*'] })).toEqual([]);
  });

  it('takes the content of what went in two runs, and keeps its entry, its lineage and all other content', async () => {
    const { manager, pass } = await withVersions(3);
    const child = await manager.put(
      'y',
      { a: Buffer.from('x 1') },
      { parents: [manager.resolve('x:v1')] },
    );
    await manager.setAlias('x', 'old', 'v2');
    const policy = { keepLast: 1, keepAliased: false, isApplied: true };
    pass(2 * DAY_MS);
    expect((await manager.collect(policy)).content).toMatchObject({ taken: [], missing: [] });
    pass(2 * DAY_MS);
    const { removed, content } = await manager.collect(policy);
    expect(removed).toEqual([]);
    // The tree and the file of version 2: y holds the same as version 1.
    expect(content.taken).toHaveLength(2);
    expect(manager.list({ name: 'x' }).map(({ version }) => version)).toEqual(['3.0.0']);
    expect(() => manager.resolve('x:v1')).toThrow('x:1.0.0 was removed by a retention policy');
    expect(() => manager.resolve('x:old')).toThrow('no version or alias');
    expect(manager.history('x').at(-1)).toMatchObject({
      kind: 'removed',
      versions: ['1.0.0', '2.0.0'],
      moves: [{ alias: 'old', from: '2.0.0', to: null }],
    });
    await manager.get('y', join(temporaryFolder(), 'y'));
    expect(await manager.verify()).toMatchObject({ isIntact: true });
    const graph = await new LineageTracker(manager).graph();
    expect(graph.ancestors(`y:${child.version}`).map(({ id }) => id)).toEqual(['x:1.0.0']);
    expect(graph.node('x:1.0.0')).toMatchObject({ files: [] });
  });

  it('gives content that comes back after it went a new version', async () => {
    const { manager, pass } = await withVersions(3);
    pass(2 * DAY_MS);
    await manager.collect({ keepLast: 1, isApplied: true });
    expect(await manager.put('x', { a: Buffer.from('x 1') })).toMatchObject({
      version: '4.0.0',
      isNew: true,
    });
    await expect(
      manager.put('x', { a: Buffer.from('new') }, { version: 'v1' }),
    ).rejects.toMatchObject({ code: 'ARTIFACT_VERSION_TAKEN' });
  });

  it('keeps what is pinned or young', async () => {
    const { manager, pass } = await withVersions(1);
    const pinned = await manager.store.put('pinned');
    const garbage = await manager.store.put('garbage');
    async function wouldTake(policy: RetentionPolicy): Promise<string[]> {
      return (await manager.collect(policy)).content.marked.map(({ sha256 }) => sha256);
    }
    expect(await wouldTake({})).toEqual([]);
    pass(2 * DAY_MS);
    expect(await wouldTake({ pinned: [pinned.sha256] })).toEqual([garbage.sha256]);
    expect(await wouldTake({ gracePeriodMs: 7 * DAY_MS })).toEqual([]);
  });

  it('takes nothing while it cannot tell what a history or a tree holds', async () => {
    const { manager, pass } = await withVersions(2);
    await manager.put('z', { a: Buffer.from('1') });
    pass(10 * DAY_MS);
    const { digest } = manager.resolve('z');
    const blobs = join(manager.root, 'store', 'v1', 'blobs', digest.slice(0, 2));
    for (const name of readdirSync(blobs).filter((one) => one.startsWith(digest)))
      rmSync(join(blobs, name));
    const before = snapshot(join(manager.root, 'store', 'v1', 'blobs'));
    await expect(manager.collect({ isApplied: true })).rejects.toMatchObject({
      code: 'CONTENT_MISSING',
    });
    expect(snapshot(join(manager.root, 'store', 'v1', 'blobs'))).toEqual(before);
  });

  it.each([{ keepLast: -1 }, { keepYoungerThanMs: NaN }, { gracePeriodMs: -5 }])(
    'refuses %j',
    async (policy) => {
      const { manager } = await withVersions(1);
      await expect(manager.collect(policy)).rejects.toThrow(RangeError);
    },
  );
});
