/** What an option is for, what it takes and what it sets. */
export interface OptionDefinition {
  /** `flag` takes no value, `integer` a safe non-negative one in plain digits. */
  kind: 'flag' | 'text' | 'integer';
  /** One line for `--help`. */
  help: string;
  /** What the value stands for in `--help`, such as `N`; not for flags. */
  placeholder?: string;
  /** The only values that are taken. */
  choices?: readonly string[];
  /** Values that the design names but this version lacks. */
  laterChoices?: readonly string[];
  /** What the value must look like. */
  pattern?: RegExp;
  /** The value that holds without the option, as `--help` shows it. */
  default?: string;
  /** Path of the configuration value that the option sets, such as `training.seed`. */
  setting?: string;
  /** Why this version refuses the option. */
  unavailable?: string;
}

/** The command line of a program. */
export interface CommandLineDefinition<Name extends string = string> {
  /** How the program is called, such as `train`. */
  program: string;
  /** What it does: one line. */
  summary: string;
  /** Options by their long name without dashes, in the order of `--help`. */
  options: Readonly<Record<Name, OptionDefinition>>;
  /** Bare words that come first, such as the mode of `train sft`, in their order; all may be left out. */
  words?: readonly WordDefinition[];
}

/** A bare word of a command line. */
export interface WordDefinition {
  /** What it stands for in `--help`, such as `MODE`. */
  placeholder: string;
  /** One line for `--help`. */
  help: string;
  /** Path of the configuration value that the word sets, such as `training.mode`. */
  setting?: string;
}
