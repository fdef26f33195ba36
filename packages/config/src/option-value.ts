import type { OptionDefinition } from './option-definition';
import { printable } from './printable';

/** Says what is wrong with the value of an option; undefined if nothing is. */
export function problemOfValue(option: OptionDefinition, text: string): string | undefined {
  const shown = `"${printable(text)}"`;
  const { choices, laterChoices = [], pattern } = option;
  if (option.kind === 'integer' && !isCanonicalInteger(text)) {
    return `must be an integer from 0 to ${Number.MAX_SAFE_INTEGER}: got ${shown}`;
  }
  if (option.kind === 'number' && (text.trim() === '' || !Number.isFinite(Number(text)))) {
    return `must be a number: got ${shown}`;
  }
  if (laterChoices.includes(text)) return `${shown} is not available in this version`;
  if (choices !== undefined && !choices.includes(text)) {
    return `must be ${choices.join(' or ')}: got ${shown}`;
  }
  if (text === '') return `must not be empty`;
  if (pattern !== undefined && !pattern.test(text)) {
    return `must match ${pattern.source}: got ${shown}`;
  }
  return undefined;
}

/** Whether text is a safe non-negative integer as `String` would write it: no sign, exponent, space or leading zero. */
function isCanonicalInteger(text: string): boolean {
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= 0 && String(value) === text;
}
