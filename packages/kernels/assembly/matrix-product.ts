/**
 * Batched single-precision matrix product with arbitrary row and column strides, in place on the memory of the host.
 *
 * Every entry of the result is one chain of additions over k in ascending order that starts at +0, each product
 * rounded before it is added (no fused multiply-add): whatever the tile or the block, and on whatever processor, the
 * bits are the same.
 *
 * Blocking after Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008): panels of 8
 * columns of B and of 5 rows of A are packed for one block of k, and a 5x8 tile of the result stays in registers:
 * 10 vectors of sums, 2 of B, one of A and one product fit the 15 vector registers that V8 has to give on x86-64,
 * where a sixth row spills and halves the speed.
 */

const TILE_ROWS: i32 = 5;
const TILE_COLUMNS: i32 = 8;
const TILE_ROW_BYTES: usize = 20;
const TILE_COLUMN_BYTES: usize = 32;
const TILE_BYTES: usize = 160;

/** Length of one block of k: a panel of A (5 KiB) and one of B (8 KiB) stay in the first-level cache. */
const BLOCK_DEPTH: i32 = 256;
/** Width of one block of columns: its panels of B (512 KiB) stay in the second-level cache. */
const BLOCK_COLUMNS: i32 = 512;
const PANEL_A_BYTES: usize = 5120;
const PANELS_B_BYTES: usize = 524288;

@inline
function at(base: usize, index: i32): usize {
  return base + ((<usize>index) << 2);
}

/** Bytes of scratch memory that `multiply` needs. */
export function scratchBytes(): i32 {
  return <i32>(PANELS_B_BYTES + PANEL_A_BYTES + TILE_BYTES);
}

/** Packs four neighbouring lines (rows of A or columns of B): their four values of each k lie side by side. */
function packFour(source: usize, lineBytes: usize, depthBytes: usize, depth: i32, target: usize, groupBytes: usize): void {
  const line1 = source + lineBytes;
  const line2 = line1 + lineBytes;
  const line3 = line2 + lineBytes;
  let p: i32 = 0;
  let offset: usize = 0;
  if (lineBytes == 4) {
    for (; p < depth; p++) {
      v128.store(target, v128.load(source + offset));
      offset += depthBytes;
      target += groupBytes;
    }
    return;
  }
  if (depthBytes == 4) {
    for (; p + 4 <= depth; p += 4) {
      const v0 = v128.load(source + offset), v1 = v128.load(line1 + offset);
      const v2 = v128.load(line2 + offset), v3 = v128.load(line3 + offset);
      const low01 = v128.shuffle<f32>(v0, v1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(v0, v1, 2, 6, 3, 7);
      const low23 = v128.shuffle<f32>(v2, v3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(v2, v3, 2, 6, 3, 7);
      v128.store(target, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5)); target += groupBytes;
      v128.store(target, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7)); target += groupBytes;
      v128.store(target, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5)); target += groupBytes;
      v128.store(target, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7)); target += groupBytes;
      offset += 16;
    }
  }
  for (; p < depth; p++) {
    store<f32>(target, load<f32>(source + offset));
    store<f32>(target, load<f32>(line1 + offset), 4);
    store<f32>(target, load<f32>(line2 + offset), 8);
    store<f32>(target, load<f32>(line3 + offset), 12);
    offset += depthBytes;
    target += groupBytes;
  }
}

function packOne(source: usize, depthBytes: usize, depth: i32, target: usize, groupBytes: usize): void {
  for (let p: i32 = 0; p < depth; p++) {
    store<f32>(target, load<f32>(source));
    source += depthBytes;
    target += groupBytes;
  }
}

function clearOne(depth: i32, target: usize, groupBytes: usize): void {
  for (let p: i32 = 0; p < depth; p++) {
    store<f32>(target, 0);
    target += groupBytes;
  }
}

/** Packs `lines` rows of A or columns of B as `depth` groups of `width` values: first zeros for those that lack, then theirs. */
function packPanel(source: usize, strideLine: i32, strideDepth: i32, lines: i32, width: i32, depth: i32, target: usize): void {
  const lineBytes: usize = (<usize>strideLine) << 2;
  const depthBytes: usize = (<usize>strideDepth) << 2;
  const groupBytes: usize = (<usize>width) << 2;
  for (let missing = width - lines; missing > 0; missing--) {
    clearOne(depth, target, groupBytes);
    target += 4;
  }
  for (; lines >= 4; lines -= 4) {
    packFour(source, lineBytes, depthBytes, depth, target, groupBytes);
    source += lineBytes << 2;
    target += 16;
  }
  for (; lines > 0; lines--) {
    packOne(source, depthBytes, depth, target, groupBytes);
    source += lineBytes;
    target += 4;
  }
}

/** All bits set if `condition` holds, else none: arithmetic, for a branch would make V8 spill the sums. */
@inline
function maskIf(condition: bool): usize {
  return <usize>(-<i32>condition);
}

/**
 * The product of one packed panel pair, in the 5x8 tile at `c` whose rows are `rowBytes` apart: set if `isFirst`, else
 * added to what is there. Of a tile of fewer `rows` the missing ones fall on its last row, and are stored before it.
 */
