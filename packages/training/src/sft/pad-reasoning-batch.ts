import { NONE, type ReasoningBatch } from '@pixelis/data';

/** Extents that batches are padded to. */
export interface ReasoningExtents {
  /** Sequences. */
  readonly batch: number;
  /** Positions of each sequence. */
  readonly length: number;
  /** Pictures. */
  readonly imageCount: number;
  /** Positions whose logits the loss reads. */
  readonly targetCount: number;
}

/** Lengths are rounded up to multiples of it. */
const LENGTH_STEP = 8;

/**
 * Extents that hold every shard of a step, rounded up so that few steps differ in them: lengths to multiples of 8, but no
 * more than the model's longest, pictures to multiples of half a picture a sequence, targets to multiples of two a
 * sequence. They depend on these shards alone, so a resumed run pads as an uninterrupted one does.
 */
export function commonExtents(
  shards: readonly ReasoningBatch[],
  maximumLength: number,
): ReasoningExtents {
  const largest = (of: (shard: ReasoningBatch) => number): number => Math.max(...shards.map(of));
  const batch = largest((shard) => shard.batch);
  const length = largest((shard) => shard.length);
  return {
    batch,
    length: Math.max(length, Math.min(roundUp(length, LENGTH_STEP), maximumLength)),
    imageCount: roundUp(
      largest(({ imageCount }) => imageCount),
      Math.ceil(batch / 2),
    ),
    targetCount: roundUp(largest(targetCountOf), 2 * batch),
  };
}

/** Positions of a batch that have a target. */
export function targetPositions({ targets }: ReasoningBatch): Int32Array {
  return Int32Array.from([...targets.keys()].filter((position) => targets[position] !== NONE));
}

/** A batch with padding at the ends of its sequences, sequences of nothing but padding, and black pictures that no sequence shows. */
export function padReasoningBatch(
  shard: ReasoningBatch,
  { batch, length, imageCount }: Omit<ReasoningExtents, 'targetCount'>,
): ReasoningBatch {
  const lay = <Values extends Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>>(
    from: Values,
    to: Values,
  ): Values => {
    for (let row = 0; row < shard.batch; row++) {
      to.set(from.subarray(row * shard.length, (row + 1) * shard.length), row * length);
    }
    return to;
  };
  const none = (): Int32Array<ArrayBuffer> => new Int32Array(batch * length).fill(NONE);
  const pixels = shard.images.length / shard.imageCount;
  const images = new Uint8Array(imageCount * pixels);
  images.set(shard.images);
  const lengths = new Int32Array(batch);
  lengths.set(shard.lengths);
  return {
    batch,
    length,
    imageCount,
    patchCount: shard.patchCount,
    images,
    tokens: lay(shard.tokens, none()),
    patches: lay(shard.patches, none()),
    targets: lay(shard.targets, none()),
    weights: lay(shard.weights, new Float32Array(batch * length)),
    lengths,
  };
}

function targetCountOf(shard: ReasoningBatch): number {
  return targetPositions(shard).length;
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
