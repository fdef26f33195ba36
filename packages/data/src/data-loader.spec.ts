import { join } from 'node:path';
import { DataError, UsageError } from '@pixelis/core';
import { getReproducibleDataLoaderOptions } from '@pixelis/reproducibility';
import { DataLoader, type DataLoaderOptions } from './data-loader';
import type { Dataset, DatasetReference } from './dataset';
import { registerDataset } from './dataset-registry';
import { digitsReasoning } from './digits-reasoning-dataset';
import { loadMnist, mnistImage } from './mnist';
import { mnist } from './mnist-dataset';

const SEEDED = getReproducibleDataLoaderOptions(42);

/** Also registered by fixtures/faulty-dataset.cjs, in workers. */
const FAULTY: DatasetReference<Int32Array> = {
  name: 'faulty',
  options: {},
  module: join(__dirname, '../fixtures/faulty-dataset.cjs'),
  isPiece: (value): value is Int32Array => ArrayBuffer.isView(value),
};
registerDataset('faulty', ({ length = 100 }): Dataset<Int32Array> => {
  const card = { name: 'faulty', version: '1', source: '', licence: '', hashes: {} };
  return { card, length: Number(length), batch: ({ indices }) => [Int32Array.from(indices)] };
});

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((loader) => loader.close()));
});

