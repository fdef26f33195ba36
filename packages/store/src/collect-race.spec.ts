import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type * as FileSystem from 'node:fs/promises';
import { join } from 'node:path';
import type * as Core from '@pixelis/core';
import { sha256 } from '@pixelis/core';
import { sampleBytes } from '../test/sample-bytes';
import { filesBelow, useTemporaryFolder } from '../test/temporary-folder';
import { ContentStore } from './content-store';

/** Called before each rename or link of the store, with the path that is about to go. */
let beforeRename: (from: string) => void = () => undefined;
/** Called after each rename of the store. */
let afterRename: () => void = () => undefined;
/** Called before the names in a folder are read. */
let beforeListing: (path: string) => void = () => undefined;
/** Called before a file is removed. */
let beforeRemoval: (path: string) => Promise<void> = () => Promise.resolve();

jest.mock('@pixelis/core', () => {
  const core = jest.requireActual<typeof Core>('@pixelis/core');
  const renamePersistentlySync = (from: string, to: string) => {
    beforeRename(from);
    core.renamePersistentlySync(from, to);
    afterRename();
  };
  return { ...core, renamePersistentlySync };
});

jest.mock('node:fs/promises', () => {
  const files = jest.requireActual<typeof FileSystem>('node:fs/promises');
  const rm: typeof files.rm = async (path, options) => {
    await beforeRemoval(String(path));
    await files.rm(path, options);
  };
  const readdir = (path: string) => {
    beforeListing(path);
    return files.readdir(path);
  };
  const link: typeof files.link = async (from, to) => {
    beforeRename(String(from));
    await files.link(from, to);
  };
  return { ...files, rm, readdir, link };
});

const LONG = sampleBytes(5 << 20);
const temporaryFolder = useTemporaryFolder();
afterEach(() => {
  beforeRename = () => undefined;
  afterRename = () => undefined;
  beforeRemoval = () => Promise.resolve();
  beforeListing = () => undefined;
});

