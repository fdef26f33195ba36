import type { JsonValue } from '@pixelis/core';
import type { ConfigSetting } from './config-layer';
import { valueAt } from './config-path';

const SHARES_BATCHES: readonly unknown[] = ['cpu', 'gpu', 'webgpu'];

/**
 * The default of `training.shards` that `hardware.backend` and `hardware.num_gpus` decide: a batch has one shard for each device on the
 * backends whose library shares a batch among the cores by itself.
 */
export function deviceDefaults(config: JsonValue): ConfigSetting[] {
  const backend = valueAt(config, ['hardware', 'backend']);
  if (typeof backend !== 'string' || !SHARES_BATCHES.includes(backend)) return [];
  const devices = valueAt(config, ['hardware', 'num_gpus']);
  const shards = typeof devices === 'number' && Number.isInteger(devices) ? devices : 0;
  return [
    {
      path: ['training', 'shards'],
      value: Math.max(shards, 1),
      source: `hardware.backend=${backend}`,
    },
  ];
}
