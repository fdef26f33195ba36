import type * as core from '@tensorflow/tfjs-core';
import type {
  KernelConfig,
  KernelFunc,
  NamedAttrMap,
  NamedTensorInfoMap,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import { MatrixProduct, type Transposition } from './matrix-product';
import { RowCopies } from './row-copies';
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

/** The kernels of tfjs that are replaced. */
const REPLACED = ['BatchMatMul', '_FusedMatMul', 'Slice', 'SplitV', 'GatherV2'] as const;

type KernelName = (typeof REPLACED)[number];

const installations = new WeakMap<KernelFunc, InstalledKernels>();

/**
 * Replaces the matrix products of tfjs's wasm backend, `BatchMatMul` and `_FusedMatMul`, by SIMD kernels that are as
 * fast for transposed and batched operands as for plain ones, and whose bits do not depend on the processor: each
 * entry is the sum over k in ascending order, from +0, of products rounded to float32, every sum rounded too.
 * `_FusedMatMul` with an activation function stays with tfjs. `Slice`, `SplitV` and `GatherV2` of neighbouring float32
 * entries become copies within the heap; other requests stay with tfjs too.
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
  const stock = Object.fromEntries(REPLACED.map((name) => [name, tf.getKernel(name, BACKEND)]));
  const present = installations.get(kernelNamed(stock, 'BatchMatMul').kernelFunc);
  if (present !== undefined) return present;

  let product = new MatrixProduct(asWasmBackend(backend));
  let copies = new RowCopies(product.backend);
  function reachHeapOf(current: object): void {
    // A backend that was removed and set again has another heap; the old one went with its working memory.
    if (current === product.backend) return;
    product = new MatrixProduct(asWasmBackend(current));
    copies = new RowCopies(product.backend);
  }
  /** Ours, where it serves the call, and else that of tfjs. */
  function orStock(name: KernelName, ours: (call: KernelCall) => Outputs | undefined): KernelFunc {
    const { kernelFunc } = kernelNamed(stock, name);
    return (call) => {
      reachHeapOf(call.backend);
      return ours(call) ?? kernelFunc(call);
    };
  }
  const kernels: Record<KernelName, KernelFunc> = {
    BatchMatMul: orStock('BatchMatMul', ({ inputs, attrs }) =>
      product.multiply(input(inputs, 'a'), input(inputs, 'b'), transposition(attrs)),
    ),
    _FusedMatMul: orStock('_FusedMatMul', ({ inputs, attrs }) => {
      if (attrs?.['activation'] !== 'linear') return undefined;
      const options = { ...transposition(attrs), bias: inputs['bias'] };
      return product.multiply(input(inputs, 'a'), input(inputs, 'b'), options);
    }),
    Slice: orStock('Slice', ({ inputs, attrs }) =>
      copies.slice(input(inputs, 'x'), extents(attrs, 'begin'), extents(attrs, 'size')),
    ),
    SplitV: orStock('SplitV', ({ inputs, attrs }) =>
      copies.split(input(inputs, 'x'), extents(attrs, 'numOrSizeSplits'), Number(attrs?.['axis'])),
    ),
    GatherV2: orStock('GatherV2', ({ inputs, attrs }) =>
      attrs?.['axis'] === 0 && attrs['batchDims'] === 0
        ? copies.gather(input(inputs, 'x'), input(inputs, 'indices'))
        : undefined,
    ),
  };
  for (const name of REPLACED) {
    register(tf, { ...kernelNamed(stock, name), kernelFunc: kernels[name] });
  }

  const installed: InstalledKernels = {
    replaced: REPLACED,
    uninstall() {
      if (!installations.delete(kernels.BatchMatMul)) return;
      for (const config of Object.values(stock)) register(tf, config);
      if (tf.findBackend(BACKEND) === product.backend) product.dispose();
    },
  };
  installations.set(kernels.BatchMatMul, installed);
  return installed;
}

type KernelCall = Parameters<KernelFunc>[0];
type Outputs = ReturnType<KernelFunc>;

function kernelNamed(
  kernels: Readonly<Record<string, KernelConfig>>,
  name: KernelName,
): KernelConfig {
  const config = kernels[name];
  if (config === undefined)
    throw new TypeError(`Cannot install training kernels: tfjs has no ${name}`);
  return config;
}

function register(tf: TensorFlowKernels, config: KernelConfig): void {
  tf.unregisterKernel(config.kernelName, BACKEND);
  tf.registerKernel(config);
}

function input(inputs: NamedTensorInfoMap, name: string): TensorInfo {
  const tensor = inputs[name];
  if (tensor === undefined)
    throw new TypeError(`Cannot run the kernel: input "${name}" is missing`);
  return tensor;
}

/** A number, or one for each dimension. */
function extents(attrs: NamedAttrMap | undefined, name: string): number | number[] {
  const value = attrs?.[name];
  return Array.isArray(value) ? value.map(Number) : Number(value);
}

function transposition(attrs: NamedAttrMap | undefined): Transposition {
  return { transposeA: Boolean(attrs?.['transposeA']), transposeB: Boolean(attrs?.['transposeB']) };
}
