import { instantiateKernels } from '../heap/kernel-binary';
import type { WasmMemory } from '../heap/wasm-memory';
import {
  type ArenaLayout,
  arenaLayout,
  type ArenaShape,
  BLOCK_ENTRIES,
  CHUNK_ENTRIES,
} from './arena-layout';
import { type ArenaFunctions, arenaFunctions } from './arena-functions';
import { advance, meet, waitFor } from './thread-signals';

const FLOAT_BYTES = 4;

/** An arena as it is sent to another thread. */
export interface SharedArena extends ArenaShape {
  /** Memory that threads share. */
  readonly memory: WasmMemory;
}

/** A run of entries of the flat vector that weight decay treats alike. */
export interface ParameterRange {
  readonly offset: number;
  readonly count: number;
  readonly isDecayed: boolean;
}

/** The numbers of one AdamW step (see {@link ParameterArena.adamW}); each is rounded to float32 once. */
export interface AdamWScalars {
  /** The learning rate over 1 − β₁ᵗ. */
  readonly stepSize: number;
  readonly beta1: number;
  readonly beta2: number;
  /** √(1 − β₂ᵗ) */
  readonly rootCorrection: number;
  readonly epsilon: number;
  /** Learning rate times weight decay. */
  readonly decay: number;
}

/**
 * Parameters, moments and gradient of a model as flat vectors in memory that threads share, and the arithmetic of a step
 * on them. The bits of its results depend on the gradients of the shards and their order alone, not on how many threads
 * there are: shards are added in their order, norms are summed by fixed blocks, everything else is entry by entry.
 *
 * A step: one thread calls {@link beginStep}; every thread {@link addShard} with each of the shards that it took
 * ({@link takeShard}) in ascending order, then {@link average}, {@link meet}, {@link norm}, {@link adamW} if the norm allows it, and {@link meet}. Threads wait for
 * each other in {@link addShard}, {@link average} and {@link meet}; a thread alone never waits.
 */
export class ParameterArena {
  /** Float32 views of the shared vectors, `[size]`. The gradient is the mean, before clipping, once the step is done. */
  readonly parameters: Float32Array;
  readonly firstMoments: Float32Array;
  readonly secondMoments: Float32Array;
  readonly gradients: Float32Array;
  private readonly layout: ArenaLayout;
  private readonly functions: ArenaFunctions;
  private readonly scratch: Float32Array;
  private readonly scratchAddress: number;
  private readonly squares: Float32Array;
  private readonly turns: Int32Array;
  private readonly barrier: Int32Array;
  private readonly taken: Int32Array;
  /** The chunks that this thread averages and updates: [first, end). */
  private readonly own: readonly [first: number, end: number];

  /**
   * @param shared What {@link allocate} made.
   * @param thread Which of its threads this one is, from 0.
   * @throws {EnvironmentError} If the compiled kernels cannot be read.
   */
  constructor(
    readonly shared: SharedArena,
    thread: number,
  ) {
    const { memory, size, threads } = shared;
    const { buffer } = memory;
    const layout = arenaLayout(shared);
    this.layout = layout;
    this.functions = arenaFunctions(instantiateKernels(memory, 'parameter-arena.wasm'));
    this.parameters = new Float32Array(buffer, layout.parameters, size);
    this.firstMoments = new Float32Array(buffer, layout.firstMoments, size);
    this.secondMoments = new Float32Array(buffer, layout.secondMoments, size);
    this.gradients = new Float32Array(buffer, layout.gradients, size);
    this.squares = new Float32Array(
      buffer,
      layout.squares,
      (layout.chunks * CHUNK_ENTRIES) / BLOCK_ENTRIES,
    );
    this.scratchAddress = layout.scratch + thread * CHUNK_ENTRIES * FLOAT_BYTES;
    this.scratch = new Float32Array(buffer, this.scratchAddress, CHUNK_ENTRIES);
    this.turns = new Int32Array(buffer, layout.turns, layout.chunks);
    this.barrier = new Int32Array(buffer, layout.barrier, 2);
    this.taken = new Int32Array(buffer, layout.taken, 1);
    const firstOf = (index: number): number => Math.floor((layout.chunks * index) / threads);
    this.own = [firstOf(thread), firstOf(thread + 1)];
  }

  /**
   * Memory for an arena, all zeros.
   *
   * @throws {RangeError} If there is not so much memory.
   */
  static allocate(shape: ArenaShape): SharedArena {
    const { pages } = arenaLayout(shape);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    return { ...shape, memory };
  }

  /** Makes ready for the shards of a step; no thread may be in one. */
  beginStep(): void {
    this.turns.fill(0);
    this.barrier.fill(0);
    this.taken.fill(0);
  }

