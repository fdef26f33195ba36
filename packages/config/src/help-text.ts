import { fitLines } from './fit-lines';
import type { CommandLineDefinition, OptionDefinition, WordDefinition } from './option-definition';

const OVERRIDE_ROW: [string, string] = [
  'KEY=VALUE',
  'Set a value of the configuration, such as training.learning_rate=1e-3',
];

/** Where standard output is no terminal, and so has no width. */
const WIDTH_DEFAULT = 80;

/** Options of {@link helpText}. */
export interface HelpTextOptions {
  /** Longest line, in characters. @default the width of the terminal; 80 if there is none */
  readonly width?: number | undefined;
}

/**
 * The text of `--help`: usage, words, options with their values and defaults, and overrides, in aligned columns. Each begins on a
 * line of its own, with its name and the beginning of what it is for; the rest stands under that.
 */
export function helpText(
  definition: CommandLineDefinition,
  { width = terminalWidth() }: HelpTextOptions = {},
): string {
  const { words = [], takesOverrides = true } = definition;
  const usage = [
    definition.program,
    ...words.map(wordUsage),
    '[OPTION]...',
    ...(takesOverrides ? ['[KEY=VALUE]...'] : []),
  ];
  const rows: [string, string][] = [
    ...words.map((word): [string, string] => [word.placeholder, word.help]),
    ...Object.entries<OptionDefinition>(definition.options)
      .filter(([, { renamedTo }]) => renamedTo === undefined)
      .map(([name, option]) => optionRow(name, option)),
  ];
  if (takesOverrides) rows.push(OVERRIDE_ROW);
  const termWidth = Math.max(...rows.map(([term]) => term.length));
  const text = [
    `Usage: ${usage.join(' ')}`,
    '',
    definition.summary,
    '',
    ...rows.map(([term, text]) => `  ${term.padEnd(termWidth)}  ${text}`),
    '',
  ].join('\n');
  return fitLines(text, width);
}

/** Width of the terminal that standard output is, in characters; 80 if it is none. */
export function terminalWidth(
  stream: { readonly columns?: number | undefined } = process.stdout,
): number {
  const { columns = 0 } = stream;
  return columns > 0 ? columns : WIDTH_DEFAULT;
}

function wordUsage({ placeholder, isRequired, isRepeatable }: WordDefinition): string {
  const word = isRepeatable === true ? `${placeholder}...` : placeholder;
  return isRequired === true ? word : `[${word}]`;
}

function optionRow(name: string, option: OptionDefinition): [string, string] {
  const { kind, placeholder = 'NAME', help, choices } = option;
  const notes = [
    ...(choices === undefined ? [] : [choices.join('|')]),
    ...(option.default === undefined ? [] : [`default: ${option.default}`]),
    ...(option.isRepeatable === true ? ['may be repeated'] : []),
    ...(option.unavailable === undefined ? [] : ['not available in this version']),
  ];
  return [
    kind === 'flag' ? `--${name}` : `--${name} ${placeholder}`,
    notes.length === 0 ? help : `${help} (${notes.join('; ')})`,
  ];
}
