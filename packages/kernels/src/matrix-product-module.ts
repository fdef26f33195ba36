import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '@pixelis/core';

/** The exports of `assembly/matrix-product.ts`; addresses are bytes into the imported memory. */
export interface MatrixProductModule {
  /** Working memory that `multiply` needs at `scratch`, whatever the shapes. */
  scratchBytes(): number;
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
  addBias(rows: number, n: number, c: number, bias: number, biasStride: number): void;
}

// The same file from src (tests) and from dist.
const BINARY = join(__dirname, '..', 'dist', 'matrix-product.wasm');

/**
 * Instantiates the compiled kernels on `memory`.
 *
 * @throws {EnvironmentError} If the compiled kernels cannot be read.
 */
export function instantiateMatrixProduct(memory: WebAssembly.Memory): MatrixProductModule {
  const module = new WebAssembly.Module(readBinary());
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  if (!isMatrixProductModule(exports)) throw new TypeError(`${BINARY} lacks the matrix product`);
  return exports;
}

function readBinary(): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(BINARY));
  } catch (cause) {
    throw new EnvironmentError(`The compiled kernels cannot be read: ${BINARY}`, {
      code: 'KERNELS_NOT_BUILT',
      remedy: 'install @pixelis/kernels again or, in its repository, run npx nx run kernels:build',
      cause,
    });
  }
}

function isMatrixProductModule(exports: object): exports is MatrixProductModule {
  return 'multiply' in exports && 'scratchBytes' in exports && 'addBias' in exports;
}
