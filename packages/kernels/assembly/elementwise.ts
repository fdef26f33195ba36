import { loadFirst, storeFirst } from './layers/lanes';

/**
 * The loops of the functions of one entry or of two entries at the same place. Which loop serves an entry does not
 * change its bits, for all do the same operations on it.
 *
 * A function is a class with the method `apply`, which is inlined; its instance is never made. The loops test at
 * their end, which lets V8 keep their constants; that of a function of one entry takes eight entries a round, so that two
 * chains of operations overlap.
 */

const VECTOR: usize = 16;

/** y[i] = F(x[i]) for `count` entries; `p` and `q` are the parameters of F. */
@inline
export function map<F>(count: i32, x: usize, y: usize, p: f32 = 0, q: f32 = 0): void {
  const f = changetype<F>(0);
  const first = f32x4.splat(p), second = f32x4.splat(q);
  const paired = count & ~7;
  if (paired > 0) {
    const end = x + (<usize>paired << 2);
    do {
      const low = f.apply(v128.load(x), first, second), high = f.apply(v128.load(x, VECTOR), first, second);
      v128.store(y, low);
      v128.store(y, high, VECTOR);
      x += 2 * VECTOR;
      y += 2 * VECTOR;
    } while (x < end);
  }
  for (let left = count - paired; left > 0; left -= 4) {
    storeFirst(y, f.apply(loadFirst(x, left), first, second), left);
    x += VECTOR;
    y += VECTOR;
  }
}

/** y[i] = F(a[i], b[i]) for `count` entries. */
@inline
function combine<F>(count: i32, a: usize, b: usize, y: usize): void {
  const f = changetype<F>(0);
  const full = count & ~3;
  if (full > 0) {
    const end = y + (<usize>full << 2);
    do {
      v128.store(y, f.apply(v128.load(a), v128.load(b)));
      a += VECTOR;
      b += VECTOR;
      y += VECTOR;
    } while (y < end);
  }
  const left = count - full;
  if (left > 0) storeFirst(y, f.apply(loadFirst(a, left), loadFirst(b, left)), left);
}

/** As `combine`, with one value of b for all entries, or one of a if `isReversed`. */
@inline
function combineWithOne<F>(count: i32, many: usize, one: usize, y: usize, isReversed: bool): void {
  const f = changetype<F>(0);
  const value = v128.load32_splat(one);
  const full = count & ~3;
  if (full > 0) {
    const end = y + (<usize>full << 2);
    do {
      const values = v128.load(many);
      v128.store(y, isReversed ? f.apply(value, values) : f.apply(values, value));
      many += VECTOR;
      y += VECTOR;
    } while (y < end);
  }
  const left = count - full;
  if (left > 0) {
    const values = loadFirst(many, left);
    storeFirst(y, isReversed ? f.apply(value, values) : f.apply(values, value), left);
  }
}

/**
 * y[r, i] = F(a[r, i], b[r, i]) for `rows` rows of `columns` entries, of which those of y are adjacent. The rows of a
 * and b begin `aRow` and `bRow` entries apart; their entries are adjacent if `aStep` or `bStep` is 1, and one value for
 * the row if 0, which at most one of them is.
 */
@inline
export function combineRows<F>(
  rows: i32, columns: i32,
  a: usize, aRow: i32, aStep: i32,
  b: usize, bRow: i32, bStep: i32,
  y: usize,
): void {
  for (; rows > 0; rows--) {
    if (bStep == 0) combineWithOne<F>(columns, a, b, y, false);
    else if (aStep == 0) combineWithOne<F>(columns, b, a, y, true);
    else combine<F>(columns, a, b, y);
    a += <usize>aRow << 2;
    b += <usize>bRow << 2;
    y += <usize>columns << 2;
  }
}
