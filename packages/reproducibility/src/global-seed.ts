import { Generator } from './generator';
import { OverridableSlot } from './override';
import { validateSeed } from './seed';
import { seedTensorModule, type TensorModule } from './tensor-backend';
import { seedThread } from './thread';

/** Options of {@link setGlobalSeed}. */
export interface GlobalSeedOptions {
  /** The TensorFlow.js module in use, its backend registered; without it only what draws from `Math.random` is seeded. */
  readonly tf?: TensorModule;
}

/** What {@link setGlobalSeed} did. A `using` declaration undoes it at the end of its block. */
export interface GlobalSeed extends Disposable {
  readonly seed: number;
  /** The root generator of the seed; fork it by name. */
  readonly generator: Generator;
  /** Puts everything back as it was. Seeds set later stay in force; a second call does nothing. */
  restore(): void;
}

const pythonHashSeed = new OverridableSlot(readPythonHashSeed, writePythonHashSeed);

/**
 * Seeds every source of randomness of this process that can be seeded:
 *
 * - `Math.random` draws from the root generator's fork `Math.random`;
 * - the n-th worker thread started from here on gets its own generator, the fork `thread/n`, and so do the threads that it
 *   starts. Modules that took `Worker` from `node:worker_threads` by `require` before this call are not reached;
 * - the random operations of TensorFlow.js: most through `Math.random`, the others if `tf` is given;
 * - `PYTHONHASHSEED` is the seed modulo 2^32, for child processes.
 *
 * `node:crypto` stays random.
 *
 * @param seed An integer from 0 to 2^53 − 1; 0 is a seed like any other.
 * @throws {UsageError} `SEED_INVALID` for any other seed; nothing is changed then.
 */
export function setGlobalSeed(seed: number, options: GlobalSeedOptions = {}): GlobalSeed {
  const generator = Generator.fromSeed(validateSeed(seed));
  const undo = [
    seedThread(generator),
    pythonHashSeed.override(String(seed % 2 ** 32)),
    ...(options.tf === undefined ? [] : [seedTensorModule(options.tf, generator)]),
  ];
  const restore = (): void => {
    for (const step of undo) step();
  };
  return { seed, generator, restore, [Symbol.dispose]: restore };
}

function readPythonHashSeed(): string | undefined {
  return process.env['PYTHONHASHSEED'];
}

function writePythonHashSeed(value: string | undefined): void {
  if (value === undefined) delete process.env['PYTHONHASHSEED'];
  else process.env['PYTHONHASHSEED'] = value;
}
