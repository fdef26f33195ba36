/**
 * Batched single-precision matrix product with arbitrary row and column strides, in place on the memory of the host.
 *
 * Every entry of the result is one chain of additions over k in ascending order, each product rounded before it is
 * added (no fused multiply-add): whatever the tile or the block, and on whatever processor, the bits are the same.
 *
 * Blocking after Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008): panels of 8
 * columns of B and of 6 rows of A are packed for one block of k, and a 6x8 tile of the result stays in registers.
 */

const TILE_ROWS: i32 = 6;
const TILE_COLUMNS: i32 = 8;
const TILE_ROW_BYTES: usize = 24;
const TILE_COLUMN_BYTES: usize = 32;
const TILE_BYTES: usize = 192;

/** Length of one block of k: a panel of A (6 KiB) and one of B (8 KiB) stay in the first-level cache. */
const BLOCK: i32 = 256;

@inline
function at(base: usize, index: i32): usize {
  return base + ((<usize>index) << 2);
}

/** Bytes of scratch memory that `multiply` needs. */
export function scratchBytes(n: i32, k: i32): i32 {
  const block = min(k, BLOCK);
  const columns = (n + TILE_COLUMNS - 1) / TILE_COLUMNS;
  return <i32>TILE_BYTES + block * (columns * <i32>TILE_COLUMN_BYTES + <i32>TILE_ROW_BYTES);
}

/** Packs `width` columns (or rows) from `source` as `depth` groups, filling up to `tile` with zeros. */
@inline
function packEdge(source: usize, stride: i32, depthStride: i32, width: i32, tile: i32, depth: i32, target: usize): void {
  for (let p: i32 = 0; p < depth; p++) {
    const group = at(source, p * depthStride);
    for (let c: i32 = 0; c < tile; c++) {
      store<f32>(target, c < width ? load<f32>(at(group, c * stride)) : 0);
      target += 4;
    }
  }
}

function packColumns(b: usize, strideK: i32, strideN: i32, n: i32, depth: i32, target: usize): void {
  for (let j: i32 = 0; j < n; j += TILE_COLUMNS) {
    const source = at(b, j * strideN);
    const width = min(n - j, TILE_COLUMNS);
    if (strideN == 1 && width == TILE_COLUMNS) {
      for (let p: i32 = 0; p < depth; p++) {
        const group = at(source, p * strideK);
        const packed = target + <usize>p * TILE_COLUMN_BYTES;
        v128.store(packed, v128.load(group));
        v128.store(packed, v128.load(group, 16), 16);
      }
    } else {
      packEdge(source, strideN, strideK, width, TILE_COLUMNS, depth, target);
    }
    target += <usize>depth * TILE_COLUMN_BYTES;
  }
}

@inline
function packRows(a: usize, strideM: i32, strideK: i32, rows: i32, depth: i32, target: usize): void {
  if (rows < TILE_ROWS) {
    packEdge(a, strideM, strideK, rows, TILE_ROWS, depth, target);
    return;
  }
  const step: usize = (<usize>strideK) << 2;
  const a1 = at(a, strideM);
  const a2 = at(a1, strideM);
  const a3 = at(a2, strideM);
  const a4 = at(a3, strideM);
  const a5 = at(a4, strideM);
  let offset: usize = 0;
  for (let p: i32 = 0; p < depth; p++) {
    store<f32>(target, load<f32>(a + offset));
    store<f32>(target, load<f32>(a1 + offset), 4);
    store<f32>(target, load<f32>(a2 + offset), 8);
    store<f32>(target, load<f32>(a3 + offset), 12);
    store<f32>(target, load<f32>(a4 + offset), 16);
    store<f32>(target, load<f32>(a5 + offset), 20);
    offset += step;
    target += TILE_ROW_BYTES;
  }
}

/** Copies the `rows` x `width` corner of a tile whose rows are `fromBytes` and `toBytes` apart. */
function copyTile(from: usize, fromBytes: usize, to: usize, toBytes: usize, rows: i32, width: i32): void {
  for (let r: i32 = 0; r < rows; r++) {
    memory.copy(to, from, <usize>(width << 2));
    from += fromBytes;
    to += toBytes;
  }
}

