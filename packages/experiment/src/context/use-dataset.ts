import { datasetName, type UsedArtifact } from '@pixelis/artifacts';
import { canonicalJson } from '@pixelis/core';
import type { ExperimentContext } from './experiment-context';

/** What a data set says of itself; the card of a data set of `@pixelis/data` is one. */
export interface DatasetDescription {
  readonly name: string;
  readonly version: string;
  /** Where the data come from. */
  readonly source: string;
  /** Under which terms. */
  readonly licence: string;
  /** SHA-256 of each file that is read. */
  readonly hashes: Readonly<Record<string, string>>;
}

/** How {@link useDataset} records. */
export interface UseDatasetOptions {
  /** What the data set is to the run, such as `train_data`. */
  readonly role: string;
  /** What it was made from, which is recorded too. @default none: it comes from outside */
  readonly madeFrom?: DatasetDescription;
}

/** The file of a data set's artifact that describes it. */
export const DATASET_CARD_FILE = 'card.json';

/**
 * Records that a run uses a data set which others provide: as an artifact that holds its card, with the hashes of its files,
 * but not the files themselves. Equal cards are one version, so all runs on the same data share it.
 *
 * @returns The artifact, `dataset-<name>-<version>`.
 */
export async function useDataset(
  run: ExperimentContext,
  dataset: DatasetDescription,
  { role, madeFrom }: UseDatasetOptions,
): Promise<UsedArtifact> {
  const parents = madeFrom === undefined ? [] : [await putCard(run, madeFrom, [])];
  const { name, version } = await putCard(run, dataset, parents);
  return run.useArtifact(`${name}:${version}`, { role });
}

function putCard(
  { artifacts }: ExperimentContext,
  dataset: DatasetDescription,
  parents: readonly UsedReference[],
): Promise<UsedReference> {
  const { name, version, source, licence, hashes } = dataset;
  const card = canonicalJson({ name, version, source, licence, hashes: { ...hashes } });
  return artifacts.put(
    datasetName(name, version),
    { [DATASET_CARD_FILE]: new TextEncoder().encode(`${card}\n`) },
    {
      type: 'dataset',
      description: source,
      metadata: { name, version, licence },
      parents,
      isExternal: parents.length === 0,
    },
  );
}

type UsedReference = Pick<UsedArtifact, 'name' | 'version' | 'digest'>;
