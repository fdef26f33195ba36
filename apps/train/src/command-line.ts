import {
  type EntryPointArguments,
  entryPointArguments,
  entryPointOptions,
  helpText,
  parseCommandLine,
  printConfig,
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
    sweep: {
      kind: 'text',
      placeholder: 'FILE',
      help: 'Configuration of a trial, as a sweep writes it; wins over all the rest',
    },
    'log-mlflow': {
      kind: 'text',
      placeholder: 'URL',
      help: 'Send the complete run to this MLflow server, such as http://127.0.0.1:5000',
    },
    ...entryPointOptions,
  },
} as const;

/** What a command line asks for. */
export type Command =
  | { readonly kind: 'text'; readonly text: string; readonly warnings: readonly string[] }
  | ({
      readonly kind: 'train';
      readonly resolved: ResolvedConfig<TrainingConfig>;
      /** What the command line should say otherwise, a line each. */
      readonly warnings: readonly string[];
      /** The step after which to stop; the run's last one where absent. */
      readonly stopAfter: number | undefined;
      /** The file of the trial, if a sweep started this. */
      readonly sweep: string | undefined;
      /** Address of the MLflow server that is sent the complete run. */
      readonly mlflow: string | undefined;
    } & EntryPointArguments);

/**
 * Reads the command line of `train`, and the configuration that it leads to.
 *
 * @throws {UsageError} If an option, a key or a value is wrong; all of them are named.
 */
export function readCommandLine(argv: readonly string[]): Command {
  const commandLine = parseCommandLine(argv, definition);
  const entryPoint = entryPointArguments(commandLine);
  if (entryPoint.isHelp) return { kind: 'text', text: helpText(definition), warnings: [] };
  const sweep = commandLine.text('sweep');
  const resolved = resolveTrainingConfig({
    file: entryPoint.config,
    sweep,
    environment: process.env,
    overrides: commandLine.overrides,
    options: commandLine.settings(),
  });
  const warnings = [...commandLine.warnings, ...resolved.warnings];
  if (entryPoint.isPrintConfig)
    return { kind: 'text', text: printConfig(resolved, entryPoint), warnings };
  return {
    kind: 'train',
    warnings,
    resolved,
    sweep,
    stopAfter: commandLine.number('stop-after'),
    mlflow: commandLine.text('log-mlflow'),
    ...entryPoint,
  };
}
