import { statSync } from 'node:fs';
import type {
  CommandLine,
  CommandLineDefinition,
  OptionDefinition,
  WordDefinition,
} from '@pixelis/config';
import { DataError } from '@pixelis/core';
import type { Output } from './output';

/** Options that every command of `pixelis` takes. */
const sharedOptions = {
  out: { kind: 'text', placeholder: 'DIR', help: 'Folder of all output', default: 'out' },
  json: { kind: 'flag', help: 'Print the result as JSON on stdout' },
  help: { kind: 'flag', help: 'Print this text' },
} as const satisfies Record<string, OptionDefinition>;

type SharedOption = keyof typeof sharedOptions;

/** What a command takes from its command line. */
export interface CommandInput<Name extends string> {
  readonly words: readonly string[];
  readonly options: CommandLine<Name | SharedOption>;
  /** The output folder. */
  readonly root: string;
}

/** One command of `pixelis`; its name and summary stand in the list of commands. */
export interface CommandSpecification<Name extends string> {
  readonly words?: readonly WordDefinition[];
  readonly options: Readonly<Record<Name, OptionDefinition>>;
  /** Whether the output folder must be there already: what is mistyped must not look empty. @default true */
  readonly needsRoot?: boolean;
  /** @returns The exit code, if it is not 0. */
  readonly run: (
    input: CommandInput<Name>,
    output: Output,
  ) => Promise<number | undefined> | Promise<void>;
}

/** A command that can be called by its name. */
export interface Command {
  definition(program: string, summary: string): CommandLineDefinition;
  run(commandLine: CommandLine<string>, output: Output): Promise<number | undefined>;
}

/** Makes a command, which takes `--out`, `--json` and `--help` too. */
export function defineCommand<Name extends string>({
  words = [],
  options,
  needsRoot = true,
  run,
}: CommandSpecification<Name>): Command {
  return {
    definition: (program, summary) => ({
      program,
      summary,
      words,
      options: { ...options, ...sharedOptions },
      takesOverrides: false,
    }),
    run: async (commandLine, output) => {
      const root = commandLine.text('out') ?? sharedOptions.out.default;
      if (needsRoot && !isFolder(root)) throw missingError(root);
      const exitCode = await run({ words: commandLine.words, options: commandLine, root }, output);
      return typeof exitCode === 'number' ? exitCode : undefined;
    },
  };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function missingError(root: string): DataError {
  return new DataError(`There is no output folder "${root}" here`, {
    code: 'OUTPUT_FOLDER_MISSING',
    remedy: 'Name the folder of a run with --out DIR, or train first: npx nx run train:sft.',
  });
}
