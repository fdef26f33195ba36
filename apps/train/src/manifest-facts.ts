import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ManifestFacts } from '@pixelis/artifacts';
import type { TrainingConfig } from '@pixelis/config';
import { sha256FileSync } from '@pixelis/core';
import { type DatasetCard, PIXEL_TRANSFORM } from '@pixelis/data';
import type { CapturedEnvironment } from '@pixelis/reproducibility';
import type { Backend } from '@pixelis/training';

/** What a run's manifest is filled from. */
export interface RunFacts {
  readonly config: TrainingConfig;
  readonly environment: CapturedEnvironment;
  readonly backend: Backend;
  readonly dataset: DatasetCard;
  readonly results: Readonly<Record<string, number>>;
}

/** The manifest's fields that the run itself cannot know. */
export function manifestFacts({
  config,
  environment,
  backend,
  dataset,
  results,
}: RunFacts): ManifestFacts {
  const { commit, is_dirty, remote } = environment.git;
  const isNative = backend.name === 'cpu' || backend.name === 'gpu';
  return {
    seed: config.training.seed,
    git: { commit, is_dirty, remote },
    node: process.version,
    tfjs: environment.system.packages['@tensorflow/tfjs'] ?? null,
    tensorflow: isNative ? backend.version : null,
    cuda: null,
    backend: { name: backend.name, version: backend.version, threads: backend.threads },
    env_lock: lockFile(),
    dataset: {
      name: dataset.name,
      version: dataset.version,
      split: 'train',
      hashes: { ...dataset.hashes },
    },
    encoder: { arch: 'vit', dim: config.model.dim, weights: null },
    transforms: {
      version: PIXEL_TRANSFORM.version,
      normalize: PIXEL_TRANSFORM.normalize,
      mean: [PIXEL_TRANSFORM.mean],
      std: [PIXEL_TRANSFORM.std],
    },
    results,
  };
}

/** The lock file of the workspace that this program was installed with. */
function lockFile(): ManifestFacts['env_lock'] {
  const name = 'package-lock.json';
  const path = join(__dirname, '..', '..', '..', name);
  return existsSync(path) ? { name, hash: sha256FileSync(path) } : { name: null, hash: null };
}
