import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@pixelis/core';
import { sampleBytes } from '../test/sample-bytes';
import { filesBelow, useTemporaryFolder } from '../test/temporary-folder';
import { ContentStore } from './content-store';

const DAY_MS = 24 * 3_600_000;
const MIB = 1 << 20;
const SHARED = sampleBytes(5 * MIB);
const OTHER = Buffer.concat([SHARED, sampleBytes(3 * MIB, 2)]);
const temporaryFolder = useTemporaryFolder();

describe('ContentStore.collect()', () => {
  it('marks what is not live and older than the grace period, and takes it in the next run', async () => {
    const { store, folder, wait } = openStore();
    const live = await store.put('live');
    const dead = await store.put('dead');
    const file = { kind: 'content', sha256: dead.sha256, bytes: 4 };
    const collect = async () => store.collect({ live: [live.sha256], isApplied: true });

    expect(await collect()).toMatchObject({ isApplied: true, marked: [], taken: [] });
    wait(DAY_MS);
    expect(await collect()).toMatchObject({
      marked: [file],
      taken: [],
      markedBytes: 4,
      takenBytes: 0,
    });
    expect(await store.has(dead.sha256)).toBe(true);
    expect(await collect()).toMatchObject({
      marked: [],
      taken: [file],
      markedBytes: 0,
      takenBytes: 4,
    });
    expect(await store.has(dead.sha256)).toBe(false);
    expect(await store.readBytes(live.sha256)).toEqual(Buffer.from('live'));
    expect(filesBelow(folder).filter((path) => !path.includes('blobs'))).toEqual(['v1/marks.json']);
  });

  it('changes nothing in a dry run, and says what an applied run would do', async () => {
    const { store, folder, wait } = openStore();
    for (const content of ['a', SHARED, OTHER]) await store.put(content);
    wait(2 * DAY_MS);
    const live = [sha256(OTHER)];
    for (let turn = 0; turn < 3; turn++) {
      const before = filesBelow(folder);
      const dry = await store.collect({ live });
      expect(filesBelow(folder)).toEqual(before);
      const { marked, taken } = await store.collect({ live, isApplied: true });
      expect(dry).toMatchObject({ isApplied: false, marked, taken });
    }
  });

  it('takes what was put again only after another grace period and another mark', async () => {
    const { store, wait } = openStore();
    const { sha256: address } = await store.put('x');
    const collect = async () => (await store.collect({ live: [], isApplied: true })).taken.length;
    wait(DAY_MS);
    expect(await collect()).toBe(0);
    await store.put('x');
    expect(await collect()).toBe(0);
    wait(DAY_MS);
    expect(await collect()).toBe(0);
    expect(await store.has(address)).toBe(true);
    expect(await collect()).toBe(1);
  });

  it('keeps the chunks that a content which stays needs, and takes the others with their content', async () => {
    const { store, folder, wait } = openStore();
    await store.put(SHARED);
    const shared = new Set(chunksOf(folder));
    await store.put(OTHER);
    wait(DAY_MS);
    const collect = async () => store.collect({ live: [sha256(SHARED)], isApplied: true });
    await collect();
    const { taken } = await collect();
    expect(taken.filter(({ kind }) => kind === 'content').map((file) => file.sha256)).toEqual([
      sha256(OTHER),
    ]);
    expect(new Set(chunksOf(folder))).toEqual(shared);
    expect(SHARED.equals(await store.readBytes(sha256(SHARED)))).toBe(true);
    expect(await store.verify()).toMatchObject({ isIntact: true });
  });

  it('takes no chunk before the list that was put again without it', async () => {
    const { store, folder, wait, now } = openStore();
    await store.put(SHARED);
    wait(DAY_MS);
    await store.collect({ live: [], isApplied: true });
    await ContentStore.open(folder, { now, chunking: 'none' }).put(SHARED);
    wait(DAY_MS);
    expect((await store.collect({ live: [], isApplied: true })).taken).toEqual([]);
    expect(SHARED.equals(await store.readBytes(sha256(SHARED)))).toBe(true);
  });

  it('takes chunks that a killed put left', async () => {
    const { store, folder, wait } = openStore();
    await store.put(SHARED);
    rmSync(join(folder, 'v1', 'lists'), { recursive: true });
    wait(DAY_MS);
    await store.collect({ live: [], isApplied: true });
    await store.collect({ live: [], isApplied: true });
    expect(chunksOf(folder)).toEqual([]);
  });

  it('settles what a killed collector left: back it goes, and is looked at again', async () => {
    const { store, folder, wait } = openStore();
    const { sha256: address } = await store.put('x');
    wait(DAY_MS);
    await store.collect({ live: [], isApplied: true });
    const trash = join(folder, 'v1', 'trash');
    const path = join(
      folder,
      filesBelow(folder).find((file) => file.includes(address))!,
    );
    mkdirSync(trash);
    renameSync(path, join(trash, `blobs-${address}`));
    writeFileSync(join(trash, 'not ours'), '');
    expect(await store.collect({ live: [address], isApplied: true })).toMatchObject({
      taken: [],
      missing: [],
    });
    expect(readFileSync(path, 'utf8')).toBe('x');
    renameSync(path, join(trash, `blobs-${address}`));
    await store.collect({ live: [], isApplied: true });
    expect(await store.collect({ live: [], isApplied: true })).toMatchObject({
      taken: [{ sha256: address }],
    });
    expect(filesBelow(trash)).toEqual(['not ours']);
  });

  it('names live contents that are not there', async () => {
    const { store } = openStore();
    const { sha256: there } = await store.put('x');
    const missing = sha256('never put');
    expect(await store.collect({ live: [missing, there] })).toMatchObject({ missing: [missing] });
  });

  it('takes no marks but its own', async () => {
    const { store, folder, wait } = openStore();
    const { sha256: address } = await store.put('x');
    const marks = join(folder, 'v1', 'marks.json');
    const path = `v1/blobs/${address.slice(0, 2)}/${address}`;
    wait(DAY_MS);
    for (const text of [
      'torn',
      '{"marked":[]}',
      `{"marked":{"${path}":"1"},"marks_version":1}`,
      `{"marked":{"${path}":1},"marks_version":1}`,
      '{"marked":{"../../etc/passwd":1},"marks_version":1}',
    ]) {
      writeFileSync(marks, text);
      expect(await store.collect({ live: [], isApplied: true })).toMatchObject({
        taken: [],
        marked: [{ sha256: address }],
      });
    }
  });

  it('refuses to guess where a chunk list is damaged', async () => {
    const { store, folder } = openStore();
    await store.put(SHARED);
    const list = filesBelow(folder).find((path) => path.startsWith('v1/lists/'))!;
    writeFileSync(join(folder, list), '{}');
    await expect(store.collect({ live: [], isApplied: true })).rejects.toMatchObject({
      name: 'IntegrityError',
      code: 'STORE_DAMAGED',
    });
    await store.verify();
    await expect(store.collect({ live: [], isApplied: true })).resolves.toMatchObject({
      taken: [],
    });
  });

  it.each([-1, NaN])('refuses a grace period of %d', async (gracePeriodMs) => {
    const { store } = openStore();
    await expect(store.collect({ live: [], gracePeriodMs })).rejects.toThrow(RangeError);
  });
});

// Helpers

function openStore() {
  const folder = temporaryFolder();
  let time = Date.parse('2026-01-01T00:00:00Z');
  const now = () => new Date(time);
  const wait = (ms: number) => {
    time += ms;
  };
  return { folder, store: ContentStore.open(folder, { now }), wait, now };
}

function chunksOf(folder: string): string[] {
  return filesBelow(folder).filter((path) => path.startsWith('v1/chunks/'));
}
