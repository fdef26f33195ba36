import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolderSync } from './make-folder';

describe('makeFolderSync()', () => {
  const base = mkdtempSync(join(tmpdir(), 'core-make-folder-'));
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  it('makeFolderSync() makes what is missing, and leaves what is there', () => {
    const folder = join(base, 'a', 'b', 'c');
    expect(makeFolderSync(folder)).toBe(join(base, 'a'));
    expect(makeFolderSync(folder)).toBeUndefined();
    expect(statSync(folder).isDirectory()).toBe(true);
  });

  it('makeFolderSync() throws where a file is in the way', () => {
    writeFileSync(join(base, 'file'), '');
    expect(() => makeFolderSync(join(base, 'file', 'folder'))).toThrow(/ENOTDIR|ENOENT|EEXIST/);
    expect(() => makeFolderSync(join(base, 'file'))).toThrow(/EEXIST/);
  });

  it('makeFolderSync() ends where no folder can be made', () => {
    if (!existsSync('/proc/self')) return;
    expect(() => makeFolderSync('/proc/pixelis/folder')).toThrow(/ENOENT|EACCES|EPERM/);
  });
});
