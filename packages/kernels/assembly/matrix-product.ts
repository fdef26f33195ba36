/**
 * Batched single-precision matrix product with arbitrary row and column strides, in place on the memory of the host.
 *
 * Every entry of the result is one chain of additions over k in ascending order that starts at +0, each product
 * rounded before it is added (no fused multiply-add): whatever the tile or the block, and on whatever processor, the
 * bits are the same.
 *
 * Blocking after Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008): a 5x8 tile of the
 * result stays in registers. 10 vectors of sums, 2 of B, one of A and one product fit the 15 vector registers that V8
 * has to give on x86-64, where a sixth row spills and halves the speed. One panel of 8 columns of B stays in the
 * first-level cache and meets all rows of A, which are read where they lie.
 */

const TILE_ROWS: i32 = 5;
const TILE_COLUMNS: i32 = 8;
const TILE_COLUMN_BYTES: usize = 32;
const TILE_BYTES: usize = 160;

/** Length of one block of k: a panel of B (16 KiB) and five rows of A (10 KiB) stay in the first-level cache. */
const BLOCK_DEPTH: i32 = 512;
const PANEL_BYTES: usize = 16384;
/** Height of one block of rows of A, which stays in the second-level cache while all columns of B meet it. */
const BLOCK_ROWS: i32 = 320;
/** Up to this many rows a panel of B whose columns are adjacent is read where it lies: a copy would cost more than it saves. */
const UNPACKED_ROWS: i32 = 50;

@inline
function at(base: usize, index: i32): usize {
  return base + ((<usize>index) << 2);
}

/** Bytes of scratch memory that `multiply` and `multiplyStrided` need. */
export function scratchBytes(): i32 {
  return <i32>(PANEL_BYTES + TILE_BYTES);
}

/** Packs four columns of B, `columnBytes` apart, into the panel: their four values of each k lie side by side. */
function packFourColumns(source: usize, columnBytes: usize, depthBytes: usize, depth: i32, target: usize): void {
  const column1 = source + columnBytes;
  const column2 = column1 + columnBytes;
  const column3 = column2 + columnBytes;
  let p: i32 = 0;
  let offset: usize = 0;
  if (depthBytes == 4) {
    for (; p + 4 <= depth; p += 4) {
      const v0 = v128.load(source + offset), v1 = v128.load(column1 + offset);
      const v2 = v128.load(column2 + offset), v3 = v128.load(column3 + offset);
      const low01 = v128.shuffle<f32>(v0, v1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(v0, v1, 2, 6, 3, 7);
      const low23 = v128.shuffle<f32>(v2, v3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(v2, v3, 2, 6, 3, 7);
      v128.store(target, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
      v128.store(target, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), 32);
      v128.store(target, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), 64);
      v128.store(target, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), 96);
      offset += 16;
      target += 128;
    }
  }
  for (; p < depth; p++) {
    store<f32>(target, load<f32>(source + offset));
    store<f32>(target, load<f32>(column1 + offset), 4);
    store<f32>(target, load<f32>(column2 + offset), 8);
    store<f32>(target, load<f32>(column3 + offset), 12);
    offset += depthBytes;
    target += TILE_COLUMN_BYTES;
  }
}

function packOneColumn(source: usize, depthBytes: usize, depth: i32, target: usize): void {
  for (let p: i32 = 0; p < depth; p++) {
    store<f32>(target, load<f32>(source));
    source += depthBytes;
    target += TILE_COLUMN_BYTES;
  }
}

function packEightAdjacent(source: usize, depthBytes: usize, depth: i32, target: usize): void {
  for (let p: i32 = 0; p < depth; p++) {
    v128.store(target, v128.load(source));
    v128.store(target, v128.load(source, 16), 16);
    source += depthBytes;
    target += TILE_COLUMN_BYTES;
  }
}

