import { AsyncLocalStorage } from 'node:async_hooks';
import { type JsonValue, UsageError } from '@pixelis/core';
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
 * The seed is the process's: two calls at the same time would draw from one `Math.random`, so the second is refused.
 *
 * @throws {UsageError} `REPRODUCIBLE_OVERLAP` from a call while another one is under way, unless within it.
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
      return inTurn(() =>
        withExperiment(
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
        ),
      );
    });
}

const turns = new AsyncLocalStorage<symbol>();
let current: symbol | undefined;

/** A call within another one puts the other's randomness back before it goes on; one beside it would disturb it. */
async function inTurn<T>(call: () => Promise<T>): Promise<T> {
  const outer = turns.getStore();
  if (current !== outer) throw overlapError();
  const own = Symbol('reproducible');
  current = own;
  try {
    return await turns.run(own, call);
  } finally {
    current = outer;
  }
}

function overlapError(): UsageError {
  return new UsageError('a reproducible call is under way already', {
    code: 'REPRODUCIBLE_OVERLAP',
    remedy: 'Await one call before the next: both would draw from the same randomness.',
  });
}
