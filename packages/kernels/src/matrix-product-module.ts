import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The exports of `assembly/matrix-product.ts`; addresses are bytes into the imported memory. */
export interface MatrixProductModule {
  scratchBytes(n: number, k: number): number;
  multiply(
    batch: number,
    m: number,
    n: number,
    k: number,
    a: number,
    batchStrideA: number,
    strideAM: number,
    strideAK: number,
    b: number,
    batchStrideB: number,
    strideBK: number,
    strideBN: number,
    c: number,
    scratch: number,
  ): void;
  addBias(rows: number, n: number, c: number, bias: number): void;
}

// The same file from src (tests) and from dist.
const BINARY = join(__dirname, '..', 'dist', 'matrix-product.wasm');

/** Instantiates the compiled kernels on `memory`. */
export function instantiateMatrixProduct(memory: WebAssembly.Memory): MatrixProductModule {
  const module = new WebAssembly.Module(readFileSync(BINARY));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  if (!isMatrixProductModule(exports)) throw new TypeError(`${BINARY} lacks the matrix product`);
  return exports;
}

function isMatrixProductModule(exports: object): exports is MatrixProductModule {
  return 'multiply' in exports && 'scratchBytes' in exports && 'addBias' in exports;
}
