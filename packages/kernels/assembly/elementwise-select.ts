import { loadFirst, storeFirst } from './layers/lanes';

/** All bits set in each lane whose byte is not 0. */
@inline
function maskOfBytes(bytes: v128): v128 {
  return i32x4.ne(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes)), i32x4.splat(0));
}

/** y[i] = condition[i] ? t[i] : e[i] for `count` entries of 32 bits and conditions of 8. */
export function selectEntries(count: i32, condition: usize, t: usize, e: usize, y: usize): void {
  for (; count >= 4; count -= 4) {
    v128.store(y, v128.bitselect(v128.load(t), v128.load(e), maskOfBytes(v128.load32_zero(condition))));
    condition += 4;
    t += 16;
    e += 16;
    y += 16;
  }
  if (count > 0) {
    let bytes = v128.load_lane<u8>(condition, i32x4.splat(0), 0);
    if (count > 1) bytes = v128.load_lane<u8>(condition, bytes, 1, 1);
    if (count > 2) bytes = v128.load_lane<u8>(condition, bytes, 2, 2);
    storeFirst(y, v128.bitselect(loadFirst(t, count), loadFirst(e, count), maskOfBytes(bytes)), count);
  }
}

/** As `selectEntries`, one condition for each of `rows` rows of `columns` entries. */
export function selectRows(rows: i32, columns: i32, condition: usize, t: usize, e: usize, y: usize): void {
  const bytes = <usize>columns << 2;
  for (let i: i32 = 0; i < rows; i++) {
    const offset = <usize>i * bytes;
    memory.copy(y + offset, (load<u8>(condition + i) != 0 ? t : e) + offset, bytes);
  }
}
