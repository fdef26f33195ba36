import fs, { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@pixelis/core';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { thrownBy } from '../../test/thrown-by';
import { AppendFile } from './append-file';

const temporaryFolder = useTemporaryFolder();

function diskFull(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), {
    code: 'ENOSPC',
    errno: -28,
    syscall: 'write',
  });
}

describe('AppendFile', () => {
  afterEach(() => jest.restoreAllMocks());

  it('append() writes no more than a buffer late', () => {
    const path = join(temporaryFolder(), 'a');
    const file = new AppendFile(path);
    file.append('first\n');
    expect(readFileSync(path, 'utf8')).toBe('');
    expect(file.sizeBytes).toBe(6);
    file.append(`${'x'.repeat(70_000)}\n`);
    expect(readFileSync(path).length).toBe(70_007);
    file.close();
  });

  it('append() writes after a second at the latest that a line comes', () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(0);
    const path = join(temporaryFolder(), 'a');
    const file = new AppendFile(path);
    file.append('first\n');
    clock.mockReturnValue(1000);
    file.append('second\n');
    expect(readFileSync(path, 'utf8')).toBe('first\nsecond\n');
    file.close();
  });

  it('AppendFile goes on at the end of a file that is there', () => {
    const path = join(temporaryFolder(), 'a');
    writeFileSync(path, 'ä\n');
    const file = new AppendFile(path);
    file.append('b\n');
    file.sync();
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('ä\nb\n');
  });

  it('flush() goes on after a short write', () => {
    const write = fs.writeSync;
    jest.spyOn(fs, 'writeSync').mockImplementation((...call: unknown[]) => {
      const [descriptor, bytes, offset, length, position] = call;
      const some = Math.min(2, Number(length));
      return Reflect.apply(write, fs, [descriptor, bytes, offset, some, position]) as number;
    });
    const path = join(temporaryFolder(), 'a');
    const file = new AppendFile(path);
    file.append('abcdefg\n');
    file.flush();
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('abcdefg\n');
  });

  it('flush() leaves no half line on a full disk, and writes all when there is space again', () => {
    const path = join(temporaryFolder(), 'a');
    const file = new AppendFile(path);
    file.append('whole\n');
    file.flush();
    const write = fs.writeSync;
    const spy = jest
      .spyOn(fs, 'writeSync')
      .mockImplementationOnce((...call: unknown[]) => {
        const [descriptor, bytes, offset, , position] = call;
        return Reflect.apply(write, fs, [descriptor, bytes, offset, 3, position]) as number;
      })
      .mockImplementationOnce(() => {
        throw diskFull();
      });
    file.append('second\n');
    expect(thrownBy(() => file.flush())).toMatchObject({ code: 'DISK_FULL', exitCode: 4 });
    expect(spy).toHaveBeenCalledTimes(2);
    expect(readFileSync(path, 'utf8')).toBe('whole\n');
    file.append('third\n');
    file.sync();
    expect(readFileSync(path, 'utf8')).toBe('whole\nsecond\nthird\n');
    file.close();
  });

  if (process.platform === 'linux') {
    it('flush() reports a device that is really full', () => {
      const file = new AppendFile('/dev/full');
      file.append('x\n');
      expect(thrownBy(() => file.flush())).toMatchObject({ code: 'DISK_FULL' });
      file.close();
    });
  }

  it('append() refuses a file that is closed', () => {
    const file = new AppendFile(join(temporaryFolder(), 'a'));
    file.close();
    file.close();
    expect(() => file.append('x\n')).toThrow(TypeError);
  });

  it('begins() knows each earlier position, of this process and of the one before, from any other text', () => {
    const path = join(temporaryFolder(), 'a');
    let file = new AppendFile(path);
    const positions = [file.position()];
    for (const line of ['ab\n', 'ç\n']) {
      file.append(line);
      positions.push(file.position());
    }
    expect(positions.map(({ bytes }) => bytes)).toEqual([0, 3, 6]);
    file.close();

    file = new AppendFile(path);
    file.append('more\n');
    expect(positions.map((position) => file.begins(position))).toEqual([true, true, true]);
    expect(file.begins({ bytes: 3, sha256: positions[2]!.sha256 })).toBe(false);
    expect(file.begins({ bytes: 12, sha256: sha256('ab\nç\nmore\n') })).toBe(false);
    expect(file.position()).toEqual({ bytes: 11, sha256: sha256('ab\nç\nmore\n') });
    file.truncate(3);
    expect(file.position()).toEqual(positions[1]);
    file.close();
  });
});