/** Packs up to 8 columns of B as a panel: `depth` groups of 8 values side by side; columns that lack hold zeros. */
function packPanel(b: usize, strideBK: i32, strideBN: i32, columns: i32, depth: i32, panel: usize): void {
  const depthBytes: usize = (<usize>strideBK) << 2;
  const columnBytes: usize = (<usize>strideBN) << 2;
  if (columns == TILE_COLUMNS && strideBN == 1) {
    packEightAdjacent(b, depthBytes, depth, panel);
    return;
  }
  if (columns < TILE_COLUMNS) memory.fill(panel, 0, <usize>depth * TILE_COLUMN_BYTES);
  for (; columns >= 4; columns -= 4) {
    packFourColumns(b, columnBytes, depthBytes, depth, panel);
    b += columnBytes << 2;
    panel += 16;
  }
  for (; columns > 0; columns--) {
    packOneColumn(b, depthBytes, depth, panel);
    b += columnBytes;
    panel += 4;
  }
}

/** All bits set if `condition` holds, else none: arithmetic, for a branch would make V8 spill the sums. */
@inline
function maskIf(condition: bool): usize {
  return <usize>(-<i32>condition);
}

/**
 * The 5x8 tile at `c`, whose rows are `rowBytes` apart: set if `isFirst`, else added to what is there. Steps are bytes
 * from one k to the next. Of a tile of fewer `rows` the missing ones fall on its first row, and come out the same.
 *
 * Plain on purpose: with the loop's test at its end the V8 of Node 20 spills, and unrolled by hand every V8 does.
 */
function multiplyTile(
  a: usize, rowBytesA: usize, stepA: usize,
  b: usize, stepB: usize,
  depth: i32, c: usize, rowBytes: usize, rows: i32, isFirst: bool,
): void {
  let a1 = a + (rowBytesA & maskIf(rows > 4));
  let a2 = a1 + (rowBytesA & maskIf(rows > 3));
  let a3 = a2 + (rowBytesA & maskIf(rows > 2));
  let a4 = a3 + (rowBytesA & maskIf(rows > 1));
  const row1 = c + (rowBytes & maskIf(rows > 4));
  const row2 = row1 + (rowBytes & maskIf(rows > 3));
  const row3 = row2 + (rowBytes & maskIf(rows > 2));
  const row4 = row3 + (rowBytes & maskIf(rows > 1));
  const keep = i32x4.splat(<i32>maskIf(!isFirst));
  let c00 = v128.and(v128.load(c), keep), c01 = v128.and(v128.load(c, 16), keep);
  let c10 = v128.and(v128.load(row1), keep), c11 = v128.and(v128.load(row1, 16), keep);
  let c20 = v128.and(v128.load(row2), keep), c21 = v128.and(v128.load(row2, 16), keep);
  let c30 = v128.and(v128.load(row3), keep), c31 = v128.and(v128.load(row3, 16), keep);
  let c40 = v128.and(v128.load(row4), keep), c41 = v128.and(v128.load(row4, 16), keep);
  while (depth > 0) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    const v0 = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(v0, b0)); c01 = f32x4.add(c01, f32x4.mul(v0, b1));
    const v1 = v128.load32_splat(a1);
    c10 = f32x4.add(c10, f32x4.mul(v1, b0)); c11 = f32x4.add(c11, f32x4.mul(v1, b1));
    const v2 = v128.load32_splat(a2);
    c20 = f32x4.add(c20, f32x4.mul(v2, b0)); c21 = f32x4.add(c21, f32x4.mul(v2, b1));
    const v3 = v128.load32_splat(a3);
    c30 = f32x4.add(c30, f32x4.mul(v3, b0)); c31 = f32x4.add(c31, f32x4.mul(v3, b1));
    const v4 = v128.load32_splat(a4);
    c40 = f32x4.add(c40, f32x4.mul(v4, b0)); c41 = f32x4.add(c41, f32x4.mul(v4, b1));
    a += stepA;
    a1 += stepA;
    a2 += stepA;
    a3 += stepA;
    a4 += stepA;
    b += stepB;
    depth--;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  v128.store(row1, c10); v128.store(row1, c11, 16);
  v128.store(row2, c20); v128.store(row2, c21, 16);
  v128.store(row3, c30); v128.store(row3, c31, 16);
  v128.store(row4, c40); v128.store(row4, c41, 16);
}

