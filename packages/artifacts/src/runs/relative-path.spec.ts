import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@pixelis/core';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { RELATIVE_PATH, resolveInside } from './relative-path';

const temporaryFolder = useTemporaryFolder();

describe('RELATIVE_PATH', () => {
  it.each(['a', 'a/b.c', '.hidden', 'a..b/c', 'ä/日本 語.svg'])(
    'RELATIVE_PATH matches %j',
    (path) => {
      expect(path).toMatch(RELATIVE_PATH);
    },
  );

  it.each([
    '', '/', '/a', 'a/', 'a//b', '.', '..', './a', '../a', 'a/..', 'a/../b', 'a\\b', 'C:/a', 'a:stream',
    'a\0b', 'a\nb', 'a.', 'a /b', 'a\n',
  ])('RELATIVE_PATH does not match %j', (path) => {
    expect(path).not.toMatch(RELATIVE_PATH);
  }); // prettier-ignore
});

describe('resolveInside', () => {
  it('resolveInside() joins a path to the folder', () => {
    const folder = temporaryFolder();
    expect(resolveInside(folder, 'a/b')).toBe(join(folder, 'a', 'b'));
  });

  it('resolveInside() refuses a path that leaves the folder', () => {
    expect(() => resolveInside('x', '../y')).toThrow(RangeError);
  });

  it('resolveInside() refuses a symbolic link as any part of the path', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'real'));
    writeFileSync(join(folder, 'target'), '');
    symlinkSync(folder, join(folder, 'real', 'linked'), 'junction');
    expect(() => resolveInside(folder, 'real/linked')).toThrow(DataError);
    expect(() => resolveInside(folder, 'real/linked/x')).toThrow(/linked is a symbolic link/);
  });
});