/** Adds the product of one packed panel pair to the 6x8 tile at `c`, whose rows are `rowBytes` apart. */
function addToTile(a: usize, b: usize, depth: i32, c: usize, rowBytes: usize): void {
  let row = c;
  let c00 = v128.load(row), c01 = v128.load(row, 16); row += rowBytes;
  let c10 = v128.load(row), c11 = v128.load(row, 16); row += rowBytes;
  let c20 = v128.load(row), c21 = v128.load(row, 16); row += rowBytes;
  let c30 = v128.load(row), c31 = v128.load(row, 16); row += rowBytes;
  let c40 = v128.load(row), c41 = v128.load(row, 16); row += rowBytes;
  let c50 = v128.load(row), c51 = v128.load(row, 16);
  const end = b + <usize>depth * TILE_COLUMN_BYTES;
  while (b < end) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(x, b0)); c01 = f32x4.add(c01, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(x, b0)); c11 = f32x4.add(c11, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(x, b0)); c21 = f32x4.add(c21, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(x, b0)); c31 = f32x4.add(c31, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 16);
    c40 = f32x4.add(c40, f32x4.mul(x, b0)); c41 = f32x4.add(c41, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 20);
    c50 = f32x4.add(c50, f32x4.mul(x, b0)); c51 = f32x4.add(c51, f32x4.mul(x, b1));
    a += TILE_ROW_BYTES;
    b += TILE_COLUMN_BYTES;
  }
  row = c;
  v128.store(row, c00); v128.store(row, c01, 16); row += rowBytes;
  v128.store(row, c10); v128.store(row, c11, 16); row += rowBytes;
  v128.store(row, c20); v128.store(row, c21, 16); row += rowBytes;
  v128.store(row, c30); v128.store(row, c31, 16); row += rowBytes;
  v128.store(row, c40); v128.store(row, c41, 16); row += rowBytes;
  v128.store(row, c50); v128.store(row, c51, 16);
}

function multiplyOne(
  m: i32, n: i32, k: i32,
  a: usize, strideAM: i32, strideAK: i32,
  b: usize, strideBK: i32, strideBN: i32,
  c: usize, scratch: usize,
): void {
  const rowBytes: usize = (<usize>n) << 2;
  const edge = scratch;
  const packedA = edge + TILE_BYTES;
  const packedB = packedA + <usize>min(k, BLOCK) * TILE_ROW_BYTES;
  memory.fill(c, 0, <usize>m * rowBytes);
  for (let from: i32 = 0; from < k; from += BLOCK) {
    const depth = min(k - from, BLOCK);
    packColumns(at(b, from * strideBK), strideBK, strideBN, n, depth, packedB);
    for (let i: i32 = 0; i < m; i += TILE_ROWS) {
      const rows = min(m - i, TILE_ROWS);
      packRows(at(a, i * strideAM + from * strideAK), strideAM, strideAK, rows, depth, packedA);
      let panel = packedB;
      const row = c + <usize>i * rowBytes;
      for (let j: i32 = 0; j < n; j += TILE_COLUMNS) {
        const entry = at(row, j);
        const width = min(n - j, TILE_COLUMNS);
        if (rows == TILE_ROWS && width == TILE_COLUMNS) {
          addToTile(packedA, panel, depth, entry, rowBytes);
        } else {
          copyTile(entry, rowBytes, edge, TILE_COLUMN_BYTES, rows, width);
          addToTile(packedA, panel, depth, edge, TILE_COLUMN_BYTES);
          copyTile(edge, TILE_COLUMN_BYTES, entry, rowBytes, rows, width);
        }
        panel += <usize>depth * TILE_COLUMN_BYTES;
      }
    }
  }
}

/**
 * C[i] = A[i] · B[i] for `batch` matrices: A is [m, k], B [k, n], C [m, n] and contiguous. Strides count elements; a
 * batch stride of 0 repeats a matrix. `scratch` has `scratchBytes(n, k)` bytes. With `k` 0 the result is zero.
 */
export function multiply(
  batch: i32, m: i32, n: i32, k: i32,
  a: usize, batchStrideA: i32, strideAM: i32, strideAK: i32,
  b: usize, batchStrideB: i32, strideBK: i32, strideBN: i32,
  c: usize, scratch: usize,
): void {
  for (let i: i32 = 0; i < batch; i++) {
    multiplyOne(m, n, k, at(a, i * batchStrideA), strideAM, strideAK, at(b, i * batchStrideB), strideBK, strideBN, at(c, i * m * n), scratch);
  }
}

/** Adds the vector `bias` [n] to each of the `rows` rows of `c` [rows, n]. */
export function addBias(rows: i32, n: i32, c: usize, bias: usize): void {
  for (let i: i32 = 0; i < rows; i++) {
    let j: i32 = 0;
    for (; j + 4 <= n; j += 4) {
      const entry = at(c, j);
      v128.store(entry, f32x4.add(v128.load(entry), v128.load(at(bias, j))));
    }
    for (; j < n; j++) store<f32>(at(c, j), load<f32>(at(c, j)) + load<f32>(at(bias, j)));
    c += (<usize>n) << 2;
  }
}