/** Copies `rows` rows of fewer than 8 `columns`; they are `fromBytes` and `toBytes` apart. */
function copyCorner(from: usize, fromBytes: usize, to: usize, toBytes: usize, rows: i32, columns: i32): void {
  const after4 = (<usize>(columns & 4)) << 2;
  const after6 = (<usize>(columns & 6)) << 2;
  for (let r: i32 = 0; r < rows; r++) {
    if (columns & 4) v128.store(to, v128.load(from));
    if (columns & 2) store<u64>(to + after4, load<u64>(from + after4));
    if (columns & 1) store<u32>(to + after6, load<u32>(from + after6));
    from += fromBytes;
    to += toBytes;
  }
}

/** C [1, n] = A [1, k] · B, whose columns are adjacent: B is read once, where it lies. */
function multiplyRow(n: i32, k: i32, a: usize, stepA: usize, b: usize, stepB: usize, c: usize): void {
  for (; n >= 32; n -= 32) {
    multiplyRowBy32(k, a, stepA, b, stepB, c);
    b += 128;
    c += 128;
  }
  for (; n >= 4; n -= 4) {
    let sum = f32x4.splat(0);
    for (let p: i32 = 0, from = a, row = b; p < k; p++, from += stepA, row += stepB) {
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(from), v128.load(row)));
    }
    v128.store(c, sum);
    b += 16;
    c += 16;
  }
  for (; n > 0; n--) {
    let sum: f32 = 0;
    for (let p: i32 = 0, from = a, row = b; p < k; p++, from += stepA, row += stepB) {
      sum += load<f32>(from) * load<f32>(row);
    }
    store<f32>(c, sum);
    b += 4;
    c += 4;
  }
}

function multiplyRowBy32(k: i32, a: usize, stepA: usize, b: usize, stepB: usize, c: usize): void {
  let c0 = f32x4.splat(0), c1 = f32x4.splat(0), c2 = f32x4.splat(0), c3 = f32x4.splat(0);
  let c4 = f32x4.splat(0), c5 = f32x4.splat(0), c6 = f32x4.splat(0), c7 = f32x4.splat(0);
  for (let p: i32 = 0; p < k; p++) {
    const v = v128.load32_splat(a);
    c0 = f32x4.add(c0, f32x4.mul(v, v128.load(b)));
    c1 = f32x4.add(c1, f32x4.mul(v, v128.load(b, 16)));
    c2 = f32x4.add(c2, f32x4.mul(v, v128.load(b, 32)));
    c3 = f32x4.add(c3, f32x4.mul(v, v128.load(b, 48)));
    c4 = f32x4.add(c4, f32x4.mul(v, v128.load(b, 64)));
    c5 = f32x4.add(c5, f32x4.mul(v, v128.load(b, 80)));
    c6 = f32x4.add(c6, f32x4.mul(v, v128.load(b, 96)));
    c7 = f32x4.add(c7, f32x4.mul(v, v128.load(b, 112)));
    a += stepA;
    b += stepB;
  }
  v128.store(c, c0); v128.store(c, c1, 16); v128.store(c, c2, 32); v128.store(c, c3, 48);
  v128.store(c, c4, 64); v128.store(c, c5, 80); v128.store(c, c6, 96); v128.store(c, c7, 112);
}

