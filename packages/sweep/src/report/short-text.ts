import { stripVTControlCharacters } from 'node:util';
import { canonicalJson, type JsonValue } from '@pixelis/core';

/** A number for people: four significant digits, with an exponent where digits alone would be hard to count. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  const rounded = Number(value.toPrecision(4));
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) {
    return rounded.toExponential().replace('e+', 'e');
  }
  return String(rounded);
}

/** A value of a parameter for people. */
export function shortValue(value: JsonValue | undefined): string {
  if (value === undefined) return '-';
  if (typeof value === 'number') return shortNumber(value);
  return onOneLine(typeof value === 'string' ? value : canonicalJson(value));
}

/** Text of foreign origin must neither break a line nor steer the terminal. */
export function onOneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\p{Cs}/gu, '\uFFFD');
}

/** The text in at most `length` characters: the end is cut, and an ellipsis says so. */
export function clipped(text: string, length: number): string {
  const characters = Array.from(text);
  if (characters.length <= length) return text;
  return length < 1 ? '' : `${characters.slice(0, length - 1).join('')}…`;
}

/** The text in at most `length` characters: its middle is left out, since paths and dotted keys differ at their ends. */
export function clippedMiddle(text: string, length: number): string {
  const characters = Array.from(text);
  if (characters.length <= length) return text;
  if (length < 3) return clipped(text, length);
  const head = Math.floor((length - 1) / 2);
  const tail = characters.slice(characters.length - (length - 1 - head));
  return `${characters.slice(0, head).join('')}…${tail.join('')}`;
}

/** The dotted keys without the sections before their last name, wherever those are told apart without. */
export function shortKeys(keys: readonly string[]): Map<string, string> {
  const endings = keys.map((key) => key.slice(key.lastIndexOf('.') + 1));
  return new Map(
    keys.map((key, index) => {
      const ending = endings[index] ?? key;
      const isUnique = ending !== '' && endings.filter((other) => other === ending).length === 1;
      return [key, isUnique ? ending : key];
    }),
  );
}
