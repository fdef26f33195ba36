import { z } from 'zod';
import type { CommandLine } from './command-line';
import type { OptionDefinition } from './option-definition';
import { trainingConfigSchema } from './training-config';

const defaults = trainingConfigSchema.parse({});

const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;

/** Options that every entry point takes, by name. */
export type EntryPointOption = keyof typeof entryPointOptions;

/** Options that every entry point takes. */
export const entryPointOptions = {
  seed: {
    kind: 'integer',
    maximum: Number.MAX_SAFE_INTEGER,
    placeholder: 'N',
    help: 'Root of all randomness',
    default: String(defaults.training.seed),
    setting: 'training.seed',
  },
  deterministic: {
    kind: 'flag',
    help: 'Refuse a backend that cannot give the same bits twice on one machine',
    setting: 'training.deterministic_mode',
  },
  config: {
    kind: 'text',
    placeholder: 'FILE',
    help: 'Configuration in YAML or JSON, or the config_resolved.json of a run',
  },
  out: { kind: 'text', placeholder: 'DIR', help: 'Folder of all output', default: 'out' },
  'run-id': {
    kind: 'text',
    placeholder: 'ID',
    help: 'Name of the run; an unfinished run of that name is resumed',
  },
  new: { kind: 'flag', help: 'Start a new run even if an unfinished one could be resumed' },
  'exp-name': {
    kind: 'text',
    placeholder: 'NAME',
    help: 'Name of the experiment that the run belongs to',
    pattern: NAME_PATTERN,
  },
  'capture-level': {
    kind: 'text',
    placeholder: 'N',
    help: 'How much of the environment is captured: basic, standard (packages, hardware, arguments), complete (changes too)',
    choices: ['1', '2', '3'],
    default: '2',
  },
  offline: { kind: 'flag', help: 'Use no network; what needs it is refused' },
  'env-policy': {
    kind: 'text',
    placeholder: 'POLICY',
    help: 'What an environment that is not the expected one leads to: an end, a warning, or nothing',
    choices: ['strict', 'warn', 'ignore'],
    default: 'warn',
  },
  force: { kind: 'flag', help: 'Go on in spite of --env-policy strict, which is recorded' },
  backend: {
    kind: 'text',
    help: 'What computes; wasm gives the same bits on every machine',
    choices: ['wasm', 'cpu', 'gpu', 'webgpu', 'reference', 'auto'],
    default: defaults.hardware.backend,
    setting: 'hardware.backend',
  },
  threads: {
    kind: 'integer',
    placeholder: 'N',
    help: 'Threads that compute; on wasm the result does not depend on it',
    default: 'one for each core, at most one a shard',
    setting: 'hardware.threads',
  },
  'log-format': {
    kind: 'text',
    help: 'Form of the log lines on stderr',
    choices: ['pretty', 'json'],
    default: 'pretty',
  },
  'print-config': {
    kind: 'flag',
    help: 'Print each value of the configuration with who set it, and do nothing else',
  },
  json: { kind: 'flag', help: 'Print the result as one JSON object on stdout' },
  help: { kind: 'flag', help: 'Print this text' },
} as const satisfies Record<string, OptionDefinition>;

/** What the shared options say beyond the configuration. */
export interface EntryPointArguments {
  /** Path of the configuration file. */
  config: string | undefined;
  /** Folder of all output. */
  out: string;
  runId: string | undefined;
  isNew: boolean;
  expName: string | undefined;
  /** What 1, 2 and 3 stand for. */
  captureLevel: 'basic' | 'standard' | 'complete';
  isOffline: boolean;
  /** What an environment that is not the expected one leads to. */
  envPolicy: 'strict' | 'warn' | 'ignore';
  /** Whether to go on in spite of {@link envPolicy} `strict`. */
  isForced: boolean;
  logFormat: 'pretty' | 'json';
  /** Whether to print the configuration by `printConfig`, and do nothing else. */
  isPrintConfig: boolean;
  isJson: boolean;
  isHelp: boolean;
}

/** Takes from a command line what the options shared by every entry point say. */
export function entryPointArguments(
  commandLine: CommandLine<EntryPointOption>,
): EntryPointArguments {
  return {
    config: commandLine.text('config'),
    out: commandLine.text('out') ?? entryPointOptions.out.default,
    runId: commandLine.text('run-id'),
    isNew: commandLine.flag('new'),
    expName: commandLine.text('exp-name'),
    captureLevel: captureLevelOf(commandLine.text('capture-level')),
    isOffline: commandLine.flag('offline'),
    envPolicy: z.enum(['strict', 'warn', 'ignore']).parse(commandLine.text('env-policy')),
    isForced: commandLine.flag('force'),
    logFormat: z.enum(['pretty', 'json']).parse(commandLine.text('log-format')),
    isPrintConfig: commandLine.flag('print-config'),
    isJson: commandLine.flag('json'),
    isHelp: commandLine.flag('help'),
  };
}

function captureLevelOf(text: string | undefined): EntryPointArguments['captureLevel'] {
  if (text === '1') return 'basic';
  return text === '3' ? 'complete' : 'standard';
}
