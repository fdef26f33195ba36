import type { OptionDefinition } from './option-definition';
import { printable } from './printable';

/** Says what is wrong with the value of an option; undefined if nothing is. */
export function problemOfValue(option: OptionDefinition, text: string): string | undefined {
  const shown = `"${printable(text)}"`;
  const { choices, laterChoices = [], pattern } = option;
  if (option.kind === 'integer' && !isIntegerWithin(option, text)) {
    const { minimum = 0, maximum } = option;
    const greatest = maximum ?? (/^\d{16,}$/.test(text) ? Number.MAX_SAFE_INTEGER : undefined);
    const range = `${minimum}${greatest === undefined ? '' : ` to ${greatest}`}`;
    return `must be an integer from ${range}: got ${shown}`;
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

/** Whether text is a safe integer between the bounds, as `String` would write it: no sign, exponent, space or leading zero. */
function isIntegerWithin(
  { minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: OptionDefinition,
  text: string,
): boolean {
  const value = Number(text);
  const isWithin = value >= minimum && value <= maximum;
  return Number.isSafeInteger(value) && isWithin && String(value) === text;
}
