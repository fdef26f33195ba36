import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

describe('ContentStore.verify() while another process heals', () => {
  it.each([
    ['blob', 'x', 'v1/blobs/'],
    ['chunk', LONG, 'v1/chunks/'],
    ['list', LONG, 'v1/lists/'],
  ])('leaves a %s that was put anew after it was found damaged', async (_, content, area) => {
    const { store, folder, path } = await damagedStore(content, area);
    const intact = path.replace(folder, await copyOf(content));
    beforeRename = (from) => {
      if (from !== path) return;
      beforeRename = () => undefined;
      // Another verification takes the damaged file, and a put writes it anew, as a file of its own.
      writeFileSync(`${path}.new`, readFileSync(intact));
      renameSync(`${path}.new`, path);
    };
    expect(await store.verify()).toMatchObject({ isIntact: true, damaged: [], damagedFiles: [] });
    expect(sha256(await store.readBytes(sha256(content)))).toBe(sha256(content));
    expect(filesBelow(folder).filter((file) => /trash|quarantine/.test(file))).toEqual([]);
  });

  it('leaves a store whole that two verify and one heals at once', async () => {
    const { store, folder } = await damagedStore('x', 'v1/blobs/');
    const other = ContentStore.open(folder);
    await Promise.all([store.verify(), other.verify(), heal(store, 'x'), heal(other, 'x')]);
    await store.put('x');
    expect(await store.verify()).toMatchObject({ isIntact: true });
  });

  it('reports a file that another verification has set aside meanwhile', async () => {
    const { store, folder, path } = await damagedStore('x', 'v1/blobs/');
    beforeRename = (from) => {
      if (from === path) renameSync(path, join(folder, 'taken'));
    };
    expect(await store.verify()).toMatchObject({ damaged: [{ sha256: sha256('x') }] });
  });

  it('clears away a damaged file that is in quarantine under another name of it', async () => {
    const { store, folder, path } = await damagedStore('x', 'v1/blobs/');
    const quarantined = join(folder, 'v1', 'quarantine', `blobs-${sha256('x')}`);
    mkdirSync(dirname(quarantined));
    linkSync(path, quarantined);
    expect(await store.verify()).toMatchObject({ damaged: [{ sha256: sha256('x') }] });
    expect(filesBelow(folder)).toEqual([`v1/quarantine/blobs-${sha256('x')}`]);
  });

  it('finds what a killed process left in the trash', async () => {
    const { store, folder, path } = await damagedStore('x', 'v1/blobs/');
    mkdirSync(join(folder, 'v1', 'trash'));
    renameSync(path, join(folder, 'v1', 'trash', `blobs-${sha256('x')}.0123456789ab`));
    expect(await store.verify()).toMatchObject({ damaged: [{ sha256: sha256('x') }] });
    expect(filesBelow(folder)).toEqual([`v1/quarantine/blobs-${sha256('x')}`]);
    expect(existsSync(path)).toBe(false);
  });
});

// Helpers

async function damagedStore(content: Buffer | string, area: string) {
  const folder = await copyOf(content);
  const path = join(folder, filesBelow(folder).find((file) => file.startsWith(area)) ?? '');
  const bytes = readFileSync(path);
  bytes[0]! ^= 1;
  writeFileSync(path, bytes);
  return { folder, path, store: ContentStore.open(folder) };
}

/** A folder of its own with a store of one content. */
async function copyOf(content: Buffer | string): Promise<string> {
  const folder = temporaryFolder();
  await ContentStore.open(folder).put(content);
  return folder;
}

async function heal(store: ContentStore, content: string): Promise<void> {
  while (!(await store.verify({ isRepairing: false })).isIntact) await store.put(content);
}