describe('ContentStore.collect() while another process puts', () => {
  it('puts back what was put again after the collector looked at it', async () => {
    const { store, folder, now } = await markedStore('x');
    const trashed: string[] = [];
    beforeRename = (from) => utimesSync(from, now(), now());
    afterRename = () => trashed.push(...readdirSync(join(folder, 'v1', 'trash')));
    expect((await store.collect({ live: [], isApplied: true })).taken).toEqual([]);
    expect(trashed).toEqual([
      expect.stringMatching(new RegExp(`^blobs-${sha256('x')}\\.[0-9a-f]{12}$`)),
    ]);
    expect(Buffer.from(await store.readBytes(sha256('x'))).toString()).toBe('x');
    expect(filesBelow(join(folder, 'v1', 'trash'))).toEqual([]);
  });

  it('keeps the chunks of a list that it put back', async () => {
    const { store, now } = await markedStore(LONG);
    beforeRename = (from) => {
      if (from.includes('lists') && !from.includes('trash')) utimesSync(from, now(), now());
    };
    expect((await store.collect({ live: [], isApplied: true })).taken).toEqual([]);
    expect(await store.verify()).toMatchObject({ isIntact: true, contentCount: 1 });
  });

  it.each([
    ['a whole content', 'x'],
    ['a content in chunks', LONG],
  ])(
    'leaves %s that was renewed after it was marked, and needs no bytes for that',
    async (_, content) => {
      const { store } = await markedStore(content);
      const reference = { sha256: sha256(content), bytes: content.length };
      expect(await store.renew({ ...reference, bytes: reference.bytes + 1 })).toBe(false);
      expect(await store.renew({ ...reference, sha256: sha256('other') })).toBe(false);
      expect(await store.renew(reference)).toBe(true);
      expect((await store.collect({ live: [], isApplied: true })).taken).toEqual([]);
      expect(await store.verify()).toMatchObject({ isIntact: true, contentCount: 1 });
    },
  );

  it('removes nothing that another collector put back, a writer renewed, and that one took again', async () => {
    const { store, folder, now } = await markedStore('x');
    const other = ContentStore.open(folder, { now });
    let isOthersTurn = true;
    beforeRemoval = async (found) => {
      if (!isOthersTurn) return;
      isOthersTurn = false;
      beforeRename = (from) => {
        if (!from.includes('trash')) utimesSync(from, now(), now());
      };
      // What the first collector is about to do happens before the second one looks at what it took.
      afterRename = () => rmSync(found, { force: true });
      expect((await other.collect({ live: [], isApplied: true })).taken).toEqual([]);
    };
    expect((await store.collect({ live: [], isApplied: true })).taken).toEqual([]);
    expect(isOthersTurn).toBe(false);
    expect(Buffer.from(await store.readBytes(sha256('x'))).toString()).toBe('x');
    expect(filesBelow(join(folder, 'v1', 'trash'))).toEqual([]);
  });

  it('does not put an old file back over one that a writer writes at that moment', async () => {
    const { store, folder, now } = await markedStore('x');
    const place = join(folder, 'v1', 'blobs', sha256('x').slice(0, 2), sha256('x'));
    const trash = join(folder, 'v1', 'trash');
    mkdirSync(trash);
    renameSync(place, join(trash, `blobs-${sha256('x')}.0123456789ab`));
    beforeRename = (from) => {
      if (!from.includes('trash')) return;
      beforeRename = () => undefined;
      writeFileSync(place, 'x');
      utimesSync(place, now(), now());
    };
    expect((await store.collect({ live: [], isApplied: true })).taken).toEqual([]);
    expect(statSync(place).mtimeMs).toBe(now().getTime());
    expect(filesBelow(trash)).toEqual([]);
  });

  it('keeps the chunks of a list that comes back from the trash while lists are looked at', async () => {
    const { store, folder } = await markedStore(LONG);
    const trash = join(folder, 'v1', 'trash');
    const address = sha256(LONG);
    const place = join(folder, 'v1', 'lists', address.slice(0, 2), `${address}.json`);
    const trashed = join(trash, `lists-${address}.json.0123456789ab`);
    mkdirSync(trash);
    beforeListing = (path) => {
      // Another collector takes the list, finds it renewed, and puts it back just before the trash is read.
      if (path.endsWith('blobs') && existsSync(place)) renameSync(place, trashed);
      if (path === trash && existsSync(trashed) && areListsRead) renameSync(trashed, place);
      if (path.endsWith('lists') && !existsSync(place)) areListsRead = looks++ > 0;
    };
    let looks = 0;
    let areListsRead = false;
    expect((await store.collect({ live: [address], isApplied: true })).taken).toEqual([]);
    beforeListing = () => undefined;
    expect(await store.verify()).toMatchObject({ isIntact: true, contentCount: 1 });
  });

  it('passes over what another collector took', async () => {
    const { store, folder } = await markedStore(LONG);
    const other = ContentStore.open(folder, { now: () => new Date('2026-01-03T00:00:00Z') });
    const both = await Promise.all(
      [store, other].map((each) => each.collect({ live: [], isApplied: true })),
    );
    expect(
      new Set(both.flatMap(({ taken }) => taken.map((file) => file.sha256))).size,
    ).toBeGreaterThan(1);
    await store.collect({ live: [], isApplied: true });
    await store.collect({ live: [], isApplied: true });
    expect(filesBelow(folder)).toEqual(['v1/marks.json']);
  });
});

// Helpers

/** A store with one content that is two days old, which a first run has marked. */
async function markedStore(content: Buffer | string) {
  const folder = temporaryFolder();
  let time = new Date('2026-01-01T00:00:00Z');
  const now = () => time;
  const store = ContentStore.open(folder, { now });
  await store.put(content);
  time = new Date('2026-01-03T00:00:00Z');
  const { marked } = await store.collect({ live: [], isApplied: true });
  expect(marked.length).toBeGreaterThan(0);
  return { folder, store, now };
}
