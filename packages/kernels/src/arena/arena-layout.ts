/** Entries whose squares are summed together; `BLOCK` of the assembly. */
export const BLOCK_ENTRIES = 512;

/** Entries that threads take turns at: a gradient's part of this size fits into a core's own cache. */
export const CHUNK_ENTRIES = 32 * BLOCK_ENTRIES;

const PAGE_BYTES = 65_536;
const FLOAT_BYTES = 4;

/** What the addresses in an arena follow from; plain data. */
export interface ArenaShape {
  /** Entries of the flat parameter vector. */
  readonly size: number;
  /** Threads that share the arena. */
  readonly threads: number;
}

/** Byte addresses in an arena. Vectors are padded with zeros to whole chunks. */
export interface ArenaLayout {
  /** Chunks of a vector. */
  readonly chunks: number;
  /** Bytes of a vector with its padding. */
  readonly vectorBytes: number;
  readonly parameters: number;
  readonly firstMoments: number;
  readonly secondMoments: number;
  readonly gradients: number;
  /** A sum of squares for each block. */
  readonly squares: number;
  /** A chunk for each thread, to bring a gradient over in. */
  readonly scratch: number;
  /** A counter for each chunk: how many shards it holds the sum of. */
  readonly turns: number;
  /** Two counters of the barrier: threads that wait, and times that it opened. */
  readonly barrier: number;
  /** How many shards were taken. */
  readonly taken: number;
  /** Pages of WebAssembly memory that all of it takes. */
  readonly pages: number;
}

/** Where an arena of this shape holds what. */
export function arenaLayout({ size, threads }: ArenaShape): ArenaLayout {
  const chunks = Math.ceil(size / CHUNK_ENTRIES);
  const vectorBytes = chunks * CHUNK_ENTRIES * FLOAT_BYTES;
  const squares = 4 * vectorBytes;
  const scratch = squares + vectorBytes / BLOCK_ENTRIES;
  const turns = scratch + threads * CHUNK_ENTRIES * FLOAT_BYTES;
  const barrier = turns + chunks * FLOAT_BYTES;
  const taken = barrier + 2 * FLOAT_BYTES;
  return {
    chunks,
    vectorBytes,
    parameters: 0,
    firstMoments: vectorBytes,
    secondMoments: 2 * vectorBytes,
    gradients: 3 * vectorBytes,
    squares,
    scratch,
    turns,
    barrier,
    taken,
    pages: Math.ceil((taken + FLOAT_BYTES) / PAGE_BYTES),
  };
}
