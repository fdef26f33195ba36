import {
  type CommandLine,
  type ConfigSetting,
  entryPointArguments,
  type EntryPointArguments,
  entryPointOptions,
  gridSetting,
  helpText,
  parseCommandLine,
  printConfig,
  type ResolvedConfig,
  resolveSweepConfig,
  spaceSetting,
  type SweepConfig,
} from '@pixelis/config';
import { UsageError } from '@pixelis/core';
import { z } from 'zod';
import { requireMemory } from './require-memory';

const definition = {
  program: 'sweep',
  summary: 'Trains many runs of one search, and says which of them are the best.',
  options: {
    grid: {
      kind: 'text',
      placeholder: 'KEY=A,B',
      help: 'Values to try for a key of the configuration; with several keys all their combinations',
      isRepeatable: true,
    },
    random: {
      kind: 'integer',
      minimum: 1,
      maximum: 100_000,
      placeholder: 'N',
      help: 'Try N random samples of what --space and --grid give',
    },
    tpe: {
      kind: 'integer',
      minimum: 1,
      maximum: 100_000,
      placeholder: 'N',
      help: 'Try N trials, chosen by the results of those before (tree-structured Parzen estimator)',
    },
    space: {
      kind: 'text',
      placeholder: 'KEY=SPEC',
      help: 'Range of a key for --random and --tpe: uniform:LOW:HIGH, log-uniform:…, int:…, log-int:…, each with :STEP at the end if need be, or choice:A,B',
      isRepeatable: true,
    },
    halving: {
      kind: 'integer',
      minimum: 1,
      placeholder: 'STEPS',
      help: 'Stop the worse trials early: compare them after STEPS steps, then after --reduction-factor times as many, and so on',
      setting: 'sweep.halving.minimum_steps',
    },
    'reduction-factor': {
      kind: 'integer',
      minimum: 2,
      placeholder: 'N',
      help: 'Of N trials that --halving compares one goes on, for N times the steps',
      default: '3',
      setting: 'sweep.halving.reduction_factor',
    },
    'generation-size': {
      kind: 'integer',
      minimum: 1,
      placeholder: 'N',
      help: 'Trials that --tpe chooses together; more use more cores, and learn later',
      default: '4',
      setting: 'sweep.generation_size',
    },
    metric: {
      kind: 'text',
      placeholder: 'KEY',
      help: 'Metric whose last value trials are compared by; training must record it',
      default: 'loss/val',
      setting: 'sweep.metric',
    },
    direction: {
      kind: 'text',
      help: 'Whether small or large values are the better ones',
      choices: ['min', 'max'],
      default: 'min',
      setting: 'sweep.direction',
    },
    tag: {
      kind: 'text',
      placeholder: 'TAG',
      help: 'Name of the sweep; an unfinished sweep of that name is resumed (default: a time stamp)',
    },
    jobs: {
      kind: 'integer',
      minimum: 1,
      placeholder: 'N',
      help: 'Trials that run at once at most; no result depends on it',
      default: 'as many as there is room for',
    },
    'memory-per-trial': {
      kind: 'text',
      placeholder: 'GIB',
      help: 'Memory that a trial takes, in GiB: bounds how many run at once here, and is reserved on a cluster (default: estimated here, the default of the cluster there)',
    },
    launcher: {
      kind: 'text',
      help: 'Where trials run: on this machine, as job arrays of Slurm, or as jobs of Ray',
      choices: ['local', 'slurm', 'ray'],
      default: 'local',
    },
    'slurm-option': {
      kind: 'text',
      placeholder: 'KEY=VALUE',
      help: 'For --launcher slurm: a long option of sbatch without dashes, such as time=60 or partition=gpu',
      pattern: /^[^=]+(=.*)?$/s,
      isRepeatable: true,
    },
    'ray-address': {
      kind: 'text',
      placeholder: 'URL',
      help: 'For --launcher ray: dashboard of the cluster (default: RAY_API_SERVER_ADDRESS, else http://127.0.0.1:8265)',
    },
    'retry-failed': {
      kind: 'flag',
      help: 'Run trials that failed again; not with --tpe or --halving',
    },
    'write-only': {
      kind: 'flag',
      help: 'Write the configurations and run none; not with --tpe',
    },
    ...entryPointOptions,
    'run-id': { kind: 'text', placeholder: 'ID', help: 'The same as --tag' },
    new: { kind: 'flag', help: 'Start a new sweep even if an unfinished one could be resumed' },
  },
} as const;

const GIBIBYTE = 2 ** 30;

const EXAMPLES = `
Examples:
  Four trials, two seeds for each of two learning rates:
    sweep --grid training.learning_rate=1e-3,3e-4 --grid training.seed=1,2 --tag lr

  20 random samples of two keys, all else from a file:
    sweep --random 20 --space training.learning_rate=log-uniform:1e-4:1e-2 --space model.encoder_layers=int:1:4 --config base.yaml

  40 chosen ones, the worse stopped from step 120 on:
    sweep --tpe 40 --space training.learning_rate=log-uniform:1e-4:1e-2 --halving 120 training.steps=1080 training.evaluate_every=120

  On Slurm, an hour and four cores a trial:
    sweep --config search.yaml --launcher slurm --slurm-option time=60 --slurm-option cpus-per-task=4

The same command again goes on with a sweep that was stopped or killed. "sweep" stands for npx nx run sweep:default --
`;

type SweepCommandLine = CommandLine<keyof typeof definition.options>;

