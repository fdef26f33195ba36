import { argumentLayer, type ConfigSetting, environmentLayer } from './config-layer';
import { fileLayer } from './config-file';
import { type ResolvedConfig, resolveConfig } from './resolve-config';
import { type TrainingConfig, trainingConfigSchema } from './training-config';

/** Where the configuration of a training run is taken from. */
export interface TrainingConfigSources {
  /** Path of a YAML or JSON file; relative ones count from the current folder. */
  file?: string | undefined;
  /** Environment variables; those that begin with `PIXELIS__` count. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** Bare arguments `a.b=value`. */
  overrides?: readonly string[];
  /** What options such as `--seed` set. */
  options?: readonly ConfigSetting[];
}

/**
 * Resolves the configuration of a training run: defaults < file < environment < arguments.
 *
 * @throws {ConfigError} If a value or key is wrong, with all that is wrong.
 * @throws {UsageError} If the file cannot be read.
 */
export function resolveTrainingConfig({
  file,
  environment = {},
  overrides = [],
  options = [],
}: TrainingConfigSources): ResolvedConfig<TrainingConfig> {
  return resolveConfig({
    schema: trainingConfigSchema,
    layers: [
      ...(file === undefined ? [] : [fileLayer(file)]),
      environmentLayer(environment),
      argumentLayer({ overrides, options }),
    ],
  });
}
