import { DataError } from '@pixelis/core';
import { formatBytes, requireDiskSpace } from './disk-space';
import { bar, createProgress } from './progress';
import { thrownBy } from '../test/thrown-by';

describe('createProgress()', () => {
  it('draws a bar on a terminal, not too often, and clears it for a line', () => {
    const { stream, written } = recorder(true);
    let nowMs = 0;
    const progress = createProgress(stream, () => nowMs);

    progress.advance('fetched', 1e6, 4e6);
    nowMs = 50;
    progress.advance('fetched', 2e6, 4e6);
    nowMs = 200;
    progress.advance('fetched', 3e6, 4e6);
    nowMs = 201;
    progress.advance('fetched', 4e6, 4e6);
    progress.say('done');

    expect(written.map((text) => text.match(/\d+ MB of \d+ MB/)?.[0] ?? text)).toEqual([
      '1 MB of 4 MB',
      '3 MB of 4 MB',
      '4 MB of 4 MB',
      '\r\u001b[K',
      'done\n',
    ]);
  });

  it('writes whole lines alone elsewhere', () => {
    const { stream, written } = recorder(false);
    const progress = createProgress(stream);

    progress.advance('fetched', 1, 2);
    progress.say('done');

    expect(written).toEqual(['done\n']);
  });
});

describe('bar()', () => {
  it.each([
    [0, 4, 0],
    [1, 4, 6],
    [4, 4, 24],
    [5, 4, 24],
    [1, 0, 0],
    [-1, 4, 0],
  ])('shows %d of %d as %d cells of 24', (done, total, cells) => {
    expect(bar(done, total)).toBe('█'.repeat(cells) + '░'.repeat(24 - cells));
  });
});

describe('requireDiskSpace()', () => {
  it('takes what fits, with a margin', () => {
    const options = { folder: '.', neededBytes: 1e9 };

    expect(() => requireDiskSpace({ ...options, freeBytes: 1.1e9 })).not.toThrow();
    expect(() => requireDiskSpace({ ...options, freeBytes: 1.1e9 - 1 })).toThrow(DataError);
  });

  it('says how much there is and how much is needed', () => {
    expect(
      thrownBy(() => requireDiskSpace({ folder: 'here', neededBytes: 6e9, freeBytes: 2e8 })),
    ).toMatchObject({
      code: 'DISK_SPACE',
      exitCode: 4,
      message: 'here has 200 MB free, the installation needs 6.1 GB',
    });
  });

  it('asks the file system', () => {
    expect(() => requireDiskSpace({ folder: __dirname, neededBytes: 0 })).not.toThrow();
    expect(() => requireDiskSpace({ folder: __dirname, neededBytes: 1e18 })).toThrow(DataError);
  });
});

describe('formatBytes()', () => {
  it.each([
    [0, '0 MB'],
    [273_829_956, '274 MB'],
    [999_000_000, '999 MB'],
    [6e9, '6.0 GB'],
  ])('writes %d as %s', (bytes, expected) => {
    expect(formatBytes(bytes)).toBe(expected);
  });
});

// Helpers

function recorder(isTTY: boolean) {
  const written: string[] = [];
  return { written, stream: { isTTY, write: (text: string) => written.push(text) } };
}
