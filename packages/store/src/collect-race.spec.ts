import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import type * as Core from '@pixelis/core';
import { sha256 } from '@pixelis/core';
import { sampleBytes } from '../test/sample-bytes';
import { filesBelow, useTemporaryFolder } from '../test/temporary-folder';
import { ContentStore } from './content-store';

/** Called before each rename of the store, with the path that is about to go. */
let beforeRename: (from: string) => void = () => undefined;

jest.mock('@pixelis/core', () => {
  const core = jest.requireActual<typeof Core>('@pixelis/core');
  const renamePersistentlySync = (from: string, to: string) => {
    beforeRename(from);
    core.renamePersistentlySync(from, to);
  };
  return { ...core, renamePersistentlySync };
});

const LONG = sampleBytes(5 << 20);
const temporaryFolder = useTemporaryFolder();
afterEach(() => (beforeRename = () => undefined));

describe('ContentStore.collect() while another process puts', () => {
  it('puts back what was put again after the collector looked at it', async () => {
    const { store, folder, now } = await markedStore('x');
    const renamed: string[] = [];
    beforeRename = (from) => {
      if (!from.includes('trash')) utimesSync(from, now(), now());
      renamed.push(from);
    };
    expect((await store.collect({ live: [], isApplied: true })).taken).toEqual([]);
    // Into the trash and out of it, then the marks.
    expect(renamed.slice(0, 2).map((path) => path.includes('trash'))).toEqual([false, true]);
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