/** Eight columns, or what is left of them, of up to `BLOCK_ROWS` rows over up to `BLOCK_DEPTH` entries of k. */
function multiplyPanel(
  m: i32, columns: i32, depth: i32,
  a: usize, strideAM: i32, strideAK: i32,
  b: usize, stepB: usize,
  c: usize, rowBytes: usize, edge: usize, isFirst: bool,
): void {
  const rowBytesA: usize = (<usize>strideAM) << 2;
  const stepA: usize = (<usize>strideAK) << 2;
  for (let i: i32 = 0; i < m; i += TILE_ROWS) {
    const rows = min(m - i, TILE_ROWS);
    if (columns == TILE_COLUMNS) {
      multiplyTile(a, rowBytesA, stepA, b, stepB, depth, c, rowBytes, rows, isFirst);
    } else {
      if (!isFirst) copyCorner(c, rowBytes, edge, TILE_COLUMN_BYTES, rows, columns);
      multiplyTile(a, rowBytesA, stepA, b, stepB, depth, edge, TILE_COLUMN_BYTES, rows, isFirst);
      copyCorner(edge, TILE_COLUMN_BYTES, c, rowBytes, rows, columns);
    }
    a += rowBytesA * TILE_ROWS;
    c += rowBytes * TILE_ROWS;
  }
}

/**
 * C = A · B with A [m, k] and B [k, n]; the rows of C are `strideCM` apart, its columns adjacent. Strides count elements;
 * `scratch` has `scratchBytes()` bytes. With `k` 0 the result is zero.
 */
export function multiplyStrided(
  m: i32, n: i32, k: i32,
  a: usize, strideAM: i32, strideAK: i32,
  b: usize, strideBK: i32, strideBN: i32,
  c: usize, strideCM: i32, scratch: usize,
): void {
  const rowBytes: usize = (<usize>strideCM) << 2;
  if (k == 0) {
    for (let i: i32 = 0; i < m; i++) memory.fill(c + <usize>i * rowBytes, 0, (<usize>n) << 2);
    return;
  }
  if (m == 1 && strideBN == 1) {
    multiplyRow(n, k, a, (<usize>strideAK) << 2, b, (<usize>strideBK) << 2, c);
    return;
  }
  if (n == 1 && strideCM == 1 && strideAM == 1) {
    multiplyRow(m, k, b, (<usize>strideBK) << 2, a, (<usize>strideAK) << 2, c);
    return;
  }
  const edge = scratch + PANEL_BYTES;
  const isPacked = strideBN != 1 || m > UNPACKED_ROWS;
  for (let top: i32 = 0; top < m; top += BLOCK_ROWS) {
    const rows = min(m - top, BLOCK_ROWS);
    for (let from: i32 = 0; from < k; from += BLOCK_DEPTH) {
      const depth = min(k - from, BLOCK_DEPTH);
      const blockA = at(a, top * strideAM + from * strideAK);
      for (let left: i32 = 0; left < n; left += TILE_COLUMNS) {
        const columns = min(n - left, TILE_COLUMNS);
        let panel = at(b, from * strideBK + left * strideBN);
        let stepB: usize = (<usize>strideBK) << 2;
        if (isPacked || columns < TILE_COLUMNS) {
          packPanel(panel, strideBK, strideBN, columns, depth, scratch);
          panel = scratch;
          stepB = TILE_COLUMN_BYTES;
        }
        const target = at(c + <usize>top * rowBytes, left);
        multiplyPanel(rows, columns, depth, blockA, strideAM, strideAK, panel, stepB, target, rowBytes, edge, from == 0);
      }
    }
  }
}

/**
 * C[i] = A[i] · B[i] for `batch` matrices: A is [m, k], B [k, n], C [m, n] and contiguous. Strides count elements; a
 * batch stride of 0 repeats a matrix. `scratch` has `scratchBytes()` bytes. With `k` 0 the result is zero.
 */
export function multiply(
  batch: i32, m: i32, n: i32, k: i32,
  a: usize, batchStrideA: i32, strideAM: i32, strideAK: i32,
  b: usize, batchStrideB: i32, strideBK: i32, strideBN: i32,
  c: usize, scratch: usize,
): void {
  // All rows of the batch meet the same B: one tall product packs it once.
  if (batchStrideB == 0 && batchStrideA == m * strideAM) {
    m *= batch;
    batch = 1;
  }
  for (let i: i32 = 0; i < batch; i++) {
    multiplyStrided(m, n, k, at(a, i * batchStrideA), strideAM, strideAK, at(b, i * batchStrideB), strideBK, strideBN, at(c, i * m * n), n, scratch);
  }
}
