import type { ManifestFacts } from '@pixelis/artifacts';
import type { CapturedEnvironment } from '@pixelis/reproducibility';
import type { ExperimentFacts } from './experiment-options';

/** What an experiment's manifest is filled from. */
export interface ManifestSources {
  readonly environment: CapturedEnvironment;
  readonly seed: number;
  readonly facts: ExperimentFacts;
  readonly results: Readonly<Record<string, number>>;
}

/** The manifest's fields that the run itself cannot know: `facts`, and what the environment tells where they are silent. */
export function manifestFacts({
  environment,
  seed,
  facts,
  results,
}: ManifestSources): ManifestFacts {
  const { system, git, standard } = environment;
  const lock = standard?.lock_file ?? null;
  return {
    seed,
    git: { commit: git.commit, is_dirty: git.is_dirty, remote: git.remote },
    node: process.version,
    tfjs: system.packages['@tensorflow/tfjs'] ?? null,
    tensorflow: null,
    cuda: standard?.gpu?.cuda_version ?? null,
    backend: null,
    env_lock: { name: lock?.name ?? null, hash: lock?.sha256 ?? null },
    dataset: null,
    encoder: null,
    transforms: null,
    ...facts,
    results: { ...facts.results, ...results },
  };
}
