import { z } from 'zod';
import { ConfigError } from './config-error';
import {
  argumentLayer,
  type ConfigLayer,
  type ConfigSetting,
  environmentLayer,
} from './config-layer';
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
 * Resolves the configuration of a training run: defaults < file < environment < arguments. A default depends on another
 * value: a batch has one shard for each device on the backends whose library shares a batch among the cores by itself.
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
  const layers = [
    ...(file === undefined ? [] : [fileLayer(file)]),
    environmentLayer(environment),
    argumentLayer({ overrides, options }),
  ];
  return resolveConfig({
    schema: trainingConfigSchema,
    layers: [...deviceDefaults(layers), ...layers],
  });
}

const hardwareWishes = z.looseObject({
  hardware: z
    .looseObject({
      backend: z.unknown().optional(),
      num_gpus: z.int().catch(0).optional(),
    })
    .catch({}),
});

/** The layer of the defaults that `hardware.backend` and `hardware.num_gpus` decide. */
function deviceDefaults(layers: readonly ConfigLayer[]): ConfigLayer[] {
  const { backend, num_gpus: devices = 0 } = wishesOf(layers);
  if (backend !== 'cpu' && backend !== 'gpu' && backend !== 'webgpu') return [];
  const setting = {
    path: ['training', 'shards'],
    value: Math.max(devices, 1),
    source: `hardware.backend=${backend}`,
  };
  return [{ layer: 'default', settings: [setting] }];
}

function wishesOf(layers: readonly ConfigLayer[]) {
  try {
    return resolveConfig({ schema: hardwareWishes, layers }).config.hardware;
  } catch (error) {
    // What is wrong is told when all is resolved.
    if (error instanceof ConfigError) return {};
    throw error;
  }
}
