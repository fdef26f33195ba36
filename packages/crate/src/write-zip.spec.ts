import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError, sha256 } from '@pixelis/core';
import { openPromise } from 'yauzl';
import { useTemporaryFolder } from '../test/temporary-folder';
import { type MemberSource, writeZip } from './write-zip';

const temporaryFolder = useTemporaryFolder();

describe('writeZip()', () => {
  it('writes members in their order, as they are', async () => {
    const file = join(temporaryFolder(), 'a.zip');
    await writeZip(file, [member('b', 'two'), member('a', ''), member('c/\u00e9', 'three')]);
    const zip = await openPromise(file, { autoClose: false });
    const found: [string, string, number][] = [];
    for await (const entry of zip.eachEntry()) {
      const chunks: Buffer[] = [];
      for await (const chunk of await zip.openReadStreamPromise(entry))
        chunks.push(chunk as Buffer);
      const mode = entry.externalFileAttributes >>> 16;
      found.push([entry.fileName, Buffer.concat(chunks).toString(), mode]);
    }
    zip.close();
    expect(found).toEqual([
      ['b', 'two', 0o100644],
      ['a', '', 0o100644],
      ['c/\u00e9', 'three', 0o100644],
    ]);
  });

  it.each([
    ['longer', 'xyz'],
    ['shorter', 'x'],
    ['other', 'yx'],
  ])('refuses a member that is %s than it says, and leaves nothing', async (_, text) => {
    const folder = temporaryFolder();
    const changed = { ...member('b', 'xy'), open: () => [Buffer.from(text)] };
    const members = [member('a', 'a'), changed, member('c', 'c')];
    await expect(writeZip(join(folder, 'a.zip'), members)).rejects.toMatchObject({
      code: 'CRATE_SOURCE_CHANGED',
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('passes the error of a source on, and leaves nothing', async () => {
    const folder = temporaryFolder();
    const error = new Error('gone');
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from('x'));
      throw error;
    }
    const members = [{ ...member('a', 'xy'), open: broken }];
    await expect(writeZip(join(folder, 'a.zip'), members)).rejects.toBe(error);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('never replaces a file', async () => {
    const file = join(temporaryFolder(), 'a.zip');
    await writeZip(file, [member('a', 'a')]);
    const before = readFileSync(file);
    await expect(writeZip(file, [member('b', 'b')])).rejects.toMatchObject({
      code: 'CRATE_FILE_TAKEN',
    });
    expect(readFileSync(file)).toEqual(before);
  });

  it('names a folder that is missing', async () => {
    const file = join(temporaryFolder(), 'none', 'a.zip');
    await expect(writeZip(file, [member('a', 'a')])).rejects.toBeInstanceOf(DataError);
    expect(existsSync(file)).toBe(false);
    mkdirSync(join(file, '..'));
    await writeZip(file, [member('a', 'a')]);
  });
});

function member(path: string, text: string): MemberSource {
  const bytes = Buffer.from(text);
  return { path, sha256: sha256(bytes), bytes: bytes.length, open: () => [bytes] };
}