  /**
   * The next of the step's shards that no thread has taken, or undefined when all are: a thread that is slowed down by
   * something else takes fewer. Which thread takes a shard changes no bit, since {@link addShard} keeps their order.
   */
  takeShard(shards: number): number | undefined {
    const index = Atomics.add(this.taken, 0, 1);
    return index < shards ? index : undefined;
  }

  /** Whether {@link addShard} of shard `index` can begin without waiting. */
  isTurnOf(index: number): boolean {
    return Atomics.load(this.turns, 0) === index;
  }

  /**
   * Adds the gradient of shard `index` (from 0): shard 0 is copied, and to that sum the others are added in their order,
   * entry by entry. Waits, part by part, for the shard before it.
   *
   * @param gradient The flat vector in consecutive pieces; they are read and not kept.
   */
  addShard(index: number, gradient: readonly Float32Array[]): void {
    const pieces = new PieceReader(gradient);
    for (let chunk = 0; chunk < this.layout.chunks; chunk++) {
      const first = chunk * CHUNK_ENTRIES;
      const count = Math.min(CHUNK_ENTRIES, this.shared.size - first);
      waitFor(this.turns, chunk, index);
      if (index === 0) {
        pieces.copy(this.gradients.subarray(first, first + count));
      } else {
        pieces.copy(this.scratch.subarray(0, count));
        const total = this.layout.gradients + first * FLOAT_BYTES;
        this.functions.add(count, total, this.scratchAddress);
      }
      advance(this.turns, chunk, index + 1);
    }
  }

  /** Divides the sum of the `shards` gradients by `weight`, rounded to float32, in this thread's part of the vector. */
  average(shards: number, weight: number): void {
    const [first, end] = this.own;
    for (let chunk = first; chunk < end; chunk++) {
      waitFor(this.turns, chunk, shards);
      const firstBlock = (chunk * CHUNK_ENTRIES) / BLOCK_ENTRIES;
      this.functions.average(
        CHUNK_ENTRIES / BLOCK_ENTRIES,
        this.layout.gradients + chunk * CHUNK_ENTRIES * FLOAT_BYTES,
        weight,
        this.layout.squares + firstBlock * FLOAT_BYTES,
      );
    }
  }

  /**
   * The Euclidean norm of the mean gradient, once all threads have averaged theirs: the root of the sum, in float64 and in
   * their order, of the float32 sums of squares of blocks of 512 entries (`average` of the assembly has their order).
   */
  norm(): number {
    let sum = 0;
    for (const square of this.squares) sum += square;
    return Math.sqrt(sum);
  }

  /**
   * One step of AdamW in this thread's part of the vector, each operation rounded to float32:
   *
   *     g = gradient · factor
   *     m = m · β₁ + g · (1 − β₁)
   *     v = v · β₂ + (g · g) · (1 − β₂)
   *     p = p · (1 − decay) − (m / (√v / rootCorrection + ε)) · stepSize      (where not decayed, p · 1)
   *
   * @param ranges All entries of the vector in ascending order.
   */
  adamW(
    ranges: readonly ParameterRange[],
    { factor, ...scalars }: AdamWScalars & { readonly factor: number },
  ): void {
    const { stepSize, beta1, beta2, rootCorrection, epsilon, decay } = scalars;
    const [firstChunk, endChunk] = this.own;
    for (const { offset, count, isDecayed } of ranges) {
      const first = Math.max(offset, firstChunk * CHUNK_ENTRIES);
      const end = Math.min(offset + count, endChunk * CHUNK_ENTRIES);
      if (first >= end) continue;
      const at = (vector: number): number => vector + first * FLOAT_BYTES;
      const { parameters, firstMoments, secondMoments, gradients } = this.layout;
      this.functions.adamW(
        end - first,
        at(parameters),
        at(firstMoments),
        at(secondMoments),
        at(gradients),
        factor,
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        rootCorrection,
        epsilon,
        stepSize,
        isDecayed ? 1 - decay : 1,
      );
    }
  }

  /** Waits until every thread is here; what each wrote before, all see afterwards. */
  meet(): void {
    meet(this.barrier, this.shared.threads);
  }
}

/** Reads consecutive pieces as one vector. */
class PieceReader {
  private piece = 0;
  private offset = 0;

  constructor(private readonly pieces: readonly Float32Array[]) {}

  /**
   * The next entries, as many as `target` takes.
   *
   * @throws {RangeError} If so many are not left.
   */
  copy(target: Float32Array): void {
    let done = 0;
    while (done < target.length) {
      const piece = this.pieces[this.piece];
      if (piece === undefined) {
        throw new RangeError('Cannot add a gradient: its pieces must fill the vector');
      }
      const count = Math.min(piece.length - this.offset, target.length - done);
      target.set(piece.subarray(this.offset, this.offset + count), done);
      done += count;
      this.offset += count;
      if (this.offset === piece.length) {
        this.piece++;
        this.offset = 0;
      }
    }
  }
}
