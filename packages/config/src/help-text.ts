import type { CommandLineDefinition, OptionDefinition } from './option-definition';

/** The text of `--help`: usage, words, options with their values and defaults, and overrides, in aligned columns. */
export function helpText(definition: CommandLineDefinition): string {
  const words = definition.words ?? [];
  const usage = [
    definition.program,
    ...words.map((word) => `[${word.placeholder}]`),
    '[OPTION]...',
    '[KEY=VALUE]...',
  ];
  const rows: [string, string][] = [
    ...words.map((word): [string, string] => [word.placeholder, word.help]),
    ...Object.entries(definition.options).map(([name, option]) => optionRow(name, option)),
    ['KEY=VALUE', 'Set a value of the configuration, such as training.learning_rate=1e-3'],
  ];
  const width = Math.max(...rows.map(([term]) => term.length));
  return [
    `Usage: ${usage.join(' ')}`,
    '',
    definition.summary,
    '',
    ...rows.map(([term, text]) => `  ${term.padEnd(width)}  ${text}`),
    '',
  ].join('\n');
}

function optionRow(name: string, option: OptionDefinition): [string, string] {
  const { kind, placeholder = 'NAME', help, choices } = option;
  const notes = [
    ...(choices === undefined ? [] : [choices.join('|')]),
    ...(option.default === undefined ? [] : [`default: ${option.default}`]),
    ...(option.unavailable === undefined ? [] : ['not available in this version']),
  ];
  return [
    kind === 'flag' ? `--${name}` : `--${name} ${placeholder}`,
    notes.length === 0 ? help : `${help} (${notes.join('; ')})`,
  ];
}
