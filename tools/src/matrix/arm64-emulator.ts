import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Packages of Debian and Ubuntu: the emulator, and the libraries that Node.js for arm64 is linked to. */
const PACKAGES = [
  'qemu-user-static',
  'libatomic1-arm64-cross',
  'libc6-arm64-cross',
  'libgcc-s1-arm64-cross',
  'libstdc++6-arm64-cross',
];

const LIBRARIES = ['libatomic.so.1', 'libc.so.6', 'libgcc_s.so.1', 'libstdc++.so.6'];

const UPDATE = ['update', '-qq'];

const REMEDY = `as root, run apt-get update, or apt-get install ${PACKAGES.join(' ')}`;

/**
 * Words to put before a program for arm64 on Linux. What the system has is taken; else its packages are downloaded by
 * apt and unpacked into `folder`, which needs no root.
 *
 * @throws {Error} If neither is possible; the message says what would help.
 */
export function arm64Emulator(folder: string): string[] {
  const found = emulatorIn('/') ?? emulatorIn(folder);
  if (found !== undefined) return found;
  process.stderr.write('unpacking qemu and libraries for arm64 into .cache/matrix\n');
  mkdirSync(folder, { recursive: true });
  const download = ['download', ...PACKAGES];
  if (!succeeds('apt-get', download, folder)) {
    // What apt knows of the packages may be stale, or nothing, as on a fresh machine.
    const isRoot = process.getuid?.() === 0;
    const words = isRoot ? UPDATE : ['-n', 'apt-get', ...UPDATE];
    succeeds(isRoot ? 'apt-get' : 'sudo', words, folder);
    run('apt-get', download, folder);
  }
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb'))) {
    run('dpkg-deb', ['--extract', file, '.'], folder);
  }
  const unpacked = emulatorIn(folder);
  if (unpacked === undefined) throw new Error(`arm64 cannot be emulated: ${REMEDY}`);
  return unpacked;
}

function emulatorIn(root: string): string[] | undefined {
  const emulator = join(root, 'usr/bin/qemu-aarch64-static');
  const libraries = join(root, 'usr/aarch64-linux-gnu');
  const needed = [emulator, ...LIBRARIES.map((name) => join(libraries, 'lib', name))];
  return needed.every((path) => existsSync(path)) ? [emulator, '-L', libraries] : undefined;
}

function succeeds(program: string, words: readonly string[], folder: string): boolean {
  return spawnSync(program, words, { cwd: folder, stdio: ['ignore', 2, 2] }).status === 0;
}

function run(program: string, words: readonly string[], folder: string): void {
  const { status, error } = spawnSync(program, words, { cwd: folder, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  const reason = error?.message ?? `${program} failed`;
  throw new Error(`arm64 cannot be emulated (${reason}): ${REMEDY}`);
}
