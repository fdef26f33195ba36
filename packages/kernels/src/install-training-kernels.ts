import type * as core from '@tensorflow/tfjs-core';
import type {
  KernelConfig,
  KernelFunc,
  NamedAttrMap,
  NamedTensorInfoMap,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import { MatrixProduct, type Transposition } from './matrix-product';
import { asWasmBackend } from './wasm-memory';

const BACKEND = 'wasm';

/** What {@link installTrainingKernels} needs of TensorFlow.js: `@tensorflow/tfjs` and `-core` both have it. */
export type TensorFlowKernels = Pick<
  typeof core,
  'findBackend' | 'getKernel' | 'registerKernel' | 'unregisterKernel'
>;

/** The kernels in place. */
export interface InstalledKernels {
  /** Names of the tfjs kernels that were replaced. */
  readonly replaced: readonly string[];
  /** Puts the kernels of tfjs back and frees the working memory; a second call does nothing. */
  uninstall(): void;
}

const installations = new WeakMap<KernelFunc, InstalledKernels>();

/**
 * Replaces the matrix products of tfjs's wasm backend, `BatchMatMul` and `_FusedMatMul`, by SIMD kernels that are as
 * fast for transposed and batched operands as for plain ones, and whose bits do not depend on the processor: each
 * entry is the sum over k in ascending order, from +0, of products rounded to float32, every sum rounded too.
 * `_FusedMatMul` with an activation function stays with tfjs.
 *
 * The backend must be initialised (`await tf.setBackend('wasm')`). Where the kernels are in place already, nothing
 * changes and those are returned.
 *
 * @throws {TypeError} If the wasm backend is not initialised.
 * @throws {EnvironmentError} If the wasm backend is not that of version 4.22.
 * @throws {RangeError} If its heap has no room for half a mebibyte of working memory.
 */
export function installTrainingKernels(tf: TensorFlowKernels): InstalledKernels {
  const backend: unknown = tf.findBackend(BACKEND);
  if (backend === null || backend === undefined) {
    throw new TypeError(
      "Cannot install training kernels: await tf.setBackend('wasm') must come first",
    );
  }
  const stock = {
    BatchMatMul: tf.getKernel('BatchMatMul', BACKEND),
    _FusedMatMul: tf.getKernel('_FusedMatMul', BACKEND),
  };
  const present = installations.get(stock.BatchMatMul.kernelFunc);
  if (present !== undefined) return present;

  let product = new MatrixProduct(asWasmBackend(backend));
  function productOn(current: object): MatrixProduct {
    // A backend that was removed and set again has another heap; the old one went with its working memory.
    if (current !== product.backend) product = new MatrixProduct(asWasmBackend(current));
    return product;
  }
  const multiply: KernelFunc = ({ inputs, attrs, backend: current }) =>
    productOn(current).multiply(input(inputs, 'a'), input(inputs, 'b'), transposition(attrs));
  const multiplyFused: KernelFunc = (call) => {
    const { inputs, attrs, backend: current } = call;
    if (attrs?.['activation'] !== 'linear') return stock._FusedMatMul.kernelFunc(call);
    return productOn(current).multiply(input(inputs, 'a'), input(inputs, 'b'), {
      ...transposition(attrs),
      bias: inputs['bias'],
    });
  };
  register(tf, { ...stock.BatchMatMul, kernelFunc: multiply });
  register(tf, { ...stock._FusedMatMul, kernelFunc: multiplyFused });

  const installed: InstalledKernels = {
    replaced: Object.keys(stock),
    uninstall() {
      if (!installations.delete(multiply)) return;
      for (const config of Object.values(stock)) register(tf, config);
      if (tf.findBackend(BACKEND) === product.backend) product.dispose();
    },
  };
  installations.set(multiply, installed);
  return installed;
}

function register(tf: TensorFlowKernels, config: KernelConfig): void {
  tf.unregisterKernel(config.kernelName, BACKEND);
  tf.registerKernel(config);
}

function input(inputs: NamedTensorInfoMap, name: string): TensorInfo {
  const tensor = inputs[name];
  if (tensor === undefined) throw new TypeError(`Cannot multiply: input "${name}" is missing`);
  return tensor;
}

function transposition(attrs: NamedAttrMap | undefined): Transposition {
  return { transposeA: Boolean(attrs?.['transposeA']), transposeB: Boolean(attrs?.['transposeB']) };
}
