import { readFileSync } from 'node:fs';
import { DataError } from './errors';
import { explainSystemError, isSystemError } from './system-error';

function errorOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing failed');
}

function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { errno: -1, code, syscall: 'write', path: 'out/x' });
}

describe('isSystemError', () => {
  it('knows what the system said from what Node or a program says', () => {
    expect(isSystemError(errorOf(() => readFileSync('/no/such/file')))).toBe(true);
    expect(isSystemError(errorOf(() => Buffer.alloc(-1)))).toBe(false);
    expect(isSystemError(new Error('ENOENT'))).toBe(false);
    expect(isSystemError({ errno: -2, code: 'ENOENT' })).toBe(false);
  });
});

describe('explainSystemError', () => {
  it.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EDQUOT', 'DISK_FULL'],
    ['EFBIG', 'DISK_FULL'],
    ['EACCES', 'PATH_UNWRITABLE'],
    ['EPERM', 'PATH_UNWRITABLE'],
    ['EROFS', 'PATH_UNWRITABLE'],
    ['EBUSY', 'PATH_UNWRITABLE'],
    ['EISDIR', 'PATH_UNWRITABLE'],
    ['ENOTDIR', 'PATH_UNWRITABLE'],
    ['EEXIST', 'PATH_UNWRITABLE'],
    ['ENOTEMPTY', 'PATH_UNWRITABLE'],
    ['ENAMETOOLONG', 'PATH_UNWRITABLE'],
    ['ENOENT', 'PATH_MISSING'],
    ['EIO', 'DISK_FAULTY'],
  ])('explains %s as %s', (systemCode, code) => {
    const cause = systemError(systemCode);
    const error = explainSystemError(cause);
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ code, cause, exitCode: 4 });
    expect(error?.message).toMatch(/^cannot write out\/x: \S/);
    expect(error?.remedy).toMatch(/\S/);
  });

  it('tells a folder in place of a file, also where a read names no path, from a file in place of a folder', () => {
    const folder = errorOf(() => readFileSync(__dirname));
    expect(folder).not.toHaveProperty('path');
    expect(explainSystemError(folder)).toMatchObject({
      message: 'cannot read a file: it is a folder, and a file is wanted',
      remedy: 'give the path of a file',
    });
    expect(explainSystemError(systemError('ENOTDIR'))?.message).toMatch(
      /a file stands where a folder is wanted$/,
    );
  });

  it('says what was tried with which file, in the words of the caller', () => {
    const error = explainSystemError(systemError('ENOSPC'), { action: 'lock', path: 'runs/a' });
    expect(error?.message).toMatch(/^cannot lock runs\/a: /);
  });

  it('leaves other errors alone', () => {
    const noProgram = Object.assign(systemError('ENOENT'), { syscall: 'spawn git', path: 'git' });
    expect(explainSystemError(noProgram)).toBeUndefined();
    const noPort = Object.assign(systemError('EACCES'), { syscall: 'listen', path: undefined });
    expect(explainSystemError(noPort)).toBeUndefined();
    expect(explainSystemError(systemError('ECONNREFUSED'))).toBeUndefined();
    expect(explainSystemError(new Error('ENOSPC'))).toBeUndefined();
    expect(explainSystemError('ENOSPC')).toBeUndefined();
  });
});
