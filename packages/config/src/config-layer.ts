import { type ConfigIssue, formatOrigin, type LayerName, type Origin } from './config-error';
import { parsePath } from './config-path';
import {
  ENVIRONMENT_PREFIX,
  environmentVariable,
  keyOfVariable,
  wordsOfKey,
} from './environment-variable';
import { configKeys } from './known-keys';
import { printable } from './printable';
import { parseOverrideValue, YamlSyntaxError } from './yaml-value';

/** One value that a layer sets. */
export interface ConfigSetting {
  /** Keys, and indices as text, that lead to the value; empty for the whole configuration. */
  path: readonly string[];
  /** Plain data; objects are merged into what lower layers set, lists and everything else replace it. */
  value: unknown;
  /** Shown as {@link Origin.source}. */
  source: string;
  /** Whether an object, too, replaces what lower layers set. @default false */
  isWhole?: boolean;
}

/** What one layer sets, in the order in which it applies, and what could not be read of it. */
export interface ConfigLayer {
  layer: LayerName;
  settings: readonly ConfigSetting[];
  issues?: readonly ConfigIssue[];
  /** What to say beside, a line each. */
  warnings?: readonly string[];
  /** The file that records that the settings were once made so; named where one of them is wrong. */
  recordedIn?: string;
}

/**
 * The layer of the environment: `PIXELIS__TRAINING__LEARNING_RATE=1e-3` sets `training.learning_rate`. Levels are
 * separated by two underscores and lower-cased; values are read as in an override. Other variables are ignored, with a warning where one
 * spells a key but for its underscores, such as `PIXELIS_TRAINING_SEED`.
 */
export function environmentLayer(
  environment: Readonly<Record<string, string | undefined>>,
): ConfigLayer {
  const readings = Object.keys(environment)
    .filter((variable) => variable.startsWith(ENVIRONMENT_PREFIX))
    .sort()
    .map((variable) => {
      const origin: Origin = { layer: 'environment', source: variable };
      return readSetting(keyOfVariable(variable), environment[variable] ?? '', origin);
    });
  const warnings = misspeltVariables(Object.keys(environment));
  const layer = layerOf('environment', readings);
  return warnings.length === 0 ? layer : { ...layer, warnings };
}

/** Says of each variable that begins with one underscore too few, and spells a key otherwise, that it sets nothing. */
function misspeltVariables(variables: readonly string[]): string[] {
  const candidates = variables.filter((variable) => /^PIXELIS_(?!_)/.test(variable)).sort();
  if (candidates.length === 0) return [];
  const keys = new Map(configKeys().map((key) => [wordsOfKey(key), key]));
  return candidates.flatMap((variable) => {
    const key = keys.get(wordsOfKey(variable.slice('PIXELIS_'.length)));
    if (key === undefined) return [];
    return [`${variable} sets nothing: did you mean ${environmentVariable(key)}?`];
  });
}

/** What the command line sets. */
export interface ArgumentLayerOptions {
  /** Bare arguments `a.b=value`. */
  overrides?: readonly string[];
  /** What options such as `--seed` set, with the option as their source. */
  options?: readonly ConfigSetting[];
}

/**
 * The layer of the command line. The value of `a.b=value` may be `1e-3`, `true`, `null`, text, or a list or object in
 * YAML's flow form, such as `[a, b]`; an index leads into a list: `curriculum.stages.0.name=first`.
 */
export function argumentLayer({ overrides = [], options = [] }: ArgumentLayerOptions): ConfigLayer {
  const readings = overrides.map((argument) => {
    const [key = '', ...value] = argument.split('=');
    const origin: Origin = {
      layer: 'argument',
      source: value.length === 0 || key === '' ? argument : key,
    };
    if (value.length === 0) return issue(argument, 'is no override of the form a.b=value', origin);
    return readSetting(key, value.join('='), origin);
  });
  return layerOf('argument', [...options, ...readings]);
}

function readSetting(key: string, text: string, origin: Origin): ConfigSetting | ConfigIssue {
  const path = parsePath(key);
  if (path === undefined) {
    return issue(key, 'is no path of a configuration, such as training.seed', origin);
  }
  try {
    return { path, value: parseOverrideValue(text), source: origin.source };
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    const problem = `cannot be ${printable(text)}: ${printable(error.message)}`;
    return issue(key, problem, origin);
  }
}

function issue(path: string, problem: string, origin: Origin): ConfigIssue {
  const message = `${printable(path) || '""'} ${problem} (from ${formatOrigin(origin)})`;
  return { path, message, origin };
}

function layerOf(
  layer: LayerName,
  readings: readonly (ConfigSetting | ConfigIssue)[],
): ConfigLayer {
  return {
    layer,
    settings: readings.filter((reading) => 'value' in reading),
    issues: readings.filter((reading) => 'message' in reading),
  };
}