describe('DataLoader', () => {
  it('visits every example once an epoch, in an order of each epoch, and says where it stands', async () => {
    const loader = loaderOf(FAULTY, { batchSize: 25 });
    expect(loader.batchesPerEpoch).toBe(4);
    const orders = [await epochOf(loader), await epochOf(loader)];
    const sorted = Array.from({ length: 100 }, (_, index) => index);
    for (const order of orders) expect(order.toSorted((a, b) => a - b)).toEqual(sorted);
    expect(orders[0]).not.toEqual(orders[1]);
    expect(orders[0]).not.toEqual(sorted);
    expect(loader.state()).toEqual({ epoch: 2, batch: 0 });
  });

  it('keeps the order of the data set if it is not to shuffle, and leaves out what fills no batch', async () => {
    const loader = loaderOf(FAULTY, { batchSize: 30, isShuffled: false });
    expect(loader.batchesPerEpoch).toBe(3);
    expect(await epochOf(loader)).toEqual(Array.from({ length: 90 }, (_, index) => index));
  });

  it('gives the digits of mnist with their labels', async () => {
    const loader = loaderOf(mnist({ split: 'test' }), {
      batchSize: 5,
      shards: 2,
      isShuffled: false,
    });
    const { shards } = await loader.next();
    const digits = loadMnist('test');
    expect(shards.map(({ labels }) => [...labels])).toEqual([
      [7, 2],
      [1, 0, 4],
    ]);
    expect(shards[1]!.images.subarray(784, 2 * 784)).toEqual(mnistImage(digits, 3));
  });

  it.each([0, 2])(
    'gives typed arrays that own their memory, with %i workers',
    async (numWorkers) => {
      const loader = loaderOf(digitsReasoning(), { batchSize: 8, shards: 3, numWorkers });
      const { shards } = await loader.next();
      expect(shards.map(({ batch }) => batch)).toEqual([2, 3, 3]);
      const arrays = shards.flatMap((shard) => [shard.images, shard.tokens, shard.weights]);
      for (const array of arrays) expect(array.byteLength).toBe(array.buffer.byteLength);
    },
  );

  it('sorts a batch by length before it is cut, so that shards are padded little', async () => {
    const loader = loaderOf(digitsReasoning(), { batchSize: 64, shards: 8 });
    const { shards } = await loader.next();
    const lengths = shards.map(({ length }) => length);
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
    expect(lengths[0]).toBeLessThan(lengths[7]!);
  });

  it('reconfigure() leaves the other options and the place as they are', async () => {
    const loader = loaderOf(digitsReasoning({ patchSize: 14 }), { batchSize: 4, numWorkers: 1 });
    await loader.next();
    loader.reconfigure({ levels: { simple: 1 } });
    expect(loader.state()).toEqual({ epoch: 0, batch: 1 });
    const { batch, shards } = await loader.next();
    expect([batch, shards[0]!.length]).toEqual([1, 4 + 2 + 2]);
  });

  it('reconfigure() refuses what the data set refuses, and another length, and changes nothing', async () => {
    const loader = loaderOf(digitsReasoning({ levels: { simple: 1 } }), { batchSize: 4 });
    expect(() => loader.reconfigure({ levels: { easy: 1 } })).toThrow('There is no level "easy"');
    expect(() => loader.reconfigure({ split: 'val' })).toThrow(UsageError);
    expect((await loader.next()).shards[0]!.length).toBe(16 + 2 + 2);
  });

  it('builds no more batches ahead than it may', async () => {
    const built = new Int32Array(new SharedArrayBuffer(4));
    const options = { batchSize: 5, numWorkers: 2, prefetchCount: 2 };
    const loader = loaderOf({ ...FAULTY, options: { built } }, options);
    for (let delivered = 1; delivered <= 20; delivered++) {
      await loader.next();
      const count = Atomics.load(built, 0);
      expect(count).toBeGreaterThanOrEqual(delivered);
      expect(count).toBeLessThanOrEqual(delivered + 4);
    }
  });

  it('has the next batch ready after a step that blocks the thread, without a turn of the event loop', async () => {
    const built = new Int32Array(new SharedArrayBuffer(4));
    const options = { batchSize: 5, numWorkers: 1, prefetchCount: 2 };
    const loader = loaderOf({ ...FAULTY, options: { built } }, options);
    await loader.next();
    for (let batch = 1; batch <= 5; batch++) {
      // A worker begins a batch after it has sent the one before.
      blockUntil(built, batch + 2);
      let given: number | undefined;
      void loader.next().then((found) => (given = found.batch));
      for (let turn = 0; turn < 50; turn++) await Promise.resolve();
      expect(given).toBe(batch);
    }
  });

  it('rejects with what the data set throws in a worker, and reads on', async () => {
    const loader = loaderOf(
      { ...FAULTY, options: { throwOn: 20 } },
      { batchSize: 10, numWorkers: 2, isShuffled: false },
    );
    await loader.next();
    await loader.next();
    await expect(loader.next()).rejects.toThrow('Loader worker 0 failed: index 20 is bad');
    expect((await loader.next()).batch).toBe(3);
  });

  it.each([0, 1])(
    'keeps the class of an error of the data, with %i workers',
    async (numWorkers) => {
      const directory = join(__dirname, 'no-such-folder');
      const loader = loaderOf(mnist({ directory }), { batchSize: 4, numWorkers });
      const error: unknown = await loader.next().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(DataError);
      expect(error).toMatchObject({ exitCode: 4, code: 'DATA_FILE_UNREADABLE' });
    },
  );

  it('rejects if a worker dies, at once and from then on', async () => {
    const loader = loaderOf(
      { ...FAULTY, options: { exitOn: 10 } },
      { batchSize: 10, numWorkers: 1, isShuffled: false },
    );
    await loader.next();
    await expect(loader.next()).rejects.toThrow('Loader worker 0 ended with exit code 7');
    await expect(loader.next()).rejects.toThrow('Loader worker 0 ended with exit code 7');
  });

  it('rejects if a worker cannot load the module of the data set', async () => {
    const module = join(__dirname, 'no-such-module.cjs');
    const loader = loaderOf({ ...FAULTY, module }, { batchSize: 10, numWorkers: 1 });
    await expect(loader.next()).rejects.toThrow('Loader worker 0 failed: Cannot find module');
  });

  it('rejects a piece of another kind', async () => {
    const isPiece = (value: unknown): value is string => typeof value === 'string';
    const loader = loaderOf({ ...FAULTY, isPiece }, { batchSize: 10 });
    await expect(loader.next()).rejects.toThrow(TypeError);
  });

  it('close() ends what is under way and refuses to read on', async () => {
    const loader = loaderOf(digitsReasoning(), { batchSize: 256, numWorkers: 2 });
    const under = loader.next();
    const outcome = expect(under).rejects.toThrow('was closed');
    await loader.close();
    await outcome;
    await expect(loader.next()).rejects.toThrow('Cannot read: the loader must be open');
  });

  it.each<Partial<DataLoaderOptions>>([
    { batchSize: 0 },
    { batchSize: 101 },
    { batchSize: 2.5 },
    { shards: 11 },
    { shards: 0 },
    { numWorkers: -1 },
    { prefetchCount: 0 },
  ])('refuses %j', (options) => {
    expect(() => loaderOf(FAULTY, { batchSize: 10, ...options })).toThrow(UsageError);
  });

  it.each([
    { epoch: -1, batch: 0 },
    { epoch: 0, batch: 10 },
    { epoch: 0.5, batch: 0 },
    { epoch: 0, batch: Number.NaN },
  ])('seek() refuses %j', (place) => {
    const loader = loaderOf(FAULTY, { batchSize: 10 });
    expect(() => loader.seek(place)).toThrow(RangeError);
  });
});

function loaderOf<Piece>(
  reference: DatasetReference<Piece>,
  options: Omit<DataLoaderOptions, 'generator'>,
): DataLoader<Piece> {
  const loader = new DataLoader(reference, { ...options, ...SEEDED });
  open.push(loader);
  return loader;
}

/** Blocks this thread as a native training step does, until a counter in shared memory is there. */
function blockUntil(counter: Int32Array, count: number): void {
  for (let value = Atomics.load(counter, 0); value < count; value = Atomics.load(counter, 0)) {
    if (Atomics.wait(counter, 0, value, 30_000) === 'timed-out') throw new Error(`only ${value}`);
  }
}

async function epochOf(loader: DataLoader<Int32Array>): Promise<number[]> {
  const read: number[] = [];
  for (let batch = 0; batch < loader.batchesPerEpoch; batch++) {
    const { shards } = await loader.next();
    read.push(...shards.flatMap((shard) => [...shard]));
  }
  return read;
}
