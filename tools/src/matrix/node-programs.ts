import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { objectOf, stringsOf } from '../json-value';
import { WORKSPACE_ROOT } from '../workspace';
import { arm64Emulator } from './arm64-emulator';
import type { Place, Processor } from './matrix-rows';

const PINS = join(WORKSPACE_ROOT, 'tools/matrix');
const CACHE = join(WORKSPACE_ROOT, '.cache/matrix');

/** The versions of Node.js that `tools/matrix/package.json` names for a processor, the oldest first. */
export function pinnedVersions(processor: Processor): string[] {
  const manifest = objectOf(JSON.parse(readFileSync(join(PINS, 'package.json'), 'utf8')));
  const suffix = `-linux-${processor}@`;
  return Object.values(stringsOf(manifest['optionalDependencies']))
    .filter((pin) => pin.includes(suffix))
    .map((pin) => pin.slice(pin.indexOf(suffix) + suffix.length))
    .sort((left, right) => Number.parseInt(left) - Number.parseInt(right));
}

/**
 * The program of a place, as words of a command line. It is installed into `.cache/matrix` at the first call.
 *
 * @throws {Error} If it cannot be installed; the message says what would help.
 */
export function nodeProgram({ processor, isEmulated, node }: Place): string[] {
  if (processor !== process.arch && !isEmulated) {
    throw new Error(`Cannot run ${processor} on ${process.arch}: it is not emulated`);
  }
  if (node === process.versions.node && !isEmulated) return [process.execPath];
  const emulator = isEmulated ? arm64Emulator(join(CACHE, 'debian')) : [];
  const folder = installedNodes(processor);
  const major = String(Number.parseInt(node));
  const program = join(folder, 'node_modules', `node-${major}-linux-${processor}`, 'bin/node');
  return [...emulator, program];
}

/** Installs the pinned versions unless they are there. @returns the folder */
function installedNodes(processor: string): string {
  const folder = join(CACHE, `linux-${processor}`);
  const files = ['package.json', 'package-lock.json'];
  const pins = createHash('sha256');
  for (const file of files) pins.update(readFileSync(join(PINS, file)));
  const digest = pins.digest('hex');
  const stamp = join(folder, 'installed-versions.sha256');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return folder;
  process.stderr.write(`installing Node.js for ${processor} into .cache/matrix\n`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of files) copyFileSync(join(PINS, file), join(folder, file));
  const words = ['ci', '--os=linux', `--cpu=${processor}`, '--ignore-scripts', '--no-audit'];
  const { status } = spawnSync('npm', [...words, '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) {
    throw new Error(
      'npm could not install Node.js: see what it says; the registry must be reachable',
    );
  }
  writeFileSync(stamp, digest);
  return folder;
}
