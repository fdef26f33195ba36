import {
  entryPointArguments,
  type EntryPointArguments,
  entryPointOptions,
  type EvaluationConfig,
  helpText,
  parseCommandLine,
  type ResolvedConfig,
  resolveEvaluationConfig,
} from '@pixelis/config';
import type { JsonValue } from '@pixelis/core';

const definition = {
  program: 'evaluate',
  summary: 'Evaluates a model on test questions and records what came of it with its lineage.',
  options: {
    model: {
      kind: 'text',
      placeholder: 'NAME[:VERSION]',
      help: 'Model of the store, its version or an alias; or path of a safetensors file (default: the newest that a run made)',
      setting: 'evaluation.model',
    },
    dataset: {
      kind: 'text',
      placeholder: 'NAME',
      help: 'Data set by its registered name, or an artifact of one',
      default: 'digits-reasoning',
      setting: 'evaluation.dataset',
    },
    benchmark: {
      kind: 'text',
      placeholder: 'NAME',
      help: 'Which questions',
      choices: ['digits', 'digits-simple', 'digits-medium', 'digits-hard'],
      default: 'digits',
      setting: 'evaluation.benchmark',
    },
    ...entryPointOptions,
  },
} as const;

/** What a command line asks for. */
export type Command =
  | { readonly kind: 'help'; readonly text: string }
  | ({
      readonly kind: 'evaluate';
      /** What the options should be called, a line each. */
      readonly warnings: readonly string[];
      /** The configuration, with the model's shape as its artifact says where nothing else is asked for. */
      resolve(artifact?: KnownShape): ResolvedConfig<EvaluationConfig>;
    } & EntryPointArguments);

/** The shape that a model was trained with. */
export interface KnownShape {
  /** Where it is known from, such as `model-x:v1`. */
  readonly source: string;
  /** The section `model` of the configuration. */
  readonly model: JsonValue;
}

/** Reads the command line of `evaluate`. @throws {UsageError} If an option is wrong; all that are wrong are named. */
export function readCommandLine(argv: readonly string[]): Command {
  const commandLine = parseCommandLine(argv, definition);
  const entryPoint = entryPointArguments(commandLine);
  if (entryPoint.isHelp) return { kind: 'help', text: helpText(definition) };
  return {
    kind: 'evaluate',
    warnings: commandLine.warnings,
    ...entryPoint,
    resolve: (artifact) =>
      resolveEvaluationConfig({
        file: entryPoint.config,
        environment: process.env,
        overrides: commandLine.overrides,
        options: commandLine.settings(),
        known: artifact === undefined ? [] : [settingOf(artifact)],
      }),
  };
}

function settingOf({ source, model }: KnownShape) {
  return { path: ['model'], value: model, source };
}
