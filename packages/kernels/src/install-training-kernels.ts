import type * as core from '@tensorflow/tfjs-core';
import type { KernelFunc } from '@tensorflow/tfjs-core';
import { transformerBlockKernels } from './blocks/transformer-block-kernels';
import { convolutionKernels } from './convolution/convolution-kernels';
import { elementwiseKernels } from './elementwise/elementwise-kernels';
import { embeddingKernels } from './embedding/embedding-kernels';
import { Heap } from './heap/heap';
import type { KernelSet, OwnKernel } from './kernel-call';
import { layerKernels } from './layers/layer-kernels';
import { matrixProductKernels } from './matrix-product/matrix-product-kernels';
import { reductionKernels } from './reductions/reduction-kernels';
import { shapeKernels } from './shape/shape-kernels';

const BACKEND = 'wasm';

/** What {@link installTrainingKernels} needs of TensorFlow.js: `@tensorflow/tfjs` and `-core` both have it. */
export type TensorFlowKernels = Pick<
  typeof core,
  'findBackend' | 'getKernelsForBackend' | 'registerKernel' | 'unregisterKernel'
>;

/** The kernels in place. */
export interface InstalledKernels {
  /** Names of the kernels that were replaced in tfjs or added to it. */
  readonly names: readonly string[];
  /** Puts the kernels of tfjs back and frees the working memory; a second call does nothing. */
  uninstall(): void;
}

const KERNEL_SETS: readonly KernelSet[] = [
  matrixProductKernels,
  elementwiseKernels,
  reductionKernels,
  shapeKernels,
  layerKernels,
  convolutionKernels,
  embeddingKernels,
];

/** Present in every installation: by it an installation is known again. */
const MARK = 'BatchMatMul';

const installations = new WeakMap<KernelFunc, InstalledKernels>();

/**
 * Replaces kernels of tfjs's wasm backend by SIMD kernels that are made for training, and adds those that it lacks, so
 * that every layer has its gradient there. Their bits do not depend on the processor. A call that ours do not serve, such
 * as one of another type, goes to the kernel of tfjs.
 *
 * The backend must be initialised (`await tf.setBackend('wasm')`). Where the kernels are in place already, nothing
 * changes and those are returned.
 *
 * @throws {TypeError} If the wasm backend is not initialised.
 * @throws {EnvironmentError} If the wasm backend is not that of version 4.22.
 * @throws {RangeError} If its heap has no room for the working memory.
 */
export function installTrainingKernels(tf: TensorFlowKernels): InstalledKernels {
  const backend: unknown = tf.findBackend(BACKEND);
  if (backend === null || backend === undefined) {
    throw new TypeError(
      "Cannot install training kernels: await tf.setBackend('wasm') must come first",
    );
  }
  const stock = new Map(tf.getKernelsForBackend(BACKEND).map((one) => [one.kernelName, one]));
  const mark = stock.get(MARK);
  const present = mark && installations.get(mark.kernelFunc);
  if (present !== undefined) return present;

  let heap = new Heap(backend);
  let own = kernelsOn(heap);
  function kernelOf(name: string): KernelFunc {
    const stockFunc = stock.get(name)?.kernelFunc;
    return (call) => {
      if (call.backend !== heap.backend) {
        // A backend that was removed and set again has another heap; the old one went with its working memory.
        heap = new Heap(call.backend);
        own = kernelsOn(heap);
      }
      const outputs = own.get(name)?.(call) ?? stockFunc?.(call);
      if (outputs === undefined)
        throw new TypeError(`Kernel ${name} cannot serve this call on wasm`);
      return outputs;
    };
  }
  const names = [...own.keys()];
  const installed: InstalledKernels = {
    names,
    uninstall() {
      if (!installations.delete(marked)) return;
      for (const name of names) {
        tf.unregisterKernel(name, BACKEND);
        const config = stock.get(name);
        if (config !== undefined) tf.registerKernel(config);
      }
      if (tf.findBackend(BACKEND) === heap.backend) heap.dispose();
    },
  };
  const marked = kernelOf(MARK);
  for (const name of names) {
    const kernelFunc = name === MARK ? marked : kernelOf(name);
    if (stock.has(name)) tf.unregisterKernel(name, BACKEND);
    tf.registerKernel({ kernelName: name, backendName: BACKEND, ...stock.get(name), kernelFunc });
  }
  installations.set(marked, installed);
  return installed;
}

function kernelsOn(heap: Heap): Map<string, OwnKernel> {
  const kernels = Object.fromEntries(KERNEL_SETS.flatMap((set) => Object.entries(set(heap))));
  return new Map(Object.entries({ ...kernels, ...transformerBlockKernels(heap, kernels) }));
}
