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

/** The kernels in place; `uninstall` puts those of tfjs back. */
export interface InstalledKernels {
  /** Names of the tfjs kernels that were replaced. */
  readonly replaced: readonly string[];
  uninstall(): void;
}

/**
 * Replaces the matrix products of tfjs's wasm backend, `BatchMatMul` and `_FusedMatMul`, by SIMD kernels that are as
 * fast for transposed and batched operands as for plain ones, and whose bits do not depend on the processor.
 * The backend must be initialised (`await tf.setBackend('wasm')`).
 *
 * @throws {TypeError} If the wasm backend is not initialised or is not that of version 4.22.
 */
export function installTrainingKernels(tf: TensorFlowKernels): InstalledKernels {
  const found: unknown = tf.findBackend(BACKEND);
  if (found === null || found === undefined) {
    throw new TypeError(
      "Cannot install training kernels: await tf.setBackend('wasm') must come first",
    );
  }
  const backend = asWasmBackend(tf.findBackend(BACKEND));
  const product = new MatrixProduct(backend);
  const stock = {
    BatchMatMul: tf.getKernel('BatchMatMul', BACKEND),
    _FusedMatMul: tf.getKernel('_FusedMatMul', BACKEND),
  };
  replace(tf, stock.BatchMatMul, ({ inputs, attrs }) =>
    product.multiply(input(inputs, 'a'), input(inputs, 'b'), transposition(attrs)),
  );
  replace(tf, stock._FusedMatMul, (call) => {
    const { inputs, attrs } = call;
    if (attrs?.['activation'] !== 'linear') return stock._FusedMatMul.kernelFunc(call);
    return product.multiply(input(inputs, 'a'), input(inputs, 'b'), {
      ...transposition(attrs),
      bias: inputs['bias'],
    });
  });
  return {
    replaced: Object.keys(stock),
    uninstall() {
      for (const config of Object.values(stock)) replace(tf, config, config.kernelFunc);
      product.dispose();
    },
  };
}

function replace(tf: TensorFlowKernels, config: KernelConfig, kernelFunc: KernelFunc): void {
  tf.unregisterKernel(config.kernelName, BACKEND);
  tf.registerKernel({ kernelName: config.kernelName, backendName: BACKEND, kernelFunc });
}

function input(inputs: NamedTensorInfoMap, name: string): TensorInfo {
  const tensor = inputs[name];
  if (tensor === undefined) throw new TypeError(`Cannot multiply: input "${name}" is missing`);
  return tensor;
}

function transposition(attrs: NamedAttrMap | undefined): Transposition {
  return { transposeA: Boolean(attrs?.['transposeA']), transposeB: Boolean(attrs?.['transposeB']) };
}
