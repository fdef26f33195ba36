import * as fc from 'fast-check';

import { bits, naiveProduct } from '../../test/naive-product';
import type { WasmFunction } from '../heap/heap';
import { instantiateKernels } from '../heap/kernel-binary';

/** What lies in memory before the product. */
const UNTOUCHED = Math.fround(0.123);

/** A matrix in memory: its lines lie one after another with a gap between them, as rows or as columns. */
interface Layout {
  readonly isTransposed: boolean;
  readonly gap: number;
}

const layout: fc.Arbitrary<Layout> = fc.record({
  isTransposed: fc.boolean(),
  gap: fc.integer({ min: 0, max: 3 }),
});

// Around the tile of 5 rows and 8 columns, the 50 rows up to which B is not copied and the blocks of 320 rows and 512 of k.
const extent = (far: number[]) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 18 }) },
    { weight: 1, arbitrary: fc.constantFrom(...far) },
  );

describe('multiplyStrided()', () => {
  const memory = new WebAssembly.Memory({ initial: 256, maximum: 32768 });
  const kernels = instantiateKernels(memory, 'training-kernels.wasm');
  const floats = new Float32Array(memory.buffer);

  it('gives the defined sums for any strides, and writes nothing between the rows', () => {
    fc.assert(
      fc.property(
        fc.record({
          m: extent([49, 50, 51, 319, 320, 321, 326]),
          n: extent([32, 33, 64, 71]),
          k: extent([0, 511, 512, 513, 1025]),
        }),
        layout,
        layout,
        fc.integer({ min: 0, max: 3 }),
        ({ m, n, k }, layoutA, layoutB, gapC) => {
          const a = place(m, k, layoutA, 1 << 16);
          const b = place(k, n, layoutB, 1 << 20);
          const [c, strideCM] = [2 << 20, n + gapC];
          floats.fill(UNTOUCHED, c - 16, c + m * strideCM + 16);
          run(kernels['multiplyStrided'], [
            m, n, k, a.start * 4, a.rowStride, a.columnStride,
            b.start * 4, b.rowStride, b.columnStride, c * 4, strideCM, 3 << 22,
          ]); // prettier-ignore
          const expected = new Float32Array(m * strideCM).fill(UNTOUCHED);
          const product = naiveProduct(a.values, b.values, {
            m, n, k, transposeA: false, transposeB: false,
          }); // prettier-ignore
          for (let i = 0; i < m; i++) {
            expected.set(product.subarray(i * n, (i + 1) * n), i * strideCM);
          }
          const guarded = Float32Array.of(...guard(), ...expected, ...guard());
          expect(bits(floats.slice(c - 16, c + m * strideCM + 16)).equals(bits(guarded))).toBe(
            true,
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  /** Writes a matrix of values that differ in size, so that another order of sums has other bits. */
  function place(rows: number, columns: number, { isTransposed, gap }: Layout, start: number) {
    const [rowStride, columnStride] = isTransposed ? [1, rows + gap] : [columns + gap, 1];
    const values = Float32Array.from({ length: rows * columns }, (_, index) =>
      Math.fround((((index * 7919 + start) % 1021) - 510) / 2 ** (index % 13)),
    );
    values.forEach((value, index) => {
      const [row, column] = [Math.floor(index / columns), index % columns];
      floats[start + row * rowStride + column * columnStride] = value;
    });
    return { start, rowStride, columnStride, values };
  }
});

function guard(): number[] {
  return new Array<number>(16).fill(UNTOUCHED);
}

function run(exported: WebAssembly.ExportValue | undefined, values: number[]): void {
  if (!isWasmFunction(exported)) throw new Error('the kernels lack the function');
  exported(...values);
}

function isWasmFunction(value: WebAssembly.ExportValue | undefined): value is WasmFunction {
  return typeof value === 'function';
}
