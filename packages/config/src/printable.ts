import { redactSecrets } from '@pixelis/core';

const LENGTH_MAX = 100;

// What breaks a line, steers a terminal or reverses the direction of text.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Foreign text made fit for one line of a message: without secrets, control characters escaped, cut to a hundred characters. */
export function printable(text: string): string {
  const safe = onOneLine(text);
  return safe.length <= LENGTH_MAX ? safe : `${safe.slice(0, LENGTH_MAX)}…`;
}

/** As {@link printable}, but never cut. */
export function onOneLine(text: string): string {
  return redactSecrets(text).replace(UNSAFE, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** A value as a message shows it: JSON on one line, cut to a hundred characters. */
export function printableValue(value: unknown): string {
  return printable(typeof value === 'number' ? String(value) : JSON.stringify(value));
}
