import { at, clear } from './lanes';

/** out[j] = x[0, j] + x[1, j] + …, one chain from +0 over the rows in ascending order. Four rows a pass spare loads of the sums. */
export function columnSums(rows: i32, columns: i32, x: usize, out: usize): void {
  clear(columns, out);
  let i: i32 = 0;
  for (; i + 4 <= rows; i += 4) {
    addFourRows(columns, x, out);
    x = at(x, columns << 2);
  }
  for (; i < rows; i++) {
    addRow(columns, x, out);
    x = at(x, columns);
  }
}

function addFourRows(columns: i32, x: usize, out: usize): void {
  const x1 = at(x, columns), x2 = at(x1, columns), x3 = at(x2, columns);
  let j: i32 = 0;
  for (; j + 4 <= columns; j += 4) {
    let sum = f32x4.add(v128.load(at(out, j)), v128.load(at(x, j)));
    sum = f32x4.add(sum, v128.load(at(x1, j)));
    sum = f32x4.add(sum, v128.load(at(x2, j)));
    v128.store(at(out, j), f32x4.add(sum, v128.load(at(x3, j))));
  }
  for (; j < columns; j++) {
    const sum = load<f32>(at(out, j)) + load<f32>(at(x, j)) + load<f32>(at(x1, j)) + load<f32>(at(x2, j));
    store<f32>(at(out, j), sum + load<f32>(at(x3, j)));
  }
}

function addRow(columns: i32, x: usize, out: usize): void {
  let j: i32 = 0;
  for (; j + 4 <= columns; j += 4) {
    v128.store(at(out, j), f32x4.add(v128.load(at(out, j)), v128.load(at(x, j))));
  }
  for (; j < columns; j++) store<f32>(at(out, j), load<f32>(at(out, j)) + load<f32>(at(x, j)));
}
