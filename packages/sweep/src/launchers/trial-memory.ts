import type { SweepConfig } from '@pixelis/config';

/** Node with everything loaded, on `wasm`. */
const PROCESS_BYTES = 190e6;
/** The same with the native library, or a device. */
const NATIVE_PROCESS_BYTES = 500e6;
/** A thread that computes, before it has a model. */
const THREAD_BYTES = 100e6;
/** Bytes of one f32. */
const NUMBER_BYTES = 4;
/** Copies of all parameters: those of the process (of the model, AdamW, a checkpoint), and those of each thread. */
const COPIES = { process: 8, thread: 6 };
/** What one example keeps until its gradient is known, for each number of the residual stream of each layer. */
const ACTIVATION_BYTES = 1200;

/**
 * About how much memory a trial takes at its peak, in bytes: the largest one if the sweep varies its size. A linear fit to the peak
 * resident memory of `train` on `wasm` with models of width 8 to 384, which it exceeds by 2 to 11 %: see docs/guides/sweep.md.
 *
 * @param threads Threads that the trial computes on.
 */
export function estimateTrialMemory(config: SweepConfig, threads: number): number {
  const { model, data, training } = config;
  const dim = largest(config, { key: 'model.dim', base: model.dim });
  const layers =
    largest(config, { key: 'model.encoder_layers', base: model.encoder_layers }) +
    largest(config, { key: 'model.decoder_layers', base: model.decoder_layers });
  const mlpRatio = largest(config, { key: 'model.mlp_ratio', base: model.mlp_ratio });
  const batch = largest(config, { key: 'data.batch_size', base: data.batch_size });
  // Of a layer: four matrices of attention, and two of the MLP.
  const parameterBytes = NUMBER_BYTES * (4 + 2 * mlpRatio) * layers * dim ** 2;
  const examples = Math.ceil(batch / training.shards);
  const threadBytes =
    THREAD_BYTES + COPIES.thread * parameterBytes + ACTIVATION_BYTES * examples * dim * layers;
  const processBytes = isAlwaysWasm(config) ? PROCESS_BYTES : NATIVE_PROCESS_BYTES;
  return processBytes + COPIES.process * parameterBytes + threads * threadBytes;
}

function isAlwaysWasm({ sweep, hardware }: SweepConfig): boolean {
  const varied = sweep.space['hardware.backend'];
  const names = varied !== undefined && 'values' in varied ? varied.values : [hardware.backend];
  return names.every((name) => name === 'wasm');
}

/** The largest value that trials give a key. */
function largest(
  { sweep }: SweepConfig,
  { key, base }: { readonly key: string; readonly base: number },
): number {
  const varied = sweep.space[key];
  if (varied === undefined) return base;
  if ('high' in varied) return varied.high;
  return Math.max(...varied.values.filter((value) => typeof value === 'number'));
}
