import type { Generator } from './generator';
import { OverridableSlot } from './override';

/** What seeding needs of TensorFlow.js; `import * as tf from '@tensorflow/tfjs-core'` and its supersets have it. */
export interface TensorModule {
  getKernel(kernelName: string, backendName: string): TensorKernel | undefined;
  registerKernel(kernel: TensorKernel): void;
  unregisterKernel(kernelName: string, backendName: string): void;
  /** Present in `@tensorflow/tfjs`, which brings data sets along. */
  readonly data?: { readonly Dataset: { readonly prototype: ShuffledDataset } };
}

/** A kernel as TensorFlow.js registers it. */
export interface TensorKernel {
  readonly kernelName: string;
  readonly backendName: string;
  kernelFunc(call: TensorKernelCall): unknown;
}

/** What a kernel is called with. */
export interface TensorKernelCall {
  readonly attrs?: object;
}

/** The method of a data set that draws random numbers. */
export interface ShuffledDataset {
  shuffle: (
    this: ShuffledDataset,
    bufferSize: number,
    seed?: string,
    reshuffleEachIteration?: boolean,
  ) => unknown;
}

type Shuffle = ShuffledDataset['shuffle'];

const kernelSlots = new WeakMap<TensorModule, OverridableSlot<TensorKernel>>();
const shuffleSlots = new WeakMap<ShuffledDataset, OverridableSlot<Shuffle>>();

/**
 * Seeds what a seeded `Math.random`, on which nearly all random operations of TensorFlow.js 4.22 fall back, does not reach:
 * `multinomial` on the native backend, which truncates that number to 0, its library's word for "take any seed"; and
 * `Dataset.shuffle`, which falls back on the clock. Returns the function that undoes it.
 */
export function seedTensorModule(tf: TensorModule, generator: Generator): () => void {
  const restoreKernel = seedMultinomial(tf, generator.fork('multinomial'));
  const restoreShuffle = seedShuffle(tf, generator.fork('shuffle'));
  return () => {
    restoreShuffle();
    restoreKernel();
  };
}

function seedMultinomial(tf: TensorModule, stream: Generator): () => void {
  const kernel = tf.getKernel('Multinomial', 'tensorflow');
  if (kernel === undefined) return doNothing;
  let slot = kernelSlots.get(tf);
  if (slot === undefined) {
    slot = new OverridableSlot(
      () => tf.getKernel('Multinomial', 'tensorflow') ?? kernel,
      (value) => {
        tf.unregisterKernel('Multinomial', 'tensorflow');
        tf.registerKernel(value);
      },
    );
    kernelSlots.set(tf, slot);
  }
  return slot.override({
    ...kernel,
    kernelFunc(call) {
      const { attrs = {} } = call;
      const isSeeded = 'seed' in attrs && Number.isInteger(attrs.seed);
      // The kernel squares the seed, which must stay below 2^63.
      const seed = isSeeded ? attrs.seed : stream.integer(1, 2 ** 31);
      return kernel.kernelFunc({ ...call, attrs: { ...attrs, seed } });
    },
  });
}

function seedShuffle(tf: TensorModule, stream: Generator): () => void {
  const dataset = tf.data?.Dataset.prototype;
  if (dataset === undefined) return doNothing;
  let slot = shuffleSlots.get(dataset);
  if (slot === undefined) {
    slot = new OverridableSlot(
      () => dataset.shuffle,
      (value) => {
        dataset.shuffle = value;
      },
    );
    shuffleSlots.set(dataset, slot);
  }
  const shuffle = slot.current;
  return slot.override(function seededShuffle(this: ShuffledDataset, bufferSize, seed, ...rest) {
    // As a text, a seed of 0 is not taken for none.
    const given = seed ?? stream.integer(0, 2 ** 53);
    return shuffle.call(this, bufferSize, String(given), ...rest);
  });
}

function doNothing(): void {
  // There was nothing to seed.
}
