import { spawnSync } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// eslint-disable-next-line @nx/enforce-module-boundaries -- what is measured is the package as it is built
import { ContentStore, type ContentStoreOptions } from '@pixelis/store';

/**
 * One file, put and got by the store and its peers, in turns on the same disk. Environment: PIXELIS_BENCH_MEBIBYTES (1024),
 * PIXELIS_BENCH_ROUNDS (3), PIXELIS_BENCH_RESTIC and PIXELIS_BENCH_DVC, the programs. Peers that are not there are passed over.
 */
const MEBIBYTES = Number(process.env['PIXELIS_BENCH_MEBIBYTES'] ?? 1024);
const ROUNDS = Number(process.env['PIXELIS_BENCH_ROUNDS'] ?? 3);
const RESTIC = process.env['PIXELIS_BENCH_RESTIC'] ?? 'restic';
const DVC = process.env['PIXELIS_BENCH_DVC'] ?? 'dvc';
const MIB = 1 << 20;

const folder = mkdtempSync(join(tmpdir(), 'pixelis-store-bench-'));
const input = join(folder, 'input');
let address = '';

/** A measurement: milliseconds of one round, or null if the program is not there. */
type Measure = () => Promise<number | null>;

const measures: Record<string, Measure> = {
  'SHA-256 of Node, from memory': () => timed(hashFromMemory),
  'dd conv=fsync': () =>
    program('dd', [
      'if=/dev/zero',
      `of=${fresh('dd')}/out`,
      'bs=1M',
      `count=${MEBIBYTES}`,
      'conv=fsync',
    ]),
  'put, whole': () => put('whole', { chunking: 'none' }),
  'put, chunked': () => put('chunked', {}),
  'put, chunked, again': () => timed(() => open('chunked', {}).putFile(input)),
  'get into memory, whole': () => timed(() => consume('whole')),
  'get into a file, whole': () =>
    timed(() => open('whole', {}).getFile(address, join(fresh('got'), 'out'))),
  'get into a file, chunked': () =>
    timed(() => open('chunked', {}).getFile(address, join(fresh('got'), 'out'))),
  'verify, chunked': () => timed(() => open('chunked', {}).verify()),
  'restic backup': resticBackup,
  'restic restore': () => restic(['restore', 'latest', '--target', fresh('restored')]),
  'dvc add': dvcAdd,
};

async function main(): Promise<void> {
  makeInput();
  const seconds = new Map<string, number[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, measure] of Object.entries(measures)) {
      const ms = await measure();
      if (ms !== null) seconds.set(name, [...(seconds.get(name) ?? []), ms / 1000]);
    }
  }
  console.log(
    `Node ${process.version} on ${process.arch}, ${MEBIBYTES} MiB, median of ${ROUNDS} rounds`,
  );
  for (const name of Object.keys(measures)) {
    const times = seconds.get(name);
    const result = times === undefined ? 'not installed' : describeTimes(times);
    console.log(`${name.padEnd(30)} ${result}`);
  }
}

function describeTimes(times: readonly number[]): string {
  const median = [...times].sort((a, b) => a - b)[times.length >> 1] ?? NaN;
  const rate = (MEBIBYTES * MIB) / median / 1e6;
  return `${median.toFixed(2).padStart(7)} s ${rate.toFixed(0).padStart(7)} MB/s`;
}

/** Bytes that neither compress nor repeat, as weights do not. */
function makeInput(): void {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
  const zeros = Buffer.alloc(MIB);
  const file = openSync(input, 'w');
  for (let count = 0; count < MEBIBYTES; count++) writeSync(file, cipher.update(zeros));
  closeSync(file);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function hashFromMemory(): Promise<void> {
  const bytes = Buffer.alloc(MIB, 7);
  const hash = createHash('sha256');
  for (let count = 0; count < MEBIBYTES; count++) hash.update(bytes);
  hash.digest();
  return Promise.resolve();
}

function open(name: string, options: ContentStoreOptions): ContentStore {
  return ContentStore.open(join(folder, name), options);
}

async function put(name: string, options: ContentStoreOptions): Promise<number> {
  fresh(name);
  return timed(async () => {
    address = (await open(name, options).putFile(input)).sha256;
  });
}

async function consume(name: string): Promise<void> {
  let bytes = 0;
  for await (const piece of open(name, {}).read(address)) bytes += piece.byteLength;
  if (bytes !== MEBIBYTES * MIB) throw new Error(`read ${bytes} bytes`);
}

async function resticBackup(): Promise<number | null> {
  fresh('restic');
  warm();
  if ((await restic(['init'])) === null) return null;
  return restic(['backup', input]);
}

function restic(args: readonly string[]): Promise<number | null> {
  const environment = {
    RESTIC_REPOSITORY: join(folder, 'restic', 'repository'),
    RESTIC_PASSWORD: 'bench',
  };
  return program(RESTIC, ['--no-cache', '--quiet', ...args], environment);
}

async function dvcAdd(): Promise<number | null> {
  const cwd = fresh('dvc');
  copyFileSync(input, join(cwd, 'data'));
  if ((await program(DVC, ['init', '--no-scm', '--quiet'], {}, cwd)) === null) return null;
  return program(DVC, ['add', '--quiet', 'data'], {}, cwd);
}

/** Milliseconds that a program took; null if it is not installed. */
function program(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  cwd = folder,
): Promise<number | null> {
  const start = performance.now();
  const env = { ...process.env, ...environment };
  const { error, status, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (error !== undefined && 'code' in error && error.code === 'ENOENT')
    return Promise.resolve(null);
  if (error !== undefined || status !== 0) throw error ?? new Error(`${command}: ${stderr}`);
  return Promise.resolve(performance.now() - start);
}

/** An empty folder of this name. */
function fresh(name: string): string {
  const path = join(folder, name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  return path;
}

/** Brings the input into the cache of the system. */
function warm(): void {
  const bytes = Buffer.alloc(MIB);
  const file = openSync(input, 'r');
  while (readSync(file, bytes) > 0);
  closeSync(file);
}

main()
  .finally(() => rmSync(folder, { recursive: true, force: true }))
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
