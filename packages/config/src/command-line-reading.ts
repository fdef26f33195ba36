import { parseArgs } from 'node:util';
import { nearestName } from '@pixelis/core';
import type { OptionDefinition } from './option-definition';
import { problemOfValue } from './option-value';
import { printable } from './printable';
import { renamingWarning } from './renaming';

/** What is on a command line, read but not yet given a meaning. */
export interface Reading {
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

interface OptionToken {
  name: string;
  rawName: string;
  value: string | undefined;
}

/** How {@link readTokens} reads. */
export interface TokenReaderOptions {
  readonly options: ReadonlyMap<string, OptionDefinition>;
  readonly takesOverrides: boolean;
}

/** Reads options, words and overrides; all that does not fit an option is among the problems. */
export function readTokens(argv: readonly string[], reader: TokenReaderOptions): Reading {
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
