import { deserialize, serialize } from 'node:v8';

import { type Difference, firstDifference } from './first-difference';

/** Options of {@link verifyDeterminism}. */
export interface VerifyDeterminismOptions {
  /**
   * How often the function is run, at least 2.
   *
   * @default 2
   */
  readonly runs?: number;
}

/** What {@link verifyDeterminism} found. */
export type DeterminismVerdict =
  | { readonly deterministic: true; readonly runs: number }
  | ({
      readonly deterministic: false;
      /** The first run (from 1) whose result differs from that of run 1, with the place where it does. */
      readonly run: number;
    } & Difference);

/**
 * Runs `run` several times, one after another, and compares the results bit by bit with the first. The function must seed
 * itself, and return plain data (numbers, texts, arrays, typed arrays, maps, sets, objects of these) rather than tensors:
 * `await tensor.data()`. Results are copied, so it may return the same array each time.
 *
 * Numbers differ if their bits do, so −0 and 0 do, but all NaN are alike. Maps and sets are compared in their order.
 *
 * @throws {RangeError} If `runs` is not an integer of at least 2.
 * @throws {TypeError} If a result holds what cannot be copied, such as a function.
 */
export async function verifyDeterminism(
  run: () => unknown,
  { runs = 2 }: VerifyDeterminismOptions = {},
): Promise<DeterminismVerdict> {
  if (!Number.isSafeInteger(runs) || runs < 2) {
    throw new RangeError(`Cannot verify: runs must be an integer >= 2: current value is ${runs}`);
  }
  const first = snapshot(await run());
  for (let current = 2; current <= runs; current++) {
    const difference = firstDifference(deserialize(first), deserialize(snapshot(await run())));
    if (difference !== undefined) return { deterministic: false, run: current, ...difference };
  }
  return { deterministic: true, runs };
}

function snapshot(result: unknown): Buffer {
  try {
    return serialize(result);
  } catch (cause) {
    throw new TypeError('Cannot verify: the result must be plain data', { cause });
  }
}
