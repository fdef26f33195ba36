import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { NativeInstallation } from './native-installation';

/** What {@link processVariables} depends on. */
export interface ProcessVariablesOptions {
  readonly device: 'cpu' | 'gpu';
  readonly threads?: number | undefined;
  /** Undefined: the package's own binary. */
  readonly installation?: NativeInstallation | undefined;
}

/** Where TensorFlow, XLA, oneDNN and CUDA with its libraries read what the user, or deterministic mode, has set. */
const OURS = /^(TF|XLA|ONEDNN|CUDA|CUBLAS|CUDNN|NCCL|NVIDIA|TFJS)_/;

/** How many threads share one operation on the CPU. */
const THREADS_VARIABLE = 'TF_NUM_INTRAOP_THREADS';

/**
 * The environment variables that TensorFlow reads once, while it is loaded: those that are set already, and what this
 * package sets. What the user has set stays as it is, except that `device` and `threads` win.
 */
export function processVariables(
  { device, threads, installation }: ProcessVariablesOptions,
  existing: NodeJS.ProcessEnv = process.env,
): Readonly<Record<string, string>> {
  const variables: Record<string, string> = {
    // Warnings and information are not for the user of a program that works: 2 leaves errors.
    TF_CPP_MIN_LOG_LEVEL: '2',
  };
  for (const [name, value] of Object.entries(existing)) {
    if (OURS.test(name) && value !== undefined) variables[name] = value;
  }
  if (device === 'cpu') variables['CUDA_VISIBLE_DEVICES'] = '';
  if (threads !== undefined) variables[THREADS_VARIABLE] = String(threads);
  if (device === 'gpu' && installation !== undefined) {
    variables['XLA_FLAGS'] = withCudaData(existing['XLA_FLAGS'], installation.folder);
  }
  return variables;
}

/** How many threads TensorFlow takes where it is told nothing else. */
export function defaultThreads(existing: NodeJS.ProcessEnv = process.env): number {
  const chosen = Number(existing[THREADS_VARIABLE]);
  return Number.isSafeInteger(chosen) && chosen >= 1 ? chosen : availableParallelism();
}

/** XLA calls ptxas and reads libdevice, which the wheel of nvcc brings. */
function withCudaData(flags: string | undefined, folder: string): string {
  if (flags?.includes('--xla_gpu_cuda_data_dir') === true) return flags;
  const own = `--xla_gpu_cuda_data_dir=${join(folder, 'nvidia', 'cuda_nvcc')}`;
  return flags === undefined || flags === '' ? own : `${flags} ${own}`;
}
