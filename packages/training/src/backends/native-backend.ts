import { EnvironmentError } from '@pixelis/core';
import { installCommand, loadNativeAddon, type NativeAddon } from '@pixelis/native';
import { readGpuInfo } from '@pixelis/reproducibility';
import * as tf from '@tensorflow/tfjs';
import type { Backend } from './backend';

/** How {@link loadNativeBackend} computes. */
export interface LoadNativeBackendOptions {
  /** Threads of the CPU that one operation is shared by, from 1 on. @default {one for each core} */
  readonly threads?: number | undefined;
}

/**
 * Sets TensorFlow.js to its native backend, the addon of `@tensorflow/tfjs-node-gpu`. A process loads it once: for one device
 * and one number of threads.
 *
 * @param device `cpu` hides every GPU; `gpu` refuses to fall back to the CPU.
 * @throws {EnvironmentError} If the addon is missing, broken or loaded otherwise before, or `gpu` was asked for and TensorFlow
 * uses none.
 */
export async function loadNativeBackend(
  device: 'cpu' | 'gpu',
  options: LoadNativeBackendOptions = {},
): Promise<Backend> {
  const addon = loadNativeAddon({ device, threads: options.threads });
  if (device === 'gpu' && !addon.isUsingGpu) throw noGpu(addon);
  await tf.setBackend('tensorflow');
  const { tensorflowVersion: version, threads } = addon;
  const gpu = device === 'gpu' ? gpuInUse() : undefined;
  const description = describe(addon, { device, gpu });
  return {
    name: device,
    version,
    ...(gpu === undefined ? {} : { device: gpu }),
    threads,
    description,
  };
}

/** The first GPU that this process sees, as its driver names it. */
function gpuInUse(): string | undefined {
  const visible = process.env['CUDA_VISIBLE_DEVICES']?.split(',')[0] ?? '0';
  return /^\d+$/.test(visible) ? readGpuInfo()?.devices[Number(visible)]?.name : undefined;
}

function describe(
  { tensorflowVersion, threads, origin }: NativeAddon,
  { device, gpu }: { device: 'cpu' | 'gpu'; gpu: string | undefined },
): string {
  const library =
    origin === 'linked' ? 'linked by libtensorflow:install' : 'that its package came with';
  const computing =
    device === 'gpu'
      ? `on the GPU${gpu === undefined ? '' : ` ${gpu}`}`
      : `on ${threads} ${threads === 1 ? 'thread' : 'threads'} of the CPU`;
  return `${device} (TensorFlow ${tensorflowVersion}, ${library}, ${computing}): the same bits on this machine only`;
}

function noGpu({ tensorflowVersion }: NativeAddon): EnvironmentError {
  return new EnvironmentError(
    `Backend "gpu" was asked for, but TensorFlow ${tensorflowVersion} finds no GPU that it can use`,
    {
      code: 'GPU_MISSING',
      remedy: `see why with TF_CPP_MIN_LOG_LEVEL=0; a GPU of NVIDIA needs its driver and ${installCommand('gpu')}; else use --backend cpu, webgpu or wasm`,
    },
  );
}
