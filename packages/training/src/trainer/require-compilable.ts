import { UsageError } from '@pixelis/core';
import type { TrainerOptions } from './trainer';

/**
 * @param backend As TensorFlow.js calls it.
 * @throws {UsageError} `COMPILE_UNSUPPORTED` if steps shall be compiled that this backend cannot compile,
 * `PRECISION_UNSUPPORTED` if steps that are not compiled shall have another precision than f32.
 */
export function requireCompilable(
  backend: string,
  {
    isCompiled = false,
    precision = 'f32',
  }: Pick<TrainerOptions<never>, 'isCompiled' | 'precision'>,
): void {
  if (isCompiled && backend !== 'tensorflow') {
    const name = backend === 'cpu' ? 'reference' : backend;
    throw new UsageError(`Backend "${name}" cannot compile training steps`, {
      code: 'COMPILE_UNSUPPORTED',
      remedy: 'use --backend cpu or gpu, or leave out training.compile=true',
    });
  }
  if (precision !== 'f32' && !isCompiled) {
    throw new UsageError(`Steps that are not compiled have precision f32, not ${precision}`, {
      code: 'PRECISION_UNSUPPORTED',
      remedy: `set training.compile=true on --backend cpu or gpu, or leave out training.precision=${precision}`,
    });
  }
}
