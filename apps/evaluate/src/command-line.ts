import {
  argumentLayer,
  type CommandLine,
  entryPointArguments,
  type EntryPointArguments,
  entryPointOptions,
  environmentLayer,
  fileLayer,
  helpText,
  parseCommandLine,
  resolveConfig,
  type ResolvedConfig,
  type TrainingConfig,
  trainingConfigSchema,
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
    },
    dataset: {
      kind: 'text',
      placeholder: 'NAME',
      help: 'Data set by its registered name, or an artifact of one',
      default: 'digits-reasoning',
    },
    benchmark: {
      kind: 'text',
      placeholder: 'NAME',
      help: 'Which questions',
      choices: ['digits', 'digits-simple', 'digits-medium', 'digits-hard'],
      default: 'digits',
    },
    ...entryPointOptions,
  },
} as const;

/** What a command line asks for. */
export type Command =
  | { readonly kind: 'help'; readonly text: string }
  | ({
      readonly kind: 'evaluate';
      readonly model: string | undefined;
      readonly dataset: string;
      readonly benchmark: string;
      /** The configuration, with the model's shape as its artifact says where nothing else is asked for. */
      resolve(artifact: KnownShape | undefined): ResolvedConfig<TrainingConfig>;
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
    ...entryPoint,
    model: commandLine.text('model'),
    dataset: commandLine.text('dataset') ?? definition.options.dataset.default,
    benchmark: commandLine.text('benchmark') ?? definition.options.benchmark.default,
    resolve: (artifact) => resolve(commandLine, { file: entryPoint.config, artifact }),
  };
}

function resolve(
  commandLine: CommandLine<keyof typeof definition.options>,
  { file, artifact }: { file: string | undefined; artifact: KnownShape | undefined },
): ResolvedConfig<TrainingConfig> {
  return resolveConfig({
    schema: trainingConfigSchema,
    layers: [
      ...(artifact === undefined ? [] : [shapeLayer(artifact)]),
      ...(file === undefined ? [] : [fileLayer(file)]),
      environmentLayer(process.env),
      argumentLayer({ overrides: commandLine.overrides, options: commandLine.settings() }),
    ],
  });
}

function shapeLayer({ source, model }: KnownShape) {
  return { layer: 'file' as const, settings: [{ path: ['model'], value: model, source }] };
}
