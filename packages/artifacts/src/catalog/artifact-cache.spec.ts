import {
  chmodSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@pixelis/core';
import { ContentStore } from '@pixelis/store';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { ArtifactCache } from './artifact-cache';
import type { ArtifactFile } from './history-entry';

const temporaryFolder = useTemporaryFolder();
const AN_HOUR_AGO = new Date(Date.now() - 3_600_000);

interface Setting {
  folder: string;
  store: ContentStore;
  readonly open: (bytesMax?: number) => ArtifactCache;
  readonly put: (text: string, path?: string) => Promise<ArtifactFile>;
}

function setUp(): Setting {
  const folder = join(temporaryFolder(), 'cache');
  const store = ContentStore.open(temporaryFolder());
  return {
    folder,
    store,
    open: (bytesMax = 1000) => new ArtifactCache(folder, store, { bytesMax }),
    put: async (text, path = 'sub/a.txt') => ({ path, ...(await store.put(text)) }),
  };
}

describe('ArtifactCache', () => {
  it('gives a read-only copy, once made for all processes', async () => {
    const { open, put } = setUp();
    const file = await put('hello');
    const path = await open().file(file);
    expect(readFileSync(path, 'utf8')).toBe('hello');
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o444);
    const { ino } = statSync(path);
    expect(await open().file(file)).toBe(path);
    expect(statSync(path).ino).toBe(ino);
    expect(await open().file({ ...file, path: 'other.bin' })).toBe(join(path, '..', 'other.bin'));
  });

  it('makes a copy anew that was damaged or removed', async () => {
    const { open, put } = setUp();
    const file = await put('hello');
    const cache = open();
    const path = await cache.file(file);
    chmodSync(path, 0o644);
    writeFileSync(path, 'jello');
    expect(readFileSync(await open().file(file), 'utf8')).toBe('hello');
    chmodSync(path, 0o644);
    writeFileSync(path, 'longer than it was');
    expect(readFileSync(await cache.file(file), 'utf8')).toBe('hello');
    rmSync(path, { force: true });
    expect(readFileSync(await cache.file(file), 'utf8')).toBe('hello');
  });

  it('gives up the copies that were not used for longest, but none that was asked for just now', async () => {
    const { open, put, folder } = setUp();
    const cache = open(250);
    const paths: string[] = [];
    for (const name of ['a', 'b', 'c'])
      paths.push(await cache.file(await put(name.repeat(100), name)));
    expect(readdirSync(folder)).toHaveLength(3);
    for (const path of paths) utimesSync(path, AN_HOUR_AGO, AN_HOUR_AGO);
    await cache.file(await put('a'.repeat(100), 'a'));
    paths.push(await cache.file(await put('d'.repeat(100), 'd')));
    expect(readdirSync(folder).sort()).toEqual(
      ['a', 'd'].map((name) => sha256(name.repeat(100))).sort(),
    );
  });

  it('leaves nothing of a copy that the store cannot give', async () => {
    const { open, folder } = setUp();
    const file = { path: 'a', sha256: sha256('none'), bytes: 4 };
    await expect(open().file(file)).rejects.toMatchObject({ code: 'CONTENT_MISSING' });
    expect(readdirSync(join(folder, file.sha256))).toEqual([]);
  });

  it('serves many at once', async () => {
    const { open, put } = setUp();
    const file = await put('hello');
    const caches = Array.from({ length: 8 }, () => open());
    const paths = await Promise.all(caches.map((cache) => cache.file(file)));
    expect(new Set(paths).size).toBe(1);
    expect(readdirSync(join(paths[0]!, '..'))).toEqual(['a.txt']);
  });
});
