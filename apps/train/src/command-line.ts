import {
  type EntryPointArguments,
  entryPointArguments,
  entryPointOptions,
  helpText,
  parseCommandLine,
  type ResolvedConfig,
  resolveTrainingConfig,
  type TrainingConfig,
} from '@pixelis/config';

const definition = {
  program: 'train',
  summary: 'Trains a model and leaves a run that says everything about itself.',
  words: [
    {
      placeholder: 'MODE',
      help: 'Kind of training; sft, the default, is the only one so far',
      setting: 'training.mode',
    },
  ],
  options: {
    mode: {
      kind: 'text',
      placeholder: 'MODE',
      help: 'The same as the first word',
      setting: 'training.mode',
    },
    'stop-after': {
      kind: 'integer',
      placeholder: 'STEP',
      help: 'Stop after this step; the same command without it goes on to the end',
    },
    ...entryPointOptions,
  },
} as const;

/** What a command line asks for. */
export type Command =
  | { readonly kind: 'help'; readonly text: string }
  | ({
      readonly kind: 'train';
      readonly resolved: ResolvedConfig<TrainingConfig>;
      /** The step after which to stop; the run's last one where absent. */
      readonly stopAfter: number | undefined;
    } & EntryPointArguments);

/**
 * Reads the command line of `train`, and the configuration that it leads to.
 *
 * @throws {UsageError} If an option, a key or a value is wrong; all of them are named.
 */
export function readCommandLine(argv: readonly string[]): Command {
  const commandLine = parseCommandLine(argv, definition);
  const entryPoint = entryPointArguments(commandLine);
  if (entryPoint.isHelp) return { kind: 'help', text: helpText(definition) };
  const resolved = resolveTrainingConfig({
    file: entryPoint.config,
    environment: process.env,
    overrides: commandLine.overrides,
    options: commandLine.settings(),
  });
  return { kind: 'train', resolved, stopAfter: commandLine.number('stop-after'), ...entryPoint };
}
