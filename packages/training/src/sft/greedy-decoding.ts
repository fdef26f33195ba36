import { setImmediate as nextEventLoopTurn } from 'node:timers/promises';
import { collate, ReasoningEpisode, type ReasoningTask } from '@pixelis/data';
import * as tf from '@tensorflow/tfjs';
import { toBackend } from '../host-tensors';
import {
  sequenceInputs,
  sequenceLogits,
  type VisionLanguageConfig,
} from '../models/vision-language';
import type { ParameterTree } from '../parameters';
import { PictureFeatures } from './picture-features';

/** How {@link decodeGreedily} runs the model. */
export interface GreedyDecodingOptions {
  readonly config: VisionLanguageConfig;
  /** Episodes that go through the model together. @default {128} */
  readonly batchSize?: number;
}

/**
 * Lets the model answer by itself: it emits the likeliest token again and again, and the visual operations that it
 * calls are executed on the scene, until it answers, makes an invalid call or runs out of room. Nothing of the
 * demonstration is shown to it.
 *
 * @returns One ended episode for each task, in order.
 */
export async function decodeGreedily(
  tasks: readonly ReasoningTask[],
  parameters: ParameterTree,
  { config, batchSize = 128 }: GreedyDecodingOptions,
): Promise<ReasoningEpisode[]> {
  const { patchSize } = config;
  const episodes = tasks.map((task) => new ReasoningEpisode(task, { patchSize }));
  for (let start = 0; start < episodes.length; start += batchSize) {
    const features = new PictureFeatures(parameters, config);
    let open = episodes.slice(start, start + batchSize);
    while (open.length > 0) {
      const tokens = await likeliestTokens(open, features);
      open.forEach((episode, index) => episode.emit(tokens[index] ?? 0));
      open = open.filter(({ status }) => status === 'open');
      await nextEventLoopTurn();
    }
    features.dispose();
  }
  return episodes;
}

async function likeliestTokens(
  episodes: readonly ReasoningEpisode[],
  features: PictureFeatures,
): Promise<Int32Array> {
  const { parameters, config } = features;
  const sequences = episodes.map(({ sequence }) => sequence);
  const batch = collate(sequences, { patchSize: config.patchSize });
  const positions = batch.lengths.map((length, row) => row * batch.length + length - 1);
  const { patchFeatures, patches } = features.of(sequences, batch.patches);
  const [patchRows] = patchFeatures.shape;
  const inputs = sequenceInputs({ ...batch, patches }, { config, positions, patchRows });
  const logits = tf.tidy(() =>
    sequenceLogits(parameters, toBackend(inputs), { config, patchFeatures }),
  );
  const values = await logits.data();
  logits.dispose();
  return Int32Array.from(episodes, (_, row) =>
    indexOfLargest(values, row * config.vocabularySize, config.vocabularySize),
  );
}

/** Index of the largest of `count` values from `start`; of equal ones the first. */
function indexOfLargest(values: ArrayLike<number>, start: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) {
    if ((values[start + i] ?? -Infinity) > (values[start + best] ?? -Infinity)) best = i;
  }
  return best;
}
