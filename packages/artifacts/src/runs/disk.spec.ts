import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { makeFolder } from './disk';

const temporaryFolder = useTemporaryFolder();

describe('makeFolder()', () => {
  it('makes a folder and those above it, and leaves one that is there', () => {
    const folder = join(temporaryFolder(), 'a', 'b', 'c');
    makeFolder(folder);
    makeFolder(folder);
    expect(statSync(folder).isDirectory()).toBe(true);
  });

  it('throws where a file stands in the way', () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'a'));
    writeFileSync(join(root, 'a', 'file'), '');
    expect(() => makeFolder(join(root, 'a', 'file', 'b'))).toThrow(/ENOTDIR|ENOENT/);
  });

  if (process.platform === 'linux') {
    it('throws in a folder that lets none be made', () => {
      expect(() => makeFolder('/proc/none/such')).toThrow(/ENOENT|EACCES|EPERM/);
    });
  }
});