/** A sweep that is to be run. */
export interface SweepCommand extends EntryPointArguments {
  readonly kind: 'sweep';
  readonly resolved: ResolvedConfig<SweepConfig>;
  readonly tag: string | undefined;
  readonly jobs: number | undefined;
  /** Undefined if nobody says it. */
  readonly memoryPerTrialBytes: number | undefined;
  readonly launcher: 'local' | 'slurm' | 'ray';
  readonly slurmOptions: Readonly<Record<string, string>>;
  readonly rayAddress: string | undefined;
  readonly isRetryingFailed: boolean;
  readonly isWriteOnly: boolean;
  /** Options of the trials that are none of the configuration. */
  readonly trialOptions: readonly string[];
  /** What to say beside, a line each. */
  readonly warnings: readonly string[];
}

/** What a command line asks for. */
export type Command =
  | { readonly kind: 'text'; readonly text: string; readonly warnings: readonly string[] }
  | SweepCommand;

/** Reads the command line of `sweep`. @throws {UsageError} If an option, a key or a value is wrong; all of them are named. */
export function readCommandLine(argv: readonly string[]): Command {
  const commandLine = parseCommandLine(argv, definition);
  const entryPoint = entryPointArguments(commandLine);
  if (entryPoint.isHelp)
    return { kind: 'text', text: `${helpText(definition)}${EXAMPLES}`, warnings: [] };
  const resolved = resolveSweepConfig({
    file: entryPoint.config,
    environment: process.env,
    overrides: commandLine.overrides,
    options: [...commandLine.settings(), ...searchSettings(commandLine)],
  });
  const warnings = [...commandLine.warnings, ...resolved.warnings];
  if (entryPoint.isPrintConfig)
    return { kind: 'text', text: printConfig(resolved, entryPoint), warnings };
  return {
    kind: 'sweep',
    ...entryPoint,
    resolved,
    tag: tagOf(commandLine),
    ...launcherOptions(commandLine),
    isRetryingFailed: commandLine.flag('retry-failed'),
    isWriteOnly: commandLine.flag('write-only'),
    trialOptions: trialOptions(commandLine),
    warnings,
  };
}

/** What the options of the search set that have a form of their own. */
function searchSettings(commandLine: SweepCommandLine): ConfigSetting[] {
  if (commandLine.number('random') !== undefined && commandLine.number('tpe') !== undefined) {
    throw new UsageError('--random and --tpe choose trials in two ways', {
      code: 'COMMAND_LINE_INVALID',
      remedy: 'leave out one of the two',
    });
  }
  const strategies = (['random', 'tpe'] as const).flatMap((name) => {
    const trials = commandLine.number(name);
    if (trials === undefined) return [];
    const source = `--${name}`;
    return [
      { path: ['sweep', 'strategy'], value: name, source },
      { path: ['sweep', 'trials'], value: trials, source },
    ];
  });
  return [
    ...strategies,
    ...commandLine.texts('grid').map(gridSetting),
    ...commandLine.texts('space').map(spaceSetting),
  ];
}

function tagOf(commandLine: SweepCommandLine): string | undefined {
  const tag = commandLine.text('tag');
  const runId = commandLine.text('run-id');
  if (tag === undefined || runId === undefined || tag === runId) return tag ?? runId;
  throw new UsageError(`--tag ${tag} and --run-id ${runId} name two sweeps`, {
    code: 'COMMAND_LINE_INVALID',
    remedy: 'leave out --run-id, which means the same as --tag',
  });
}

function launcherOptions(
  commandLine: SweepCommandLine,
): Pick<SweepCommand, 'launcher' | 'jobs' | 'memoryPerTrialBytes' | 'slurmOptions' | 'rayAddress'> {
  const launcher = z.enum(['local', 'slurm', 'ray']).parse(commandLine.text('launcher'));
  const jobs = commandLine.text('jobs');
  const given = commandLine.texts('slurm-option');
  const rayAddress = commandLine.text('ray-address');
  const memoryPerTrialBytes = memoryOf(commandLine.text('memory-per-trial'));
  if (launcher === 'local') requireMemory(memoryPerTrialBytes);
  if (given.length > 0 && launcher !== 'slurm') throw strayOption('--slurm-option', 'slurm');
  if (rayAddress !== undefined && launcher !== 'ray') throw strayOption('--ray-address', 'ray');
  if (launcher === 'ray' && commandLine.flag('offline')) throw offlineError();
  return {
    launcher,
    jobs: commandLine.texts('jobs').length === 0 ? undefined : Number(jobs),
    memoryPerTrialBytes,
    slurmOptions: Object.fromEntries(given.map(slurmOption)),
    rayAddress,
  };
}

function memoryOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bytes = Math.ceil(Number(text) * GIBIBYTE);
  if (text.trim() !== '' && Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new UsageError(`--memory-per-trial ${text} is no amount of memory`, {
    code: 'COMMAND_LINE_INVALID',
    remedy: 'give a number of GiB above 0, such as 0.5 or 2',
  });
}

function slurmOption(argument: string): [string, string] {
  const [key = '', ...value] = argument.split('=');
  return [key, value.join('=')];
}

function strayOption(option: string, launcher: string): UsageError {
  return new UsageError(`${option} says nothing to the launcher that runs the trials`, {
    code: 'COMMAND_LINE_INVALID',
    remedy: `add --launcher ${launcher}, or leave ${option} out`,
  });
}

function offlineError(): UsageError {
  return new UsageError('--launcher ray needs the network, but --offline forbids it', {
    code: 'OFFLINE',
    remedy: 'leave out one of the two',
  });
}

/** What trials are told as it is. */
function trialOptions(commandLine: SweepCommandLine): string[] {
  const texts = (['exp-name', 'capture-level', 'env-policy'] as const).flatMap((name) => {
    const text = commandLine.texts(name).at(-1);
    return text === undefined ? [] : [`--${name}`, text];
  });
  const flags = (['offline', 'force'] as const).filter((name) => commandLine.flag(name));
  return [...texts, ...flags.map((name) => `--${name}`)];
}
