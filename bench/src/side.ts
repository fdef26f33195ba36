import { BACKEND_NAMES } from '@pixelis/training';
import { z } from 'zod';
import { LinePeer } from './line-peer';

const count = z.int().min(1);

/** One of the sides of ours in a comparison. */
export const sideSchema = z.object({
  model: z.object({
    name: z.string(),
    batch: count,
    config: z.object({
      dim: count,
      layers: count,
      heads: count,
      mlpRatio: count,
      patches: count,
      patchValues: count,
      classes: count,
    }),
  }),
  backend: z.enum(BACKEND_NAMES),
  /** Shards that a batch is cut into. */
  shards: count,
  /** Threads of the processor. */
  threads: count,
  isCompiled: z.boolean(),
  /** Format in which a compiled step multiplies matrices. */
  precision: z.enum(['f32', 'bf16']),
});

export type Side = z.infer<typeof sideSchema>;

/** What a side is called in a table. */
export function sideName({ backend, isCompiled, precision }: Side): string {
  return [
    backend,
    ...(isCompiled ? ['compiled'] : []),
    ...(precision === 'f32' ? [] : [precision]),
  ].join(' ');
}

/**
 * Starts a side in a process of its own; its greeting describes the backend.
 *
 * @throws {EnvironmentError} If the backend cannot run here.
 * @throws {UsageError} If it cannot do what is asked for.
 */
export function startSide(side: Side): Promise<LinePeer> {
  return LinePeer.start({
    program: process.execPath,
    args: [require.resolve('./step-side'), JSON.stringify(side)],
    // TensorFlow would take all memory of a card that PyTorch shares.
    environment: { TF_FORCE_GPU_ALLOW_GROWTH: 'true' },
    remedy: 'see what it says with DEBUG=1',
  });
}
