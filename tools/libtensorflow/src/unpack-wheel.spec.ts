import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '@pixelis/core';
import { makeWheel } from '../test/make-wheel';
import { unpackWheel } from './unpack-wheel';

let folder: string;
let wheel: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'libtensorflow-unpack-'));
  wheel = join(folder, 'a.whl');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('unpackWheel()', () => {
  it('unpacks what is wanted, with its hashes, and nothing else', async () => {
    makeWheel(wheel, { 'a/b/one': 'first', 'a/two': 'second', 'c/three': 'third' });

    const files = await unpackWheel(wheel, options({ isWanted: (path) => path.startsWith('a/') }));

    expect(files).toEqual([
      { path: 'a/b/one', bytes: 5, sha256: sha256('first') },
      { path: 'a/two', bytes: 6, sha256: sha256('second') },
    ]);
    expect(readFileSync(join(folder, 'out', 'a', 'b', 'one'), 'utf8')).toBe('first');
    expect(readdirSync(join(folder, 'out'))).toEqual(['a']);
  });

  it('makes programs executable', async () => {
    makeWheel(wheel, { ptxas: { content: 'x', mode: 0o755 }, library: 'y' });

    await unpackWheel(wheel, options());

    const modes = ['ptxas', 'library'].map(
      (name) => statSync(join(folder, 'out', name)).mode & 0o111,
    );
    expect(modes).toEqual(process.platform === 'win32' ? [0, 0] : [0o111, 0]);
  });

  it('goes on where a run was killed: what is whole is kept, what is cut short is not', async () => {
    makeWheel(wheel, { whole: 'content', cut: 'content', partial: 'content' });
    await unpackWheel(wheel, options());
    const out = (name: string) => join(folder, 'out', name);
    const before = statSync(out('whole')).ino;
    writeFileSync(out('cut'), 'cont');
    rmSync(out('partial'));
    writeFileSync(out('partial.partial'), 'con');

    const files = await unpackWheel(wheel, options());

    expect(statSync(out('whole')).ino).toBe(before);
    expect(readdirSync(join(folder, 'out')).toSorted()).toEqual(['cut', 'partial', 'whole']);
    for (const name of ['cut', 'partial']) expect(readFileSync(out(name), 'utf8')).toBe('content');
    expect(new Set(files.map((file) => file.sha256))).toEqual(new Set([sha256('content')]));
  });

  it('shows how far it is', async () => {
    makeWheel(wheel, { one: 'x'.repeat(100), two: 'y'.repeat(50) });
    const advance = jest.fn();

    await unpackWheel(wheel, { ...options(), progress: { say: jest.fn(), advance } });

    expect(advance.mock.lastCall).toEqual(['unpacked', 150, 150]);
  });

  it('refuses a wheel that is cut short', async () => {
    makeWheel(wheel, { one: 'x'.repeat(1000) });
    writeFileSync(wheel, readFileSync(wheel).subarray(0, 60));

    await expect(unpackWheel(wheel, options())).rejects.toMatchObject({
      code: 'WHEEL_DAMAGED',
      exitCode: 4,
    });
  });

  it('refuses a wheel whose bytes are not what was packed, and leaves no such file', async () => {
    makeWheel(wheel, { one: 'x'.repeat(1000) });
    const bytes = readFileSync(wheel);
    bytes.fill(0xff, 34, 40);
    writeFileSync(wheel, bytes);

    await expect(unpackWheel(wheel, options())).rejects.toMatchObject({ code: 'WHEEL_DAMAGED' });
    expect(readdirSync(join(folder, 'out'))).not.toContain('one');
  });

  it('refuses a path out of the folder', async () => {
    makeWheel(wheel, { '../outside': 'x' });

    await expect(unpackWheel(wheel, options())).rejects.toMatchObject({ code: 'WHEEL_DAMAGED' });
    expect(readdirSync(folder)).not.toContain('outside');
  });
});

// Helpers

function options({ isWanted = () => true }: { isWanted?: (path: string) => boolean } = {}) {
  const progress = { say: () => undefined, advance: () => undefined };
  return { folder: join(folder, 'out'), isWanted, progress };
}
