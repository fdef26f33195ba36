import { util } from '@tensorflow/tfjs-core';

/** Two operands of any shapes that broadcast, read as matrices of the same rows and columns, one after another. */
export interface BroadcastRows {
  readonly rows: number;
  readonly columns: number;
  readonly left: OperandRows;
  readonly right: OperandRows;
}

/** How an operand lies in memory, counted in entries. */
export interface OperandRows {
  /** From one row to the next; 0 repeats a row. */
  readonly rowStride: number;
  /** 1, or 0 where one entry stands for the whole row. */
  readonly columnStride: 0 | 1;
  /** Where each of the matrices begins. */
  readonly starts: readonly number[];
}

/**
 * The fewest and largest matrices that a broadcast falls into: neighbouring dimensions that both operands step through
 * evenly count as one, the last is the columns, that before it the rows, and the others give one matrix per index.
 *
 * @param shape The shape that `left` and `right` broadcast to; not empty.
 */
export function broadcastRows(
  shape: readonly number[],
  left: readonly number[],
  right: readonly number[],
): BroadcastRows {
  const merged = mergedDimensions(shape, stridesIn(shape, left), stridesIn(shape, right));
  const columns = merged.pop();
  const rows = merged.pop();
  return {
    rows: rows?.extent ?? 1,
    columns: columns?.extent ?? 1,
    left: {
      rowStride: rows?.left ?? 0,
      columnStride: columns?.left === 0 ? 0 : 1,
      starts: startsOf(merged.map(({ extent, left: stride }) => ({ extent, stride }))),
    },
    right: {
      rowStride: rows?.right ?? 0,
      columnStride: columns?.right === 0 ? 0 : 1,
      starts: startsOf(merged.map(({ extent, right: stride }) => ({ extent, stride }))),
    },
  };
}

interface Dimension {
  extent: number;
  readonly left: number;
  readonly right: number;
}

/** The stride of each dimension of `shape` in an operand of shape `operand`: 0 where that repeats. */
function stridesIn(shape: readonly number[], operand: readonly number[]): number[] {
  const missing = shape.length - operand.length;
  let stride = 1;
  return shape
    .map((_, dimension) => operand[dimension - missing] ?? 1)
    .reverse()
    .map((extent) => {
      const own = extent === 1 ? 0 : stride;
      stride *= extent;
      return own;
    })
    .reverse();
}

/** Outermost first, without dimensions of one. */
function mergedDimensions(
  shape: readonly number[],
  left: readonly number[],
  right: readonly number[],
): Dimension[] {
  const merged: Dimension[] = [];
  for (let index = shape.length - 1; index >= 0; index--) {
    const extent = shape[index] ?? 1;
    const [l, r] = [left[index] ?? 0, right[index] ?? 0];
    const inner = merged.at(-1);
    if (extent === 1) continue;
    if (inner !== undefined && l === inner.left * inner.extent && r === inner.right * inner.extent)
      inner.extent *= extent;
    else merged.push({ extent, left: l, right: r });
  }
  return merged.reverse();
}

function startsOf(dimensions: readonly { extent: number; stride: number }[]): number[] {
  const strides = util.computeStrides(dimensions.map(({ extent }) => extent));
  const count = util.sizeFromShape(dimensions.map(({ extent }) => extent));
  return Array.from({ length: count }, (_, flat) =>
    dimensions.reduce(
      (start, { extent, stride }, index) =>
        start + (Math.floor(flat / (strides[index] ?? 1)) % extent) * stride,
      0,
    ),
  );
}
