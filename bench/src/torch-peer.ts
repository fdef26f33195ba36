import { join } from 'node:path';
import { LinePeer } from './line-peer';
import type { VitModel } from './vit-models';

const SCRIPT = join(__dirname, '..', 'torch', 'vit_step.py');

/** How PyTorch computes. */
export interface TorchOptions {
  /** Threads of the processor. */
  readonly threads: number;
  /** @default {'cpu'} */
  readonly device?: 'cpu' | 'cuda';
  /** How matrices are multiplied. @default {'f32'} */
  readonly precision?: 'f32' | 'tf32' | 'bf16';
  /** Whether the step goes through `torch.compile`. @default {false} */
  readonly isCompiled?: boolean;
}

/**
 * PyTorch in a process of its own, which takes steps when it is told to; it answers "memory" by the resident bytes before
 * the model was made and the highest since.
 *
 * @throws {EnvironmentError} If Python or PyTorch is not there; `PIXELIS_PYTHON` names another Python.
 */
export function startTorch(
  { config, batch }: VitModel,
  { threads, device = 'cpu', precision = 'f32', isCompiled = false }: TorchOptions,
): Promise<LinePeer> {
  const { dim, layers, heads, patches, patchValues, classes } = config;
  const sizes = {
    dim,
    layers,
    heads,
    positions: patches + 1,
    'patch-values': patchValues,
    classes,
  };
  const settings = { ...sizes, batch, threads, device, precision };
  return LinePeer.start({
    program: process.env['PIXELIS_PYTHON'] ?? 'python3',
    args: [
      SCRIPT,
      ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
      ...(isCompiled ? ['--compile'] : []),
    ],
    remedy: 'pip install torch==2.13.0, and name its Python by PIXELIS_PYTHON, or use --no-torch',
  });
}
