import type { ManifestFacts } from '@pixelis/artifacts';
import type { TrainingConfig } from '@pixelis/config';
import { type DatasetCard, PIXEL_TRANSFORM } from '@pixelis/data';
import type { Backend } from '@pixelis/training';

/** What a run's manifest is filled from. */
export interface RunFacts {
  readonly config: TrainingConfig;
  readonly backend: Backend;
  readonly dataset: DatasetCard;
}

/** What the manifest of a training run says beyond what every experiment says. */
export function manifestFacts({ config, backend, dataset }: RunFacts): Partial<ManifestFacts> {
  const isNative = backend.name === 'cpu' || backend.name === 'gpu';
  return {
    tensorflow: isNative ? backend.version : null,
    backend: { name: backend.name, version: backend.version, threads: backend.threads },
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
  };
}
