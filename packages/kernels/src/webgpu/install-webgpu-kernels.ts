import type * as core from '@tensorflow/tfjs-core';
import type { KernelConfig, KernelFunc } from '@tensorflow/tfjs-core';
import type { InstalledKernels } from '../install-training-kernels';
import type { KernelCall, KernelOutputs } from '../kernel-call';
import { adamWKernels } from './adamw';
import { attentionKernels } from './attention';
import { columnSumsKernels } from './column-sums';
import { crossEntropyKernels } from './cross-entropy';
import { Dispatcher } from './dispatcher';
import { geluKernels } from './gelu';
import { layerNormKernels } from './layer-norm';
import type { WebgpuKernelSet } from './webgpu-kernel';

const BACKEND = 'webgpu';

/** What {@link installWebgpuKernels} needs of TensorFlow.js: `@tensorflow/tfjs` and `-core` both have it. */
export type TensorFlowRegistry = Pick<
  typeof core,
  'findBackend' | 'getKernel' | 'registerKernel' | 'unregisterKernel'
>;

const KERNEL_SETS: readonly WebgpuKernelSet[] = [
  geluKernels,
  layerNormKernels,
  attentionKernels,
  crossEntropyKernels,
  columnSumsKernels,
  adamWKernels,
];

/** Present in every installation: by it an installation is known again. */
const MARK = 'PixelisLayerNorm';

const installations = new WeakMap<KernelFunc, InstalledKernels>();

/**
 * Adds whole layers and the AdamW step as WGSL kernels to tfjs's WebGPU backend: after it `fusedLayers` and `fusedAdamW`
 * have them there. No kernel of tfjs is replaced. Their values are those of the kernels on wasm within rounding, not to
 * the bit: the exponential is the device's own.
 *
 * The backend must be initialised (`await tf.setBackend('webgpu')`). Where the kernels are in place already, nothing
 * changes and those are returned.
 *
 * @throws {TypeError} If the backend is not initialised.
 * @throws {EnvironmentError} If the backend is not that of version 4.22.
 */
export function installWebgpuKernels(tf: TensorFlowRegistry): InstalledKernels {
  const backend: unknown = tf.findBackend(BACKEND);
  if (backend === null || backend === undefined) {
    throw new TypeError(
      "Cannot install WebGPU kernels: await tf.setBackend('webgpu') must come first",
    );
  }
  const product = tf.getKernel('BatchMatMul', BACKEND).kernelFunc;
  const present = presentKernel(tf, MARK);
  const already = present && installations.get(present.kernelFunc);
  if (already !== undefined) return already;

  let current = kernelsOn(backend, product);
  function kernelOf(name: string): KernelFunc {
    return (call) => {
      if (call.backend !== current.backend) {
        // A backend that was removed and set again is another device, with its own pipelines.
        current = kernelsOn(call.backend, product);
      }
      const kernel = current.kernels.get(name);
      if (kernel === undefined) throw new TypeError(`There is no kernel ${name} on ${BACKEND}`);
      return kernel(call);
    };
  }
  const names = [...current.kernels.keys()];
  const marked = kernelOf(MARK);
  const installed: InstalledKernels = {
    names,
    uninstall() {
      if (!installations.delete(marked)) return;
      for (const name of names) tf.unregisterKernel(name, BACKEND);
    },
  };
  for (const name of names) {
    const kernelFunc = name === MARK ? marked : kernelOf(name);
    tf.registerKernel({ kernelName: name, backendName: BACKEND, kernelFunc });
  }
  installations.set(marked, installed);
  return installed;
}

/** tfjs's type of `getKernel` hides that there may be none. */
function presentKernel(tf: TensorFlowRegistry, name: string): KernelConfig | undefined {
  return tf.getKernel(name, BACKEND);
}

function kernelsOn(
  backend: unknown,
  product: KernelFunc,
): {
  readonly backend: unknown;
  readonly kernels: ReadonlyMap<string, (call: KernelCall) => KernelOutputs>;
} {
  const dispatcher = new Dispatcher(backend, product);
  const kernels = new Map(KERNEL_SETS.flatMap((set) => Object.entries(set(dispatcher))));
  return { backend, kernels };
}
