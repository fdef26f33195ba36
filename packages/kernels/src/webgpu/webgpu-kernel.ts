import type { KernelCall, KernelOutputs } from '../kernel-call';
import type { Dispatcher } from './dispatcher';

/** Kernels by the name that they are called by, on one WebGPU backend. */
export type WebgpuKernelSet = (
  dispatcher: Dispatcher,
) => Readonly<Record<string, (call: KernelCall) => KernelOutputs>>;
