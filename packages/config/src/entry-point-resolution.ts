import type { z } from 'zod';
import { evaluationDefinition, sweepDefinition, trainingDefinition } from './config-definitions';
import { fileLayers, sweepFileLayers } from './config-file';
import {
  argumentLayer,
  type ConfigLayer,
  type ConfigSetting,
  environmentLayer,
} from './config-layer';
import type { EvaluationConfig } from './evaluation-config';
import { type ConfigDefinition, type ResolvedConfig, resolveConfig } from './resolve-config';
import type { SweepConfig } from './sweep-config';
import type { TrainingConfig } from './training-config';

/** Where a configuration is taken from. */
export interface ConfigSources {
  /**
   * Path of a YAML or JSON file, which may be the `config_resolved.json` of a run or the file of a trial; relative ones count from
   * the current folder.
   */
  file?: string | undefined;
  /** Environment variables; those that begin with `PIXELIS__` count. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** Bare arguments `a.b=value`. */
  overrides?: readonly string[];
  /** What options such as `--seed` set. */
  options?: readonly ConfigSetting[];
}

/** Where the configuration of a training run is taken from. */
export interface TrainingConfigSources extends ConfigSources {
  /** Path of the file of a sweep's trial, which nothing wins over. */
  sweep?: string | undefined;
}

/**
 * Resolves the configuration of a training run: defaults < file < environment < arguments < trial of a sweep. A default depends on
 * another value: a batch has one shard for each device on the backends whose library shares a batch among the cores by itself.
 *
 * @throws {ConfigError} If a value or key is wrong, with all that is wrong.
 * @throws {UsageError} If a file cannot be read.
 */
export function resolveTrainingConfig({
  sweep,
  ...sources
}: TrainingConfigSources): ResolvedConfig<TrainingConfig> {
  const layers = layersOf(sources, trainingDefinition);
  return resolveConfig({
    ...trainingDefinition,
    layers: sweep === undefined ? layers : [...layers.map(withoutSweep), ...sweepFileLayers(sweep)],
  });
}

/** A trial has the environment of its sweep, where variables say what is searched. */
function withoutSweep(layer: ConfigLayer): ConfigLayer {
  if (layer.layer !== 'environment') return layer;
  return { ...layer, settings: layer.settings.filter(({ path }) => path[0] !== 'sweep') };
}

/** Where the configuration of an evaluation is taken from. */
export interface EvaluationConfigSources extends ConfigSources {
  /** What is known beforehand, such as the shape of the model; counts as set by a file, below that of {@link file}. */
  known?: readonly ConfigSetting[];
}

/**
 * Resolves the configuration of an evaluation as {@link resolveTrainingConfig} does that of a run.
 *
 * @throws {ConfigError} If a value or key is wrong, with all that is wrong.
 * @throws {UsageError} If a file cannot be read.
 */
export function resolveEvaluationConfig({
  known = [],
  ...sources
}: EvaluationConfigSources): ResolvedConfig<EvaluationConfig> {
  return resolveConfig({
    ...evaluationDefinition,
    layers: [{ layer: 'file', settings: known }, ...layersOf(sources, evaluationDefinition)],
  });
}

/**
 * Resolves the configuration of a sweep as {@link resolveTrainingConfig} does that of a run.
 *
 * @throws {ConfigError} If a value or key is wrong, with all that is wrong.
 * @throws {UsageError} If a file cannot be read.
 */
export function resolveSweepConfig(sources: ConfigSources): ResolvedConfig<SweepConfig> {
  return resolveConfig({ ...sweepDefinition, layers: layersOf(sources, sweepDefinition) });
}

function layersOf(
  { file, environment = {}, overrides = [], options = [] }: ConfigSources,
  definition: ConfigDefinition<z.ZodObject>,
): ConfigLayer[] {
  return [
    ...(file === undefined ? [] : fileLayers(file, definition)),
    environmentLayer(environment),
    argumentLayer({ overrides, options }),
  ];
}
