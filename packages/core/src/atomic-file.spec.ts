import fs, {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeStaleTemporaries, writeFileAtomic, writeFileAtomicSync } from './atomic-file';
import { DataError } from './errors';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'core-atomic-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function systemError(code: string): Error {
  return Object.assign(new Error(code), { errno: -1, code, syscall: 'write' });
}

/** What all file handles inherit from; Node does not export it. */
async function fileHandlePrototype(): Promise<fs.promises.FileHandle> {
  const handle = await open(__filename, 'r');
  await handle.close();
  return Object.getPrototypeOf(handle) as fs.promises.FileHandle;
}

describe.each([
  ['writeFileAtomic', writeFileAtomic],
  [
    'writeFileAtomicSync',
    // eslint-disable-next-line @typescript-eslint/require-await
    async (path: string, content: string | ArrayBufferView) => {
      writeFileAtomicSync(path, content);
    },
  ],
] as const)('%s', (_, writeAtomic) => {
  it('writes a text as UTF-8 and leaves nothing beside it', async () => {
    await writeAtomic(join(folder, 'a.txt'), 'é€\n');
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('é€\n');
    expect(readdirSync(folder)).toEqual(['a.txt']);
  });

  it('writes the bytes that a typed array covers', async () => {
    const floats = new Float32Array([0, 1, 2, 3]).subarray(1, 3);
    await writeAtomic(join(folder, 'a.bin'), floats);
    const expected = Buffer.from(floats.buffer, floats.byteOffset, floats.byteLength);
    expect(readFileSync(join(folder, 'a.bin')).equals(expected)).toBe(true);
  });

  it('replaces a longer file by an empty one', async () => {
    writeFileSync(join(folder, 'a'), 'long');
    await writeAtomic(join(folder, 'a'), '');
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('');
  });

  it('takes a name as long as the system allows', async () => {
    await writeAtomic(join(folder, 'n'.repeat(240)), 'x');
    expect(readdirSync(folder)).toEqual(['n'.repeat(240)]);
  });

  it('writes everything even if the system takes a few bytes at a time', async () => {
    const { writeSync } = fs;
    jest
      .spyOn(fs, 'writeSync')
      .mockImplementation(((fd: number, bytes: Uint8Array, at: number) =>
        writeSync(fd, bytes, at, Math.min(3, bytes.length - at))) as typeof fs.writeSync);
    const prototype = await fileHandlePrototype();
    const write = Reflect.get(prototype, 'write') as (...args: unknown[]) => unknown;
    const writeLittle = function (this: unknown, bytes: Uint8Array, at: number): unknown {
      return Reflect.apply(write, this, [bytes, at, Math.min(3, bytes.length - at)]);
    };
    jest.spyOn(prototype, 'write').mockImplementation(writeLittle as typeof prototype.write);
    await writeAtomic(join(folder, 'a'), 'ten bytes.');
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('ten bytes.');
  });

  it.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EDQUOT', 'DISK_FULL'],
    ['EIO', 'DISK_FAULTY'],
  ])('keeps the old file and no temporary when the disk says %s', async (systemCode, code) => {
    const path = join(folder, 'a');
    writeFileSync(path, 'old');
    jest.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw systemError(systemCode);
    });
    jest.spyOn(await fileHandlePrototype(), 'write').mockRejectedValue(systemError(systemCode));
    const failure = writeAtomic(path, 'new');
    await expect(failure).rejects.toThrow(DataError);
    await expect(failure).rejects.toMatchObject({
      code,
      message: expect.stringContaining(path) as string,
      cause: { code: systemCode },
    });
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('names the file when its folder is missing', async () => {
    const path = join(folder, 'none', 'a');
    await expect(writeAtomic(path, '')).rejects.toMatchObject({
      code: 'PATH_MISSING',
      message: `cannot write ${path}: no such file or folder`,
    });
  });

  it('does not replace a folder, and leaves no temporary', async () => {
    mkdirSync(join(folder, 'a'));
    await expect(writeAtomic(join(folder, 'a'), '')).rejects.toMatchObject({
      code: 'PATH_UNWRITABLE',
    });
    expect(readdirSync(folder)).toEqual(['a']);
  });

  if (process.platform !== 'win32' && process.getuid?.() !== 0) {
    it('says which file it may not write', async () => {
      chmodSync(folder, 0o500);
      await expect(writeAtomic(join(folder, 'a'), '')).rejects.toMatchObject({
        code: 'PATH_UNWRITABLE',
      });
      chmodSync(folder, 0o700);
    });
  }

  it('passes other errors on as they are', async () => {
    const error = new RangeError('a defect');
    jest.spyOn(fs, 'fsyncSync').mockImplementation(() => {
      throw error;
    });
    jest.spyOn(await fileHandlePrototype(), 'sync').mockRejectedValue(error);
    await expect(writeAtomic(join(folder, 'a'), '')).rejects.toBe(error);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('lets concurrent writers of one file each succeed', async () => {
    const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(1000));
    await Promise.all(texts.map((text) => writeAtomic(join(folder, 'a'), text)));
    expect(texts).toContain(readFileSync(join(folder, 'a'), 'utf8'));
    expect(readdirSync(folder)).toEqual(['a']);
  });
});

describe('removeStaleTemporaries', () => {
  it('removes old temporaries and nothing else', () => {
    const old = '.pixelis-1-0123456789ab.tmp';
    const young = '.pixelis-1-ba9876543210.tmp';
    for (const name of [old, young, 'a.tmp', '.hidden']) writeFileSync(join(folder, name), '');
    const twoHoursAgo = Date.now() / 1000 - 7200;
    for (const name of [old, 'a.tmp', '.hidden']) {
      utimesSync(join(folder, name), twoHoursAgo, twoHoursAgo);
    }
    expect(removeStaleTemporaries(folder)).toEqual([old]);
    expect(readdirSync(folder).sort()).toEqual(['.hidden', young, 'a.tmp']);
  });

  it('explains a missing folder', () => {
    expect(() => removeStaleTemporaries(join(folder, 'none'))).toThrow(DataError);
  });
});
