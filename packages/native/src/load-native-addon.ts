import { join } from 'node:path';
import util from 'node:util';
import { EnvironmentError } from '@pixelis/core';
import type { NativeVariant } from './installation-record';
import { installCommand, LOADER_FILE, type NativeInstallation } from './native-installation';
import { findNativeSource, type NativeSource, sourceOfInstallation } from './native-source';
import { NODE_GPU_PACKAGE, requireNodeGpu } from './node-gpu-package';
import { openProcessLoader } from './process-loader';
import { defaultThreads, processVariables } from './process-variables';

/** What {@link loadNativeAddon} shall use. */
export interface LoadNativeAddonOptions {
  /** `cpu` hides every GPU. */
  readonly device: NativeVariant;
  /** Threads that one operation is shared by on the CPU, from 1 on. @default {one for each core} */
  readonly threads?: number | undefined;
  /** @default what {@link findNativeSource} finds */
  readonly installation?: NativeInstallation | undefined;
}

/** The addon, loaded; TensorFlow.js is set to its backend, `tensorflow`. */
export interface NativeAddon {
  readonly tensorflowVersion: string;
  readonly isUsingGpu: boolean;
  /** Threads that one operation is shared by on the CPU. */
  readonly threads: number;
  /** Linked by `libtensorflow:install`, or the package's own binary. */
  readonly origin: 'linked' | 'package';
  /** The addon's file. */
  readonly path: string;
}

/** TensorFlow is loaded once in a process, with the settings of the first call. */
let loaded: { readonly device: NativeVariant; readonly addon: NativeAddon } | undefined;

/**
 * Loads the native backend of TensorFlow.js: the build that `libtensorflow:install` linked (for the CPU also the one
 * for CUDA), else the binary that the package itself came with. It prepares the process first: log level, threads, GPUs that are
 * hidden, functions of Node that the package misses; and it keeps TensorFlow's banner off stderr.
 *
 * @throws {EnvironmentError} `NATIVE_BACKEND_MISSING` if there is none, `NATIVE_BACKEND_BROKEN` if it does not load,
 * `NATIVE_BACKEND_LOADED` if this process loaded it for another device or number of threads, and what
 * {@link findNativeInstallation} throws.
 * @throws {RangeError} If `threads` is no whole number from 1 on.
 */
export function loadNativeAddon(options: LoadNativeAddonOptions): NativeAddon {
  const { device, threads, installation } = options;
  if (threads !== undefined && !(Number.isSafeInteger(threads) && threads >= 1)) {
    throw new RangeError(
      `Cannot load the native addon: threads must be a whole number >= 1: current value is ${threads}`,
    );
  }
  if (loaded !== undefined) return reuse(loaded, options);
  const source =
    installation === undefined
      ? findNativeSource(device)
      : sourceOfInstallation(installation, device);
  const isUsingGpu = load(source, options);
  const { path, tensorflowVersion, origin } = source;
  const addon: NativeAddon = {
    tensorflowVersion,
    isUsingGpu,
    threads: threads ?? defaultThreads(),
    origin,
    path,
  };
  loaded = { device, addon };
  return addon;
}

function reuse(
  { device, addon }: { device: NativeVariant; addon: NativeAddon },
  wanted: LoadNativeAddonOptions,
): NativeAddon {
  // TensorFlow that found no GPU is TensorFlow for the CPU.
  const isSameDevice = device === wanted.device || (wanted.device === 'cpu' && !addon.isUsingGpu);
  const isSameThreads = wanted.threads === undefined || wanted.threads === addon.threads;
  if (isSameDevice && isSameThreads) return addon;
  throw new EnvironmentError(
    `this process has loaded TensorFlow for ${device} with ${addon.threads} threads and cannot change to ` +
      `${wanted.device} with ${wanted.threads ?? addon.threads}`,
    { code: 'NATIVE_BACKEND_LOADED', remedy: 'use one device and number of threads in a process' },
  );
}

/** @returns Whether TensorFlow computes on a GPU. */
function load(source: NativeSource, options: LoadNativeAddonOptions): boolean {
  const { installation, nodeGpu } = source;
  restoreIsNullOrUndefined();
  const loader = openProcessLoader(
    installation && join(installation.folder, LOADER_FILE),
    options.device,
  );
  const variables = processVariables({ ...options, installation });
  for (const [name, value] of Object.entries(variables)) loader.setVariable(name, value);
  loader.captureStderr();
  try {
    return isUsingGpu(requireNodeGpu(nodeGpu, source.path));
  } catch (cause) {
    throw doesNotLoad(source, options.device, cause);
  } finally {
    loader.releaseStderr();
  }
}

function isUsingGpu(module: unknown): boolean {
  if (!hasBackend(module)) throw new TypeError(`${NODE_GPU_PACKAGE} has no function backend`);
  const backend = module.backend();
  return (
    typeof backend === 'object' &&
    backend !== null &&
    'isUsingGpuDevice' in backend &&
    backend.isUsingGpuDevice === true
  );
}

function hasBackend(module: unknown): module is { backend: () => unknown } {
  return (
    typeof module === 'object' &&
    module !== null &&
    'backend' in module &&
    typeof module.backend === 'function'
  );
}

/** The package calls a function of `node:util` that Node 22 warns of and Node 23 removed. */
function restoreIsNullOrUndefined(): void {
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  });
}

function doesNotLoad({ path, origin }: NativeSource, device: NativeVariant, cause: unknown) {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EnvironmentError(`the native addon ${path} does not load: ${reason}`, {
    code: 'NATIVE_BACKEND_BROKEN',
    remedy:
      origin === 'linked'
        ? `link it again: ${installCommand(device, ' --relink')}`
        : `link one that fits this machine: ${installCommand(device, ' --relink')}`,
    cause,
  });
}
