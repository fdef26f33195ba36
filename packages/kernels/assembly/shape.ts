/**
 * Copies of entries of four bytes between two views of memory. A view is an address and a stride for each axis, so slices,
 * concatenations, transpositions, repetitions (stride 0) and reversals (negative strides) are all the same copy.
 */

/** An axis of a copy: how many entries, and how many entries apart they lie on either side. */
@unmanaged
class Axis {
  extent: i32;
  from: i32;
  to: i32;
}

const AXIS_BYTES: usize = 12;
/** Rows that a transposition goes through before it moves on to the next columns: their cache lines stay near. */
const BLOCK_ROWS: i32 = 64;
/** The same for rows a multiple of 1 KiB apart, whose cache lines push each other out: each is written whole at once. */
const ALIASED_BLOCK_ROWS: i32 = 4;

@inline
function at(base: usize, index: i32): usize {
  return base + (<usize>index << 2);
}

/** Copies neighbouring entries; a call of memory.copy costs more than a few of them. */
export function copyRun(from: usize, to: usize, count: i32): void {
  if (count > 64) {
    memory.copy(to, from, <usize>count << 2);
    return;
  }
  let i: i32 = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(to, i), v128.load(at(from, i)));
  for (; i < count; i++) store<u32>(at(to, i), load<u32>(at(from, i)));
}

function copyLine(axis: Axis, from: usize, to: usize): void {
  const count = axis.extent, stepFrom = axis.from, stepTo = axis.to;
  if (stepFrom == 1 && stepTo == 1) {
    copyRun(from, to, count);
    return;
  }
  for (let i: i32 = 0; i < count; i++) {
    store<u32>(to, load<u32>(from));
    from = at(from, stepFrom);
    to = at(to, stepTo);
  }
}

/** Four columns of `rows` rows: neighbours along the rows in `from`, neighbours along the columns in `to`. */
function transposeFour(rows: i32, from: usize, columnBytes: usize, to: usize, rowBytes: usize): void {
  const from1 = from + columnBytes, from2 = from1 + columnBytes, from3 = from2 + columnBytes;
  let i: i32 = 0;
  let offset: usize = 0;
  for (; i + 4 <= rows; i += 4) {
    const v0 = v128.load(from + offset), v1 = v128.load(from1 + offset);
    const v2 = v128.load(from2 + offset), v3 = v128.load(from3 + offset);
    const low01 = v128.shuffle<f32>(v0, v1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(v0, v1, 2, 6, 3, 7);
    const low23 = v128.shuffle<f32>(v2, v3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(v2, v3, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5)); to += rowBytes;
    v128.store(to, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7)); to += rowBytes;
    v128.store(to, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5)); to += rowBytes;
    v128.store(to, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7)); to += rowBytes;
    offset += 16;
  }
  for (; i < rows; i++) {
    store<u32>(to, load<u32>(from + offset));
    store<u32>(to, load<u32>(from1 + offset), 4);
    store<u32>(to, load<u32>(from2 + offset), 8);
    store<u32>(to, load<u32>(from3 + offset), 12);
    to += rowBytes;
    offset += 4;
  }
}

/** A matrix whose rows' neighbours are columns' neighbours on the other side. */
function transposePlane(rows: Axis, columns: Axis, from: usize, to: usize): void {
  const rowBytes = <usize>rows.to << 2, columnBytes = <usize>columns.from << 2;
  const height = rows.extent, width = columns.extent;
  const block = (rowBytes & 1023) == 0 ? ALIASED_BLOCK_ROWS : BLOCK_ROWS;
  let j: i32 = 0;
  for (; j + 16 <= width; j += 16) {
    const source = from + <usize>j * columnBytes, target = at(to, j);
    for (let i: i32 = 0; i < height; i += block) {
      const count = min(height - i, block);
      const below = target + <usize>i * rowBytes;
      for (let k: i32 = 0; k < 16; k += 4) {
        transposeFour(count, at(source, i) + <usize>k * columnBytes, columnBytes, at(below, k), rowBytes);
      }
    }
  }
  for (; j + 4 <= width; j += 4) {
    transposeFour(height, from + <usize>j * columnBytes, columnBytes, at(to, j), rowBytes);
  }
  for (; j < width; j++) {
    for (let i: i32 = 0; i < height; i++) {
      store<u32>(at(to + <usize>i * rowBytes, j), load<u32>(at(from + <usize>j * columnBytes, i)));
    }
  }
}

/**
 * Copies along `rank` axes, `axes` being their (extent, stride in `from`, stride in `to`) as 32-bit integers, the
 * outermost first. Faster where the last axis has stride 1 in `to`, and it or the one before it stride 1 in `from`.
 */
export function copyView(rank: i32, axes: usize, from: usize, to: usize): void {
  if (rank == 0) {
    store<u32>(to, load<u32>(from));
    return;
  }
  const axis = changetype<Axis>(axes);
  if (rank == 1) {
    copyLine(axis, from, to);
    return;
  }
  if (rank == 2) {
    const last = changetype<Axis>(axes + AXIS_BYTES);
    if (axis.from == 1 && last.to == 1 && last.from != 1) {
      transposePlane(axis, last, from, to);
      return;
    }
  }
  for (let i: i32 = 0; i < axis.extent; i++) {
    copyView(rank - 1, axes + AXIS_BYTES, from, to);
    from = at(from, axis.from);
    to = at(to, axis.to);
  }
}
