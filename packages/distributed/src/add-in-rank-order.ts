import type { World } from './world';

/** Entries that travel at a time: enough that a message's own cost does not show, few enough that all ranks soon have some. */
const CHUNK_ENTRIES = 65_536;

/** The smallest float32 number with all its bits. */
const SMALLEST_NORMAL = 2 ** -126;

/** What one rank gives to a sum. */
export interface RankAddends {
  /** This rank's vectors in their order, all of one length, that of all ranks; at least one. They are read alone. */
  readonly addends: readonly Float32Array[];
  /** Takes the sum, of the same length; not one of the addends. */
  readonly total: Float32Array;
  /** Entries that travel at a time, the same in all ranks; changes no bit. @default {65536} */
  readonly chunkEntries?: number;
  /**
   * Whether numbers below 2⁻¹²⁶ count as zeros, before and after an addition: as TensorFlow's own does. @default {false}
   */
  readonly isFlushing?: boolean;
}

/**
 * The float32 sum of all ranks' vectors, bit for bit as one process adds them: the first vector of rank 0, then its others
 * in their order, then those of rank 1, and so on. All ranks call it, and all have the sum in `total` at the end.
 *
 * The running sum goes from rank to rank in chunks, so that all ranks add at the same time; the last rank broadcasts it.
 * A tree or a ring that adds parts first, as all-reduce of MPI does, is no faster on a few ranks and gives other bits for
 * every number of ranks, since float32 sums depend on their order.
 *
 * @throws {RangeError} If there is no addend, a length differs, or `chunkEntries` is not a positive integer.
 */
export async function addInRankOrder(
  world: World,
  { addends, total, chunkEntries = CHUNK_ENTRIES, isFlushing = false }: RankAddends,
): Promise<void> {
  requireAddends(addends, total);
  if (!Number.isInteger(chunkEntries) || chunkEntries < 1) {
    throw new RangeError(
      `Cannot add in rank order: chunkEntries must be an integer >= 1: current value is ${chunkEntries}`,
    );
  }
  const { rank, size } = world;
  const add = isFlushing ? addFlushing : addExactly;
  for (let first = 0; first < total.length; first += chunkEntries) {
    const end = Math.min(first + chunkEntries, total.length);
    const running = total.subarray(first, end);
    const isFirstRank = rank === 0;
    if (!isFirstRank) await world.receive(bytesOf(running), rank - 1);
    for (const [index, addend] of addends.entries()) {
      const part = addend.subarray(first, end);
      // The sum begins as a copy: 0 + −0 would not be −0.
      if (isFirstRank && index === 0) running.set(part);
      else add(running, part);
    }
    if (rank < size - 1) await world.send(bytesOf(running), rank + 1);
  }
  if (size > 1) await world.broadcast(bytesOf(total), size - 1);
}

/** Each entry's sum in float64, rounded to float32 as it is stored, is the float32 sum: 53 bits are more than twice 24 and 2. */
function addExactly(total: Float32Array, addend: Float32Array): void {
  for (let index = 0; index < total.length; index++)
    total[index] = (total[index] ?? NaN) + (addend[index] ?? NaN);
}

function addFlushing(total: Float32Array, addend: Float32Array): void {
  for (let index = 0; index < total.length; index++)
    total[index] = flushed(flushed(total[index] ?? NaN) + flushed(addend[index] ?? NaN));
}

/** Keeps the sign; a float32 sum that is so small is exact in float64. */
function flushed(value: number): number {
  return Math.abs(value) < SMALLEST_NORMAL ? value * 0 : value;
}

function requireAddends(addends: readonly Float32Array[], total: Float32Array): void {
  if (addends.length === 0)
    throw new RangeError('Cannot add in rank order: there must be at least one addend');
  const other = addends.find(({ length }) => length !== total.length);
  if (other === undefined) return;
  throw new RangeError(
    `Cannot add in rank order: an addend must have ${total.length} entries: current value is ${other.length}`,
  );
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
