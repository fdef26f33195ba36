import { EnvironmentError } from '@pixelis/core';
import type { NativeVariant } from './installation-record';
import {
  findNativeInstallation,
  installCommand,
  type NativeInstallation,
} from './native-installation';
import {
  findNodeGpuPackage,
  NODE_GPU_PACKAGE,
  type NodeGpuPackage,
  ownTensorflowVersion,
} from './node-gpu-package';

/** The addon that is to be loaded. */
export interface NativeSource {
  readonly path: string;
  readonly tensorflowVersion: string;
  /** Linked by `libtensorflow:install`, or the binary that the package's own script fetches. */
  readonly origin: 'linked' | 'package';
  readonly nodeGpu: NodeGpuPackage;
  readonly installation?: NativeInstallation;
}

/**
 * The addon that a device is computed by: the linked one of its variant, where the one for CUDA also serves the CPU, else the
 * package's own binary.
 *
 * @throws {EnvironmentError} `NATIVE_BACKEND_MISSING` if there is none, and what {@link findNativeInstallation} throws.
 */
export function findNativeSource(device: NativeVariant): NativeSource {
  const nodeGpu = requireNodeGpuPackage(device);
  const installation =
    (device === 'cpu' ? findNativeInstallation({ variant: 'cpu' }) : undefined) ??
    findNativeInstallation({ variant: 'gpu' });
  if (installation !== undefined) return sourceOfInstallation(installation, device);
  const { ownBinary: path } = nodeGpu;
  if (path === undefined) throw addonMissing(device);
  return { path, tensorflowVersion: ownTensorflowVersion(nodeGpu), origin: 'package', nodeGpu };
}

/**
 * The addon of an installation that is at hand.
 *
 * @throws {EnvironmentError} `NATIVE_BACKEND_MISSING` if the package that loads it is not installed.
 */
export function sourceOfInstallation(
  installation: NativeInstallation,
  device: NativeVariant,
): NativeSource {
  const { addonPath: path, record } = installation;
  const tensorflowVersion = record.tensorflow_version;
  const nodeGpu = requireNodeGpuPackage(device);
  return { path, tensorflowVersion, origin: 'linked', nodeGpu, installation };
}

function requireNodeGpuPackage(device: NativeVariant): NodeGpuPackage {
  const nodeGpu = findNodeGpuPackage();
  if (nodeGpu === undefined) throw packageMissing(device);
  return nodeGpu;
}

function packageMissing(device: NativeVariant): EnvironmentError {
  return new EnvironmentError(`Backend "${device}" needs the package ${NODE_GPU_PACKAGE}`, {
    code: 'NATIVE_BACKEND_MISSING',
    remedy: `npm install --ignore-scripts ${NODE_GPU_PACKAGE}, then ${installCommand(device)}`,
  });
}

function addonMissing(device: NativeVariant): EnvironmentError {
  return new EnvironmentError(
    `Backend "${device}" needs TensorFlow's native library, which is not installed`,
    {
      code: 'NATIVE_BACKEND_MISSING',
      remedy: `${installCommand(device)}, or use --backend wasm, which needs nothing native`,
    },
  );
}
