import type { SweepParameter } from '@pixelis/config';
import { canonicalJson, type JsonValue } from '@pixelis/core';

/** The different values of a parameter: those of the space as they stand there, then any others that trials had. */
export function choicesOf(
  { values }: Extract<SweepParameter, { values: unknown }>,
  observed: readonly JsonValue[],
): JsonValue[] {
  const choices = new Map<string, JsonValue>(values.map((value) => [canonicalJson(value), value]));
  const others = new Map(observed.map((value) => [canonicalJson(value), value]));
  for (const text of [...others.keys()].sort()) {
    const value = others.get(text);
    if (value !== undefined && !choices.has(text)) choices.set(text, value);
  }
  return [...choices.values()];
}
