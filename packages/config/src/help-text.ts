import type { CommandLineDefinition, OptionDefinition, WordDefinition } from './option-definition';

const OVERRIDE_ROW: [string, string] = [
  'KEY=VALUE',
  'Set a value of the configuration, such as training.learning_rate=1e-3',
];

/** The text of `--help`: usage, words, options with their values and defaults, and overrides, in aligned columns. */
export function helpText(definition: CommandLineDefinition): string {
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
