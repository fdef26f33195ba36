import type { Renaming } from './renaming';

/** What an option is for, what it takes and what it sets. */
export interface OptionDefinition {
  /** `flag` takes no value, `integer` a safe non-negative one in plain digits, `number` any finite one. */
  kind: 'flag' | 'text' | 'integer' | 'number';
  /** One line for `--help`. */
  help: string;
  /** What the value stands for in `--help`, such as `N`, or `KEY=A,B` where commas part several; not for flags. */
  placeholder?: string;
  /** Least value of an `integer`. @default 0 */
  minimum?: number;
  /** Greatest value of an `integer`. @default 2^53 − 1 */
  maximum?: number;
  /** The only values that are taken. */
  choices?: readonly string[];
  /** Values that the design names but this version lacks. */
  laterChoices?: readonly string[];
  /** Whether the option may be given several times. @default false */
  isRepeatable?: boolean;
  /** What the value must look like. */
  pattern?: RegExp;
  /** The value that holds without the option, as `--help` shows it. */
  default?: string;
  /** Path of the configuration value that the option sets, such as `training.seed`. */
  setting?: string;
  /** Why this version refuses the option. */
  unavailable?: string;
  /** The option that this one became; it still means that one, with a warning, and is not in `--help`. */
  renamedTo?: {
    readonly name: string;
    /** First version without the old name, such as `0.3.0`. */
    readonly removedIn: string;
  };
}

/** The command line of a program. */
export interface CommandLineDefinition<Name extends string = string> {
  /** How the program is called, such as `train`. */
  program: string;
  /** What it does: one line. */
  summary: string;
  /** Options by their long name without dashes, in the order of `--help`. */
  options: Readonly<Record<Name, OptionDefinition>>;
  /** Bare words that come first, such as the mode of `train sft`, in their order. */
  words?: readonly WordDefinition[];
  /** Whether `a.b=value` is an override of the configuration; otherwise it is a word as any other. @default true */
  takesOverrides?: boolean;
}

/** A bare word of a command line. */
export interface WordDefinition {
  /** What it stands for in `--help`, such as `MODE`. */
  placeholder: string;
  /** One line for `--help`. */
  help: string;
  /** Path of the configuration value that the word sets, such as `training.mode`. */
  setting?: string;
  /** Whether it must be there. @default false */
  isRequired?: boolean;
  /** Whether any number of words may stand in its place; only for the last. @default false */
  isRepeatable?: boolean;
  /** Words that became others; an old one still means the new one, with a warning. */
  renamedWords?: readonly Renaming[];
}

/** Everything that a command line still takes by an old name. */
export function commandLineRenamings({ options, words = [] }: CommandLineDefinition): Renaming[] {
  const renamed = Object.entries(options).flatMap(([from, { renamedTo }]): Renaming[] => {
    if (renamedTo === undefined) return [];
    return [{ from: `--${from}`, to: `--${renamedTo.name}`, removedIn: renamedTo.removedIn }];
  });
  return [...renamed, ...words.flatMap(({ renamedWords = [] }) => renamedWords)];
}
