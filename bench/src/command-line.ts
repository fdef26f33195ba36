import { availableParallelism } from 'node:os';
import { helpText, parseCommandLine } from '@pixelis/config';
import { UsageError } from '@pixelis/core';
import { type BackendName, BACKEND_NAMES } from '@pixelis/training';
import { VIT_MODELS, type VitModel } from './vit-models';

/** What a comparison of steps is told. */
export interface BenchArguments {
  readonly backend: BackendName;
  readonly threads: number;
  readonly models: readonly VitModel[];
  /** Times that the sides take turns. */
  readonly rounds: number;
  readonly isTorch: boolean;
}

const definition = {
  program: 'bench:step',
  summary: 'Times the training step of two vision transformers beside PyTorch, in turns',
  takesOverrides: false,
  options: {
    backend: {
      kind: 'text',
      help: 'What computes our side',
      choices: BACKEND_NAMES,
      default: 'wasm',
    },
    threads: {
      kind: 'integer',
      placeholder: 'N',
      help: 'Threads of both sides',
      default: String(availableParallelism()),
    },
    model: {
      kind: 'text',
      help: 'Only this model',
      choices: VIT_MODELS.map(({ name }) => name.split(' ')[0] ?? name),
    },
    rounds: { kind: 'integer', placeholder: 'N', help: 'Turns of each side', default: '5' },
    'no-torch': { kind: 'flag', help: 'Our side alone' },
    help: { kind: 'flag', help: 'Print this text' },
  },
} as const;

/**
 * Reads the command line; undefined where it asks for help, which is printed.
 *
 * @throws {UsageError} If it is wrong.
 */
export function readArguments(argv: readonly string[]): BenchArguments | undefined {
  const line = parseCommandLine(argv, definition);
  if (line.flag('help')) {
    process.stdout.write(helpText(definition));
    return undefined;
  }
  const model = line.text('model');
  const backend = BACKEND_NAMES.find((name) => name === line.text('backend')) ?? 'wasm';
  const [threads = 1, rounds = 1] = [line.number('threads'), line.number('rounds')];
  if (threads < 1 || rounds < 1) {
    throw new UsageError(`--threads is ${threads} and --rounds ${rounds}: both must be >= 1`, {
      code: 'COMMAND_LINE_INVALID',
      remedy: 'give a whole number from 1 on',
    });
  }
  return {
    backend,
    threads,
    models: VIT_MODELS.filter(({ name }) => model === undefined || name.startsWith(model)),
    rounds,
    isTorch: !line.flag('no-torch'),
  };
}
