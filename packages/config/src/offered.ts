import { z } from 'zod';

/** What {@link offered} knows beyond the values that exist. */
export interface OfferedOptions {
  /** Values that the design names but this version lacks: a list, or a test. */
  later: readonly unknown[] | ((input: unknown) => boolean);
}

/**
 * Schema of a choice of which this version has only some values: those of `later` are refused as not available yet,
 * anything else as wrong.
 */
export function offered<const Value extends string | number | boolean>(
  values: readonly [Value, ...Value[]],
  options: OfferedOptions,
): z.ZodLiteral<Value> {
  const { later } = options;
  const available = values.map((value) => JSON.stringify(value)).join(', ');
  return z.literal([...values], {
    error: ({ input }) => {
      const isLater = typeof later === 'function' ? later(input) : later.includes(input);
      return isLater ? `is not available in this version, only ${available} is` : undefined;
    },
  });
}
