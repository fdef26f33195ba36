import type { ArtifactManager } from '@pixelis/artifacts';
import { canonicalJson, DataError, nearestName, UsageError } from '@pixelis/core';
import {
  createDataset,
  type DatasetCard,
  datasetNames,
  DIGITS_REASONING_CARD,
} from '@pixelis/data';
import { DATASET_CARD_FILE } from '@pixelis/experiment';
import { z } from 'zod';

const cardSchema = z.object({
  name: z.string(),
  version: z.string(),
  hashes: z.record(z.string(), z.string()),
});

/**
 * Finds the data set that is asked for, by its registered name or as an artifact that holds its card.
 *
 * @throws {UsageError} If there is none of that name, or none with questions that a model can answer.
 * @throws {DataError} `DATASET_DIFFERS` if the artifact is of other data than those that are installed, `DATASET_CARD_INVALID`
 * if it does not say of which.
 */
export async function findDataset(artifacts: ArtifactManager, asked: string): Promise<DatasetCard> {
  if (datasetNames().includes(asked)) return requireQuestions(createDataset(asked).card);
  const versions = artifacts.list({ type: 'dataset' });
  const name = asked.split(':')[0] ?? asked;
  if (!versions.some((version) => version.name === name)) throw unknownError(asked, versions);
  const used = await artifacts.use(asked);
  const recorded = await readCard(used);
  const card = requireQuestions(createDataset(recorded.name).card);
  if (card.version === recorded.version && isEqual(card.hashes, recorded.hashes)) return card;
  throw new DataError(
    `The data of ${asked} are not those that are installed as ${card.name} ${card.version}`,
    {
      code: 'DATASET_DIFFERS',
      remedy: `Install the data that ${asked} was made of, or evaluate on --dataset ${card.name}.`,
    },
  );
}

async function readCard(
  used: Awaited<ReturnType<ArtifactManager['use']>>,
): Promise<z.infer<typeof cardSchema>> {
  const files = await used.files();
  if (files.some(({ path }) => path === DATASET_CARD_FILE)) {
    const text = new TextDecoder().decode(await used.readBytes(DATASET_CARD_FILE));
    const card = cardSchema.safeParse(parseJson(text));
    if (card.success) return card.data;
    throw new DataError(
      `The ${DATASET_CARD_FILE} of ${used.name}:${used.version} describes no data set`,
      {
        code: 'DATASET_CARD_INVALID',
        remedy: `Use --dataset ${DIGITS_REASONING_CARD.name}, or put the data set again with its card.`,
      },
    );
  }
  throw unsuitableError(`${used.name}:${used.version}`);
}

/** What is no JSON is no card either. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function requireQuestions(card: DatasetCard): DatasetCard {
  if (card.name === DIGITS_REASONING_CARD.name) return card;
  throw unsuitableError(card.name);
}

function unsuitableError(name: string): UsageError {
  return new UsageError(`Data set "${name}" has no questions that this model can be asked`, {
    code: 'DATASET_UNSUITABLE',
    remedy: `Use --dataset ${DIGITS_REASONING_CARD.name}.`,
  });
}

function unknownError(asked: string, versions: readonly { name: string }[]): UsageError {
  const known = [...new Set([...datasetNames(), ...versions.map(({ name }) => name)])];
  const nearest = nearestName(asked, known);
  return new UsageError(`There is no dataset "${asked}"`, {
    code: 'DATASET_UNKNOWN',
    remedy: nearest === undefined ? `Known: ${known.join(', ')}.` : `Did you mean "${nearest}"?`,
  });
}

function isEqual(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
