import { compileStep } from '@pixelis/xla';
import * as tf from '@tensorflow/tfjs';
import { requireOneThread } from '../backends/require-one-thread';
import { ArenaTrainer } from '../threads/arena-trainer';
import { CompiledTrainer } from './compiled-trainer';
import { requireCompilable } from './require-compilable';
import { TensorTrainer } from './tensor-trainer';
import type { Trainer, TrainerOptions, TrainerStart } from './trainer';

/**
 * A trainer on the backend in use: on wasm one whose threads share their work and give the same bits however many they
 * are, on others one whose steps are tensor operations, compiled into one where that is asked for.
 *
 * @throws {UsageError} `THREADS_UNSUPPORTED` if several threads are asked for on another backend than wasm,
 * `COMPILE_UNSUPPORTED` or `PRECISION_UNSUPPORTED` if steps shall be compiled that cannot be.
 * @throws {RangeError} If `threads` is out of range, or a parameter is missing or of another shape.
 * @throws {TypeError} If there are several threads and no `objectiveModule`.
 */
export function createTrainer<Shard>(
  start: TrainerStart,
  options: TrainerOptions<Shard>,
): Trainer<Shard> {
  const backend = tf.getBackend();
  requireCompilable(backend, options);
  if (options.isCompiled === true) {
    requireOneThread(backend, options.threads);
    return new CompiledTrainer(start, { ...options, compile: compileStep });
  }
  if (backend === 'wasm') return new ArenaTrainer(start, options);
  requireOneThread(backend, options.threads);
  return 'snapshot' in start
    ? TensorTrainer.fromSnapshot(start.snapshot, options)
    : new TensorTrainer(start.parameters, options);
}
