import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@pixelis/core';
import { ContentStore } from '@pixelis/store';
import { snapshot, useTemporaryFolder } from '../../test/temporary-folder';
import { getFiles } from './get-files';
import type { ArtifactFile } from './history-entry';

const temporaryFolder = useTemporaryFolder();

async function stored(
  texts: Record<string, string>,
): Promise<{ store: ContentStore; files: ArtifactFile[] }> {
  const store = ContentStore.open(temporaryFolder());
  const files: ArtifactFile[] = [];
  for (const [path, text] of Object.entries(texts))
    files.push({ path, ...(await store.put(text)) });
  return { store, files };
}

describe('getFiles()', () => {
  it('writes all files into a folder that is missing or empty', async () => {
    const { store, files } = await stored({ 'a.txt': 'a', 'b/c/d.txt': 'd' });
    const base = temporaryFolder();
    mkdirSync(join(base, 'empty'));
    for (const name of ['new', 'empty']) {
      await getFiles(store, files, join(base, name));
      expect(readFileSync(join(base, name, 'b', 'c', 'd.txt'), 'utf8')).toBe('d');
    }
    expect(readdirSync(base).sort()).toEqual(['empty', 'new']);
  });

  it('leaves a folder with something in it as it is', async () => {
    const { store, files } = await stored({ 'a.txt': 'a' });
    const base = temporaryFolder();
    writeFileSync(join(base, 'mine.txt'), 'mine');
    const before = snapshot(base);
    await expect(getFiles(store, files, base)).rejects.toMatchObject({ code: 'FOLDER_TAKEN' });
    expect(snapshot(base)).toEqual(before);
  });

  it('leaves nothing at all if one content is missing', async () => {
    const { store, files } = await stored({ 'a.txt': 'a', 'b.txt': 'b' });
    const base = temporaryFolder();
    const lost = [...files, { path: 'c.txt', sha256: sha256('lost'), bytes: 4 }];
    await expect(getFiles(store, lost, join(base, 'new'))).rejects.toMatchObject({
      code: 'CONTENT_MISSING',
    });
    expect(readdirSync(base)).toEqual([]);
  });
});
