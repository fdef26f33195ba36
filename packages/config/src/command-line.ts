import { UsageError } from '@pixelis/core';
import { type Reading, readTokens } from './command-line-reading';
import type { ConfigSetting } from './config-layer';
import type { CommandLineDefinition, OptionDefinition } from './option-definition';
import { printable } from './printable';
import { presentName } from './renaming';

/** A command line that fits its definition. */
export class CommandLine<Name extends string> {
  private readonly definition: CommandLineDefinition<Name>;
  private readonly given: ReadonlyMap<string, readonly string[]>;
  /** Bare words in their order. */
  readonly words: readonly string[];
  /** Bare arguments `a.b=value` in their order. */
  readonly overrides: readonly string[];
  /** What to say beside, such as that an option was renamed: one line each, without `warning: `. */
  readonly warnings: readonly string[];

  /** Made by {@link parseCommandLine}. */
  constructor(
    definition: CommandLineDefinition<Name>,
    {
      given,
      words,
      overrides,
      warnings,
    }: Omit<Reading, 'problems' | 'renamed' | 'dashedValue' | 'commaHints'>,
  ) {
    this.definition = definition;
    this.given = given;
    this.words = words;
    this.overrides = overrides;
    this.warnings = warnings;
  }

  /** Whether a flag is given. */
  flag(name: Name): boolean {
    return this.given.has(name);
  }

  /** The value of an option; without it the default, unless the configuration has that. */
  text(name: Name): string | undefined {
    const value = this.given.get(name)?.at(-1);
    if (value !== undefined) return value;
    const option: OptionDefinition = this.definition.options[name];
    return option.setting === undefined ? option.default : undefined;
  }

  /** All values of an option that may be repeated, in their order. */
  texts(name: Name): readonly string[] {
    return this.given.get(name) ?? [];
  }

  /** The value of an option of kind `integer` or `number`. */
  number(name: Name): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : Number(text);
  }

  /** What the options and words set in the configuration, for `argumentLayer`. */
  settings(): ConfigSetting[] {
    const options: Readonly<Record<string, OptionDefinition>> = this.definition.options;
    const settings: ConfigSetting[] = [];
    for (const [name, values] of this.given) {
      const option = options[name];
      if (option?.setting === undefined) continue;
      const typed = typedValue(option, values.at(-1));
      settings.push({ path: option.setting.split('.'), value: typed, source: `--${name}` });
    }
    for (const [index, word] of this.words.entries()) {
      const setting = this.definition.words?.[index]?.setting;
      if (setting !== undefined) {
        settings.push({ path: setting.split('.'), value: word, source: word });
      }
    }
    return settings;
  }
}

function typedValue({ kind }: OptionDefinition, text: string | undefined): string | number | true {
  if (text === undefined) return true;
  return kind === 'integer' || kind === 'number' ? Number(text) : text;
}

/**
 * Reads a command line: long options, `--name value` or `--name=value`, each at most once unless it is repeatable;
 * bare words; and bare overrides `a.b=value`, where the definition takes them. After `--` everything is bare. A word that begins with
 * `--` is no value, but for `--name=--value`. With `--help` nothing else is checked.
 *
 * @param argv Without the program itself, as in `process.argv.slice(2)`.
 * @throws {UsageError} If anything does not fit the definition; the message names everything that does not.
 */
export function parseCommandLine<Name extends string>(
  argv: readonly string[],
  definition: CommandLineDefinition<Name>,
): CommandLine<Name> {
  const options = new Map<string, OptionDefinition>(Object.entries(definition.options));
  const reading = readTokens(argv, { options, takesOverrides: definition.takesOverrides ?? true });
  reading.problems.push(...wordProblems(reading, definition));
  renameWords(reading, definition);
  if (reading.problems.length > 0 && !reading.given.has('help')) {
    const { dashedValue } = reading;
    const hint =
      dashedValue === undefined ? '' : `; a value with dashes first is written ${dashedValue}`;
    throw new UsageError(reading.problems.join('; '), {
      code: 'COMMAND_LINE_INVALID',
      remedy: `Correct the command line; ${definition.program} --help lists what it takes${hint}`,
    });
  }
  return new CommandLine(definition, reading);
}

/** Brings old words to the present ones. */
function renameWords(reading: Reading, { words: definitions = [] }: CommandLineDefinition): void {
  reading.words = reading.words.map((word, index) => {
    const { renamedWords = [] } = definitions[index] ?? definitions.at(-1) ?? {};
    const { name, warning } = presentName(word, renamedWords);
    if (warning !== undefined) reading.warnings.push(warning);
    return name;
  });
}

function wordProblems(
  { words, commaHints, overrides }: Pick<Reading, 'words' | 'commaHints' | 'overrides'>,
  { words: definitions = [], takesOverrides = true }: CommandLineDefinition,
): string[] {
  const isOpen = definitions.at(-1)?.isRepeatable === true;
  const isParted = overrides.some((override) => override.startsWith('=') || override.endsWith('='));
  const note = takesOverrides ? ': overrides have the form a.b=value' : '';
  const hint = isParted ? ': KEY=VALUE has no spaces around "="' : undefined;
  const missing = definitions
    .slice(words.length)
    .filter(({ isRequired }) => isRequired)
    .map(({ placeholder }) => `${placeholder} is missing`);
  const unexpected = words.flatMap((word, index) => {
    if (isOpen || index < definitions.length) return [];
    return [`Unexpected argument "${printable(word)}"${hint ?? commaHints.get(index) ?? note}`];
  });
  const keyless = overrides
    .filter((override) => override.startsWith('='))
    .map((override) => `Argument "${printable(override)}" has no key${hint ?? ''}`);
  return [...missing, ...(unexpected.length > 0 ? unexpected : keyless)];
}
