import { PixelisError } from '@pixelis/core';
import {
  findNativeInstallation,
  findNodeGpuPackage,
  installCommand,
  nativeCacheDirectory,
  type NativeVariant,
} from '@pixelis/native';
import type { ProbeProblem } from './probe-answer';

/** An installation of TensorFlow's native library. */
export interface InstallationProbe {
  /** For the CPU alone, or for CUDA too. */
  readonly variant: NativeVariant;
  /** Null where it is missing or broken. */
  readonly tensorflowVersion: string | null;
  /** Bytes on disk; null like the version. */
  readonly bytes: number | null;
  readonly problem: ProbeProblem | null;
}

/** Where native libraries are, and what there is. */
export interface NativeCacheProbe {
  /** It may not exist yet. */
  readonly directory: string;
  readonly installations: readonly InstallationProbe[];
  /** The binary that the install script of `@tensorflow/tfjs-node-gpu` fetched itself; null where it did not. */
  readonly packageBinary: string | null;
}

/** Looks at the installations that `libtensorflow:install` made. Their files are not read: the backend's probe loads them. */
export function probeNativeCache(): NativeCacheProbe {
  return {
    directory: nativeCacheDirectory(),
    installations: (['cpu', 'gpu'] as const).map(probeInstallation),
    packageBinary: findNodeGpuPackage()?.ownBinary ?? null,
  };
}

function probeInstallation(variant: NativeVariant): InstallationProbe {
  const absent = { variant, tensorflowVersion: null, bytes: null };
  try {
    const found = findNativeInstallation({ variant });
    if (found === undefined) return { ...absent, problem: missing(variant) };
    const { tensorflow_version: tensorflowVersion, files } = found.record;
    const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
    return { variant, tensorflowVersion, bytes, problem: null };
  } catch (error) {
    if (!(error instanceof PixelisError)) throw error;
    const { code, message, remedy } = error;
    return { ...absent, problem: { code, message, remedy } };
  }
}

function missing(variant: NativeVariant): ProbeProblem {
  return {
    code: 'NATIVE_INSTALLATION_MISSING',
    message: 'not installed',
    remedy: installCommand(variant),
  };
}