function multiplyPanels(a: usize, b: usize, depth: i32, c: usize, rowBytes: usize, rows: i32, isFirst: bool): void {
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
  const end = b + <usize>depth * TILE_COLUMN_BYTES;
  while (b < end) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(a0, b0)); c01 = f32x4.add(c01, f32x4.mul(a0, b1));
    const a1 = v128.load32_splat(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(a1, b0)); c11 = f32x4.add(c11, f32x4.mul(a1, b1));
    const a2 = v128.load32_splat(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(a2, b0)); c21 = f32x4.add(c21, f32x4.mul(a2, b1));
    const a3 = v128.load32_splat(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(a3, b0)); c31 = f32x4.add(c31, f32x4.mul(a3, b1));
    const a4 = v128.load32_splat(a, 16);
    c40 = f32x4.add(c40, f32x4.mul(a4, b0)); c41 = f32x4.add(c41, f32x4.mul(a4, b1));
    a += TILE_ROW_BYTES;
    b += TILE_COLUMN_BYTES;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  v128.store(row1, c10); v128.store(row1, c11, 16);
  v128.store(row2, c20); v128.store(row2, c21, 16);
  v128.store(row3, c30); v128.store(row3, c31, 16);
  v128.store(row4, c40); v128.store(row4, c41, 16);
}

/** Copies the `rows` x `width` corner of a tile whose rows are `fromBytes` and `toBytes` apart. */
function copyCorner(from: usize, fromBytes: usize, to: usize, toBytes: usize, rows: i32, width: i32): void {
  for (let r: i32 = 0; r < rows; r++) {
    for (let j: i32 = 0; j < width; j++) store<f32>(at(to, j), load<f32>(at(from, j)));
    from += fromBytes;
    to += toBytes;
  }
}

/** One panel of A with all panels of a block of B: `rows` rows of the result from `c` on, `columns` wide. */
function multiplyRows(panelA: usize, panelsB: usize, depth: i32, c: usize, rowBytes: usize, rows: i32, columns: i32, edge: usize, isFirst: bool): void {
  const panelBytes = <usize>depth * TILE_COLUMN_BYTES;
  let panel = panelsB;
  let j: i32 = 0;
  for (; j + TILE_COLUMNS <= columns; j += TILE_COLUMNS) {
    multiplyPanels(panelA, panel, depth, at(c, j), rowBytes, rows, isFirst);
    panel += panelBytes;
  }
  if (j < columns) {
    const width = columns - j;
    const corner = at(edge, TILE_COLUMNS - width);
    if (!isFirst) copyCorner(at(c, j), rowBytes, corner, TILE_COLUMN_BYTES, rows, width);
    multiplyPanels(panelA, panel, depth, edge, TILE_COLUMN_BYTES, rows, isFirst);
    copyCorner(corner, TILE_COLUMN_BYTES, at(c, j), rowBytes, rows, width);
  }
}

function multiplyOne(
  m: i32, n: i32, k: i32,
  a: usize, strideAM: i32, strideAK: i32,
  b: usize, strideBK: i32, strideBN: i32,
  c: usize, scratch: usize,
): void {
  const rowBytes: usize = (<usize>n) << 2;
  const panelA = scratch + PANELS_B_BYTES;
  const edge = panelA + PANEL_A_BYTES;
  for (let left: i32 = 0; left < n; left += BLOCK_COLUMNS) {
    const columns = min(n - left, BLOCK_COLUMNS);
    for (let from: i32 = 0; from < k; from += BLOCK_DEPTH) {
      const depth = min(k - from, BLOCK_DEPTH);
      let panel = scratch;
      for (let j: i32 = 0; j < columns; j += TILE_COLUMNS) {
        const source = at(b, from * strideBK + (left + j) * strideBN);
        packPanel(source, strideBN, strideBK, min(columns - j, TILE_COLUMNS), TILE_COLUMNS, depth, panel);
        panel += <usize>depth * TILE_COLUMN_BYTES;
      }
      for (let i: i32 = 0; i < m; i += TILE_ROWS) {
        const rows = min(m - i, TILE_ROWS);
        packPanel(at(a, i * strideAM + from * strideAK), strideAM, strideAK, rows, TILE_ROWS, depth, panelA);
        multiplyRows(panelA, scratch, depth, at(c + <usize>i * rowBytes, left), rowBytes, rows, columns, edge, from == 0);
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
  if (k == 0) {
    memory.fill(c, 0, ((<usize>batch * <usize>m) * <usize>n) << 2);
    return;
  }
  // All rows of the batch meet the same B: one tall product packs it once.
  if (batchStrideB == 0 && batchStrideA == m * strideAM) {
    m *= batch;
    batch = 1;
  }
  for (let i: i32 = 0; i < batch; i++) {
    multiplyOne(m, n, k, at(a, i * batchStrideA), strideAM, strideAK, at(b, i * batchStrideB), strideBK, strideBN, at(c, i * m * n), scratch);
  }
}

/** Adds `bias` to each of the `rows` rows of `c` [rows, n]; its values lie `stride` apart (0: one value for all). */
export function addBias(rows: i32, n: i32, c: usize, bias: usize, stride: i32): void {
  for (let i: i32 = 0; i < rows; i++) {
    let j: i32 = 0;
    if (stride == 1) {
      for (; j + 4 <= n; j += 4) {
        const entry = at(c, j);
        v128.store(entry, f32x4.add(v128.load(entry), v128.load(at(bias, j))));
      }
    }
    for (; j < n; j++) store<f32>(at(c, j), load<f32>(at(c, j)) + load<f32>(at(bias, j * stride)));
    c += (<usize>n) << 2;
  }
}
