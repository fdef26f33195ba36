import type { JsonValue } from '@pixelis/core';
import { setGlobalSeed, type TensorModule } from '@pixelis/reproducibility';
import type { ExperimentOptions } from '../context/experiment-options';
import { withExperiment } from '../context/with-experiment';
import { type AsyncFunction, type MethodContext, wrapCalls } from './method-wrapper';

/** How {@link reproducible} seeds and records. */
export interface ReproducibleOptions extends Omit<ExperimentOptions, 'config'> {
  /** The configuration, or what makes it from the arguments of a call. @default {} */
  readonly config?: JsonValue | ((...args: readonly unknown[]) => JsonValue);
  /** The TensorFlow.js module in use, to be seeded as well. @default none */
  readonly tf?: TensorModule;
}

/**
 * Makes every call of an asynchronous function a recorded experiment with a fixed seed: seeds all randomness of the
 * process with `seed` (42), opens an experiment, calls the function in it, and puts the randomness back. To be used around
 * a function, `reproducible({…})(train)`, or as a standard decorator of a method, `@reproducible({…})`.
 *
 * The seed is the process's: two calls at the same time draw from one `Math.random`, so let them follow each other.
 */
export function reproducible({ config = {}, tf, ...options }: ReproducibleOptions = {}): <
  F extends AsyncFunction,
>(
  original: F,
  context?: MethodContext,
) => F {
  return (original, context) =>
    wrapCalls<never, typeof original>(original, ({ args, proceed }) => {
      const name = options.name ?? String(context?.name ?? original.name);
      return withExperiment(
        {
          ...options,
          ...(name === '' ? {} : { name }),
          config: typeof config === 'function' ? config(...args) : config,
        },
        async (run) => {
          using seeded = setGlobalSeed(options.seed ?? 42, tf === undefined ? {} : { tf });
          run.event('seeded', { seed: seeded.seed });
          return await proceed();
        },
      );
    });
}
