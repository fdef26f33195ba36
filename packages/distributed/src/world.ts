/**
 * The processes that work on one thing together, as one of them, a _rank_, sees it. Messages between two ranks arrive in
 * the order in which they were sent; sender and receiver name the same number of bytes.
 *
 * A call may block its thread until the other rank is there. Bytes are moved as they are: all ranks must have the same byte
 * order.
 */
export interface World {
  /** This process, 0…`size` − 1. */
  readonly rank: number;
  /** Number of processes. */
  readonly size: number;
  /** This process among those of its machine, from 0: it takes the device of that number. */
  readonly localRank: number;
  /** Whether it is rank 0, which alone reads data, records and prints. */
  readonly isRoot: boolean;
  /** What carries the messages and where this rank runs, for a log line. */
  readonly description: string;

  /** Sends bytes to another rank; they may be changed once the promise is fulfilled. */
  send(bytes: Uint8Array, to: number): Promise<void>;
  /** Fills `bytes` with what rank `from` sends. */
  receive(bytes: Uint8Array, from: number): Promise<void>;
  /** Fills `bytes` of all ranks with those of rank `from`; all ranks call it. */
  broadcast(bytes: Uint8Array, from: number): Promise<void>;
  /** Waits until all ranks are here. */
  barrier(): Promise<void>;
  /** Leaves the world once all ranks do; a second call does nothing. Whoever ends without it takes all others along. */
  close(): Promise<void>;
}

/** The numbers of a rank. */
export interface RankNumbers {
  readonly rank: number;
  readonly size: number;
  readonly localRank: number;
}
