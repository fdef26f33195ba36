import {
  cellToken,
  createExample,
  type Level,
  numberToken,
  type ReasoningExample,
  TOKENS,
} from '@pixelis/data';
import { Generator } from '@pixelis/reproducibility';
import * as tf from '@tensorflow/tfjs';
import { type VisionLanguageConfig, visionLanguageSpecs } from '../../src/models/vision-language';
import { initialiseParameters } from '../../src/parameters';
import { modelConfigOf } from '../../src/sft/sft-run';
import { tinyConfig } from './tiny-run';

/** A model of the smallest size; `scale` times the usual weights, so that its answers differ. */
export function tinyModel({ seed = 1, scale = 1 } = {}): {
  config: VisionLanguageConfig;
  parameters: Record<string, tf.Tensor>;
} {
  const config = modelConfigOf(tinyConfig());
  const generator = Generator.fromSeed(seed).fork('model');
  const specs = Object.fromEntries(
    Object.entries(visionLanguageSpecs(config)).map(([name, spec]) => [
      name,
      spec.initializer.kind === 'normal'
        ? {
            ...spec,
            initializer: {
              kind: 'normal' as const,
              standardDeviation: scale * spec.initializer.standardDeviation,
            },
          }
        : spec,
    ]),
  );
  return { config, parameters: initialiseParameters(specs, generator) };
}

/** The first val examples of a level. */
export function valExamples(level: Level, count: number): ReasoningExample[] {
  return Array.from({ length: count }, (_, index) =>
    createExample({ level, split: 'val', index, seed: 0 }),
  );
}

/**
 * A model that says what the last position tells it to, since each kind of position has a dimension of its own: after a
 * question PROPERTIES C0 for a count and ZOOM C1 for the rest, after a picture 3, after a result or a number ANSWER, then
 * YES and END.
 */
export function scriptedModel(): {
  config: VisionLanguageConfig;
  parameters: Record<string, tf.Tensor>;
} {
  const config = modelConfigOf(tinyConfig());
  const specs = visionLanguageSpecs(config);
  const { dim, vocabularySize } = config;
  const values = Object.fromEntries(
    Object.entries(specs).map(([name, { shape }]) => [
      name,
      new Float32Array(shape.reduce((product, extent) => product * extent, 1)),
    ]),
  );
  const script: [heard: readonly number[], said: number][] = [
    [Array.from({ length: 16 }, (_, cell) => cellToken(cell)), TOKENS.zoom],
    [[TOKENS.questionCount], TOKENS.properties],
    [[TOKENS.zoom], cellToken(1)],
    [[TOKENS.properties], cellToken(0)],
    [[TOKENS.empty, TOKENS.faint, TOKENS.strong, numberToken(3)], TOKENS.answer],
    [[TOKENS.answer], TOKENS.yes],
    [[TOKENS.yes], TOKENS.end],
  ];
  const picture = script.length;
  for (const [dimension, [heard, said]] of script.entries()) {
    for (const token of heard) values['decoder.tokens']![token * dim + dimension] = 1;
    values['decoder.head.weight']![dimension * vocabularySize + said] = 1;
  }
  values['encoder.norm.bias']![picture] = 1;
  values['decoder.head.weight']![picture * vocabularySize + numberToken(3)] = 1;
  values['decoder.norm.weight']!.fill(1);
  const parameters = Object.fromEntries(
    Object.entries(specs).map(([name, { shape }]) => [name, tf.tensor(values[name]!, [...shape])]),
  );
  return { config, parameters };
}
