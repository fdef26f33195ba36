import { availableParallelism } from 'node:os';
import { helpText, parseCommandLine } from '@pixelis/config';
import { UsageError } from '@pixelis/core';
import { type BackendName, BACKEND_NAMES } from '@pixelis/training';
import type { Side } from './side';
import { VIT_MODELS, type VitModel } from './vit-models';

/** What a comparison of steps is told. */
export interface BenchArguments {
  readonly backend: BackendName;
  readonly threads: number;
  /** Shards of a batch; undefined: as the backend has them in a run. */
  readonly shards: number | undefined;
  readonly isCompiled: boolean;
  readonly precision: 'f32' | 'bf16';
  /** Other sides of ours that take turns with the first one. */
  readonly beside: readonly ('eager' | BackendName)[];
  readonly models: readonly VitModel[];
  /** Times that the sides take turns. */
  readonly rounds: number;
  readonly isTorch: boolean;
  /** Steps of a tiny model over which `bench:memory` watches the memory. */
  readonly steps: number | undefined;
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
    beside: {
      kind: 'text',
      placeholder: 'LIST',
      help: 'Other sides of ours: backends, or eager, with commas between',
    },
    compile: { kind: 'flag', help: 'Steps compiled by XLA' },
    precision: {
      kind: 'text',
      help: 'How compiled steps multiply matrices',
      choices: ['f32', 'bf16'],
      default: 'f32',
    },
    shards: {
      kind: 'integer',
      placeholder: 'N',
      help: 'Parts that a batch is cut into; as in a run (8 on wasm, else 1) unless given',
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
    steps: {
      kind: 'integer',
      placeholder: 'N',
      help: 'bench:memory alone: watch a tiny model for so many steps',
    },
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
  const [threads = 1, rounds = 1] = [line.number('threads'), line.number('rounds')];
  const [shards, steps] = [line.number('shards'), line.number('steps')];
  requirePositive({
    '--threads': threads,
    '--rounds': rounds,
    '--shards': shards ?? 1,
    '--steps': steps ?? 1,
  });
  return {
    backend: BACKEND_NAMES.find((name) => name === line.text('backend')) ?? 'wasm',
    threads,
    shards,
    isCompiled: line.flag('compile'),
    precision: line.text('precision') === 'bf16' ? 'bf16' : 'f32',
    beside: line.text('beside')?.split(',').map(besideNamed) ?? [],
    models: VIT_MODELS.filter(({ name }) => model === undefined || name.startsWith(model)),
    rounds,
    isTorch: !line.flag('no-torch'),
    steps,
  };
}

/** The sides of ours over a model: the one asked for, then those beside it. */
export function sidesOf(model: VitModel, bench: BenchArguments): [Side, ...Side[]] {
  const { backend, threads, isCompiled, precision } = bench;
  const on = (name: BackendName): Side => ({
    model: { name: model.name, batch: model.batch, config: model.config },
    backend: name,
    shards: bench.shards ?? shardsOn(name),
    threads,
    isCompiled: false,
    precision: 'f32',
  });
  return [
    { ...on(backend), isCompiled, precision },
    ...bench.beside.map((name) => on(name === 'eager' ? backend : name)),
  ];
}

/** Shards of a batch in a training run: one for each device, but enough for threads on wasm. */
export function shardsOn(backend: BackendName): number {
  return backend === 'wasm' || backend === 'reference' ? 8 : 1;
}

/** @throws {UsageError} If a number is 0. */
export function requirePositive(numbers: Readonly<Record<string, number>>): void {
  for (const [option, value] of Object.entries(numbers)) {
    if (value >= 1) continue;
    throw new UsageError(`${option} is ${value}, but must be >= 1`, {
      code: 'COMMAND_LINE_INVALID',
      remedy: 'give a whole number from 1 on',
    });
  }
}

function besideNamed(name: string): 'eager' | BackendName {
  const found = name === 'eager' ? name : BACKEND_NAMES.find((backend) => backend === name);
  if (found !== undefined) return found;
  throw new UsageError(`--beside names "${name}", which is no side`, {
    code: 'COMMAND_LINE_INVALID',
    remedy: `use eager, ${BACKEND_NAMES.join(', ')}`,
  });
}
