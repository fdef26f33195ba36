import type { CommandLine, CommandLineDefinition, OptionDefinition } from '@pixelis/config';
import type { Output } from './output';

/** Options that every command of `pixelis` takes. */
export const sharedOptions = {
  out: { kind: 'text', placeholder: 'DIR', help: 'Folder of all output', default: 'out' },
  json: { kind: 'flag', help: 'Print the result as JSON on stdout' },
  help: { kind: 'flag', help: 'Print this text' },
} as const satisfies Record<string, OptionDefinition>;

/** One command of `pixelis`, such as `runs list`. */
export interface Command<Name extends string = string> {
  readonly definition: CommandLineDefinition<Name>;
  /** @returns The exit code, if it is not 0. */
  run(commandLine: CommandLine<Name>, output: Output): Promise<number | undefined> | Promise<void>;
}

/** What a command says of itself; its name is what follows `pixelis`. */
export interface CommandSpecification<Name extends string> {
  readonly name: string;
  readonly summary: string;
  readonly words?: CommandLineDefinition['words'];
  readonly options: Readonly<Record<Name, OptionDefinition>>;
  run(
    commandLine: CommandLine<Name | keyof typeof sharedOptions>,
    output: Output,
  ): Promise<number | undefined> | Promise<void>;
}

/** Makes a command that takes the {@link sharedOptions} too. */
export function defineCommand<Name extends string>(
  specification: CommandSpecification<Name>,
): Command<Name | keyof typeof sharedOptions> {
  const { name, summary, words = [], options, run } = specification;
  return {
    definition: {
      program: `pixelis ${name}`,
      summary,
      words,
      options: { ...options, ...sharedOptions },
      takesOverrides: false,
    },
    run,
  };
}
