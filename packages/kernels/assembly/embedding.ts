/** Rows of a table read by index, and the gradient of reading: rows added to the table by index. */
import { copyRun } from './shape';

/** Copies row `indices[i]` of `table` to row i of `to` for each i; `width` counts the entries of four bytes of a row. */
export function gatherRows(count: i32, width: i32, indices: usize, table: usize, to: usize): void {
  const rowBytes = <usize>width << 2;
  for (let i: i32 = 0; i < count; i++) {
    copyRun(table + <usize>load<i32>(indices) * rowBytes, to, width);
    indices += 4;
    to += rowBytes;
  }
}

/**
 * Sets `sums` [segments, width] to the sums of the rows of `rows` [count, width], each added to the row that `ids` names,
 * from 0 and in ascending order of rows. A row whose id is negative or too large is left out.
 */
export function addRowsById(count: i32, width: i32, ids: usize, segments: i32, rows: usize, sums: usize): void {
  const rowBytes = <usize>width << 2;
  memory.fill(sums, 0, <usize>segments * rowBytes);
  for (let i: i32 = 0; i < count; i++) {
    const id = load<i32>(ids);
    if (<u32>id < <u32>segments) addRow(width, rows, sums + <usize>id * rowBytes);
    ids += 4;
    rows += rowBytes;
  }
}

/** Adds `count` values to those at `to`. */
export function addRow(count: i32, from: usize, to: usize): void {
  let i: i32 = 0;
  for (; i + 4 <= count; i += 4) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    from += 16;
    to += 16;
  }
  for (; i < count; i++) {
    store<f32>(to, load<f32>(to) + load<f32>(from));
    from += 4;
    to += 4;
  }
}
