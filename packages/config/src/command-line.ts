import { parseArgs } from 'node:util';
import { nearestName, UsageError } from '@pixelis/core';
import type { ConfigSetting } from './config-layer';
import type { CommandLineDefinition, OptionDefinition } from './option-definition';
import { problemOfValue } from './option-value';
import { printable } from './printable';
import { presentName, renamingWarning } from './renaming';

/** What is on a command line, read but not yet given a meaning. */
interface Reading {
  given: Map<string, readonly string[]>;
  /** The name, old or present, by which each option is given. */
  renamed: Map<string, string>;
  words: string[];
  /** For a word behind the values of an option that parts them by commas: how it is one of them. By the place of the word. */
  commaHints: Map<number, string>;
  overrides: string[];
  problems: string[];
  /** The first option without a value before another option, such as `--config=--seed`: how that would be its value. */
  dashedValue: string | undefined;
  warnings: string[];
}

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
  { words, commaHints }: Pick<Reading, 'words' | 'commaHints'>,
  { words: definitions = [], takesOverrides = true }: CommandLineDefinition,
): string[] {
  const isOpen = definitions.at(-1)?.isRepeatable === true;
  const note = takesOverrides ? ': overrides have the form a.b=value' : '';
  const missing = definitions
    .slice(words.length)
    .filter(({ isRequired }) => isRequired)
    .map(({ placeholder }) => `${placeholder} is missing`);
  const unexpected = words.flatMap((word, index) => {
    if (isOpen || index < definitions.length) return [];
    return [`Unexpected argument "${printable(word)}"${commaHints.get(index) ?? note}`];
  });
  return [...missing, ...unexpected];
}

interface OptionToken {
  name: string;
  rawName: string;
  value: string | undefined;
}

interface TokenReaderOptions {
  readonly options: ReadonlyMap<string, OptionDefinition>;
  readonly takesOverrides: boolean;
}

function readTokens(argv: readonly string[], reader: TokenReaderOptions): Reading {
  const reading: Reading = {
    given: new Map(),
    renamed: new Map(),
    words: [],
    commaHints: new Map(),
    overrides: [],
    problems: [],
    dashedValue: undefined,
    warnings: [],
  };
  for (let rest: readonly string[] = argv; rest.length > 0;)
    rest = rest.slice(readUntilSwallowed(rest, { ...reader, reading }));
  return reading;
}

/**
 * Reads up to the first option that took another option for its value, that one included.
 *
 * @returns How many arguments were read.
 */
function readUntilSwallowed(
  argv: readonly string[],
  { options, takesOverrides, reading }: TokenReaderOptions & { reading: Reading },
): number {
  const { tokens } = parseArgs({
    args: [...argv],
    options: argumentTypes(options),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  let commaHint: string | undefined;
  for (const token of tokens) {
    if (token.kind === 'positional') {
      const isOverride = takesOverrides && token.value.includes('=');
      if (isOverride) commaHint = undefined;
      if (commaHint !== undefined) reading.commaHints.set(reading.words.length, commaHint);
      (isOverride ? reading.overrides : reading.words).push(token.value);
    }
    if (token.kind !== 'option') continue;
    commaHint = commaHintOf(token.rawName, options.get(token.name));
    const { rawName, value, inlineValue } = token;
    const isSwallowed = inlineValue === false && value.startsWith('--');
    const problem = readOption(
      isSwallowed ? { ...token, value: undefined } : token,
      options,
      reading,
    );
    if (problem !== undefined) reading.problems.push(problem);
    if (!isSwallowed) continue;
    reading.dashedValue ??= printable(`${rawName}=${value}`);
    return token.index + 1;
  }
  return argv.length;
}

/** A placeholder with a comma says that the values of an option are one argument. */
function commaHintOf(
  rawName: string,
  { placeholder = '' }: Partial<OptionDefinition> = {},
): string | undefined {
  if (!placeholder.includes(',')) return undefined;
  return `: values are separated by commas without spaces, ${rawName} ${placeholder}`;
}

function argumentTypes(
  options: TokenReaderOptions['options'],
): Record<string, { type: 'boolean' | 'string' }> {
  const types = Array.from(options, ([name, option]) => {
    const { kind } = options.get(option.renamedTo?.name ?? name) ?? option;
    return [name, { type: kind === 'flag' ? 'boolean' : 'string' }] as const;
  });
  return Object.fromEntries(types);
}

function readOption(
  token: OptionToken,
  options: ReadonlyMap<string, OptionDefinition>,
  reading: Reading,
): string | undefined {
  const { name, rawName } = token;
  const option = rawName.startsWith('--') ? options.get(name) : undefined;
  if (option === undefined) return unknownOption(rawName, options);
  if (option.unavailable !== undefined) {
    return `Option --${name} is not available in this version: ${option.unavailable}`;
  }
  if (option.renamedTo !== undefined)
    return readRenamed(token, option.renamedTo, { options, reading });
  const old = reading.renamed.get(name);
  if (old !== undefined && old !== name) return givenTwice(old, name);
  reading.renamed.set(name, name);
  return readValue(token, option, reading.given);
}

/** Reads an option by its old name. */
function readRenamed(
  token: OptionToken,
  { name, removedIn }: NonNullable<OptionDefinition['renamedTo']>,
  { options, reading }: { options: ReadonlyMap<string, OptionDefinition>; reading: Reading },
): string | undefined {
  const option = options.get(name);
  if (option === undefined) {
    throw new TypeError(
      `Cannot rename --${token.name}: renamedTo must be an option: current value is "${name}"`,
    );
  }
  const earlier = reading.renamed.get(name);
  if (earlier !== undefined && earlier !== token.name) return givenTwice(token.name, name);
  if (earlier === undefined) {
    const warning = renamingWarning({ from: `--${token.name}`, to: `--${name}`, removedIn });
    reading.warnings.push(warning);
  }
  reading.renamed.set(name, token.name);
  return readValue({ ...token, name }, option, reading.given);
}

function givenTwice(old: string, name: string): string {
  return `Options --${old} and --${name} are the same: give --${name} alone`;
}

function readValue(
  { name, value }: OptionToken,
  option: OptionDefinition,
  given: Reading['given'],
): string | undefined {
  const earlier = given.get(name);
  if (earlier !== undefined && option.isRepeatable !== true)
    return `Option --${name} is given more than once`;
  if (option.kind === 'flag') {
    if (value !== undefined) return `Option --${name} takes no value`;
    given.set(name, []);
    return undefined;
  }
  if (value === undefined) return `Option --${name} needs a value`;
  const problem = problemOfValue(option, value);
  if (problem !== undefined) return `Option --${name} ${problem}`;
  given.set(name, [...(earlier ?? []), value]);
  return undefined;
}

function unknownOption(rawName: string, options: ReadonlyMap<string, OptionDefinition>): string {
  const shown = printable(rawName);
  const bare = rawName.replace(/^-+/, '');
  if (bare.includes('.'))
    return `Unknown option ${shown}: write overrides bare, ${printable(bare)}=value`;
  const present = [...options].filter(([, { renamedTo }]) => renamedTo === undefined);
  const nearest = nearestName(bare, new Map(present).keys());
  return `Unknown option ${shown}${nearest === undefined ? '' : `: did you mean --${nearest}?`}`;
}
