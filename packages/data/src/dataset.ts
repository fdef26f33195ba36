/** Options of a data set: plain data that can be sent to a worker thread. */
export type DatasetOptions = Readonly<Record<string, unknown>>;

/** What a manifest says about a data set. */
export interface DatasetCard {
  name: string;
  version: string;
  /** Where the data come from. */
  source: string;
  /** Under which terms, in a sentence. */
  licence: string;
  /** SHA-256 of each file that is read. */
  hashes: Readonly<Record<string, string>>;
}

/** Which examples a batch holds, and into how many pieces it is cut. */
export interface BatchRequest {
  /** From 0. */
  epoch: number;
  indices: Uint32Array;
  /** From 1 to the number of indices. */
  shards: number;
}

/** A data set whose examples are known by index. */
export interface Dataset<Piece> {
  readonly card: DatasetCard;
  /** Examples in an epoch. */
  readonly length: number;
  /**
   * Builds a batch as `shards` collated pieces. It must depend on the options and the request alone. The typed arrays of
   * a piece must own their buffers, which are transferred from worker to main thread.
   */
  batch(request: BatchRequest): Piece[];
}

/** Names a data set so that a worker thread can make its own. */
export interface DatasetReference<Piece> {
  name: string;
  options: DatasetOptions;
  /** Absolute path of a module that registers the data set where it is loaded, for those of other packages. */
  module?: string;
  /** Tells the data set's pieces: what comes from a worker is checked. */
  isPiece: (value: unknown) => value is Piece;
}

/** Cuts `items` into `shards` contiguous pieces whose sizes differ by at most one. */
export function cutIntoShards<Item>(items: readonly Item[], shards: number): Item[][] {
  return Array.from({ length: shards }, (_, shard) =>
    items.slice(
      Math.floor((shard * items.length) / shards),
      Math.floor(((shard + 1) * items.length) / shards),
    ),
  );
}
