import { UsageError } from '@pixelis/core';
import { type DataLoaderOptions as SeedOptions, Generator } from '@pixelis/reproducibility';
import { type BatchSource, LocalSource, WorkerSource } from './batch-source';
import type { BatchRequest, DatasetOptions, DatasetReference } from './dataset';
import { createDataset } from './dataset-registry';

/** How a {@link DataLoader} reads; `generator` comes from `getReproducibleDataLoaderOptions(seed)`. */
export interface DataLoaderOptions extends SeedOptions {
  /** Examples in a batch; what is left at the end of an epoch is not read. */
  batchSize: number;
  /** Pieces that a batch is cut into, at most `batchSize`. @default {1} */
  shards?: number;
  /** Worker threads that build batches ahead; 0 builds each when it is asked for. @default {0} */
  numWorkers?: number;
  /** Batches that each worker is ahead at most. @default {2} */
  prefetchCount?: number;
  /** Whether each epoch has an order of its own; else the order of the data set. @default {true} */
  isShuffled?: boolean;
}

/** Where a loader stands: the batch that comes next. Both count from 0. */
export interface LoaderState {
  epoch: number;
  batch: number;
}

/** A batch in its pieces, with the place that it has. */
export interface LoadedBatch<Piece> extends LoaderState {
  shards: Piece[];
}

interface Requested<Piece> {
  place: LoaderState;
  pieces: Promise<Piece[]>;
}

/**
 * Reads a data set in batches, epoch after epoch without end. What a batch holds depends on the generator, the data set's
 * options and the batch's place alone: not on the number of workers, nor on where reading began.
 */
export class DataLoader<Piece> {
  readonly #reference: DatasetReference<Piece>;
  readonly #settings: Required<DataLoaderOptions>;
  readonly #generator: Generator;
  readonly #length: number;
  readonly #source: BatchSource;
  #options: DatasetOptions;
  #next: LoaderState = { epoch: 0, batch: 0 };
  #ahead: Requested<Piece>[] = [];
  #order: { epoch: number; indices: Uint32Array } | undefined;
  #isClosed = false;

  /**
   * @throws {UsageError} If the data set is unknown or refuses its options, or a batch, its pieces or the number of
   * workers are out of range.
   */
  constructor(reference: DatasetReference<Piece>, options: DataLoaderOptions) {
    const { name, module } = reference;
    this.#reference = reference;
    this.#options = reference.options;
    this.#settings = { shards: 1, numWorkers: 0, prefetchCount: 2, isShuffled: true, ...options };
    this.#generator = Generator.fromState(options.generator);
    this.#length = createDataset(name, reference.options).length;
    checkSettings(this.#settings, this.#length);
    const { numWorkers, generator } = this.#settings;
    this.#source =
      numWorkers === 0
        ? new LocalSource(name, this.#options)
        : new WorkerSource(numWorkers, {
            name,
            options: this.#options,
            module,
            seedOptions: { generator },
          });
  }

  /** Batches in an epoch. */
  get batchesPerEpoch(): number {
    return Math.floor(this.#length / this.#settings.batchSize);
  }

  /** The place of the batch that {@link next} gives next. */
  state(): LoaderState {
    return { ...this.#next };
  }

  /**
   * Goes on from another place, such as one that {@link state} told before.
   *
   * @throws {RangeError} If there is no such place.
   */
  seek({ epoch, batch }: LoaderState): void {
    const isPlace =
      Number.isSafeInteger(epoch) &&
      epoch >= 0 &&
      Number.isSafeInteger(batch) &&
      batch >= 0 &&
      batch < this.batchesPerEpoch;
    if (!isPlace) {
      throw new RangeError(
        `Cannot seek: epoch must be >= 0 and batch in [0, ${this.batchesPerEpoch}): current values are ${epoch} and ${batch}`,
      );
    }
    this.#ahead = [];
    this.#next = { epoch, batch };
  }

  /**
   * Changes options of the data set from the next batch on; the others stay. What was built ahead is dropped.
   *
   * @throws {UsageError} If the data set refuses them, or its length would change.
   */
  reconfigure(changes: DatasetOptions): void {
    const options = { ...this.#options, ...changes };
    const { length } = createDataset(this.#reference.name, options);
    if (length !== this.#length) {
      throw new UsageError(
        `A loader's data set must keep its length: ${this.#length}, not ${length}`,
        {
          code: 'LOADER_OPTION_INVALID',
          remedy: 'Make another loader for another split.',
        },
      );
    }
    this.#options = options;
    this.#ahead = [];
    this.#source.configure(options);
  }

  /**
   * The next batch.
   *
   * @throws {DataError} If a file of the data set cannot be read.
   * @throws {RangeError} If the loader was closed.
   * @throws {Error} If the data set throws or a worker dies.
   */
  async next(): Promise<LoadedBatch<Piece>> {
    if (this.#isClosed) throw new RangeError('Cannot read: the loader must be open: it was closed');
    const { numWorkers, prefetchCount } = this.#settings;
    this.#source.receive();
    const { place, pieces } = this.#ahead.shift() ?? this.#request(this.#next);
    this.#next = this.#after(place);
    while (this.#ahead.length < numWorkers * prefetchCount) {
      const last = this.#ahead.at(-1)?.place ?? place;
      this.#ahead.push(this.#request(this.#after(last)));
    }
    return { ...place, shards: await pieces };
  }

  /** Ends all workers. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#ahead = [];
    await this.#source.close();
  }

  #after({ epoch, batch }: LoaderState): LoaderState {
    return batch + 1 < this.batchesPerEpoch
      ? { epoch, batch: batch + 1 }
      : { epoch: epoch + 1, batch: 0 };
  }

  #request(place: LoaderState): Requested<Piece> {
    const { batchSize, shards } = this.#settings;
    const first = place.batch * batchSize;
    const indices = this.#orderOf(place.epoch).slice(first, first + batchSize);
    const pieces = this.#build({ epoch: place.epoch, indices, shards });
    // Whoever asks for this batch sees its error; one that is dropped before has nobody to see it.
    pieces.catch(() => undefined);
    return { place, pieces };
  }

  async #build(request: BatchRequest): Promise<Piece[]> {
    const pieces = await this.#source.build(request);
    const { name, isPiece } = this.#reference;
    if (pieces.every(isPiece)) return pieces;
    throw new TypeError(`Cannot read: dataset "${name}" gave a piece of another kind`);
  }

  #orderOf(epoch: number): Uint32Array {
    if (this.#order?.epoch !== epoch) {
      const indices = this.#settings.isShuffled
        ? this.#generator.fork(`epoch/${epoch}`).permutation(this.#length)
        : Uint32Array.from({ length: this.#length }, (_, index) => index);
      this.#order = { epoch, indices };
    }
    return this.#order.indices;
  }
}

function checkSettings(settings: Required<DataLoaderOptions>, length: number): void {
  const { batchSize, shards, numWorkers, prefetchCount } = settings;
  checkRange('batch size', batchSize, { low: 1, high: length });
  checkRange('number of shards', shards, { low: 1, high: batchSize });
  checkRange('number of workers', numWorkers, { low: 0, high: 256 });
  checkRange('number of batches ahead', prefetchCount, { low: 1, high: 256 });
}

function checkRange(
  what: string,
  value: number,
  { low, high }: { low: number; high: number },
): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new UsageError(`The ${what} must be an integer in [${low}, ${high}]: found ${value}`, {
    code: 'LOADER_OPTION_INVALID',
    remedy: `Choose a ${what} from ${low} to ${high}.`,
  });
}
