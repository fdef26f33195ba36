import type { VisionLanguageConfig, VisionLanguageInput } from '../../src/models/vision-language';
import { readFixture, type EncodedTensor } from './tensors';

interface ModelFixture {
  readonly config: VisionLanguageConfig;
  readonly parameters: Record<string, EncodedTensor>;
  readonly input: {
    readonly images: number[];
    readonly tokens: number[];
    readonly patches: number[];
    readonly batch: number;
    readonly length: number;
  };
  readonly targets: number[];
  readonly weights: number[];
  readonly logits: EncodedTensor;
  readonly loss: number;
  readonly gradients: Record<string, EncodedTensor>;
}

/** `fixtures/model.json`. */
export const modelFixture = readFixture('model') as ModelFixture;

/** The batch of the model fixture. */
export const modelInput: VisionLanguageInput = {
  images: Uint8Array.from(modelFixture.input.images),
  tokens: Int32Array.from(modelFixture.input.tokens),
  patches: Int32Array.from(modelFixture.input.patches),
  batch: modelFixture.input.batch,
  length: modelFixture.input.length,
};

/** The targets and weights of the model fixture. */
export const modelTargets = {
  targets: Int32Array.from(modelFixture.targets),
  weights: Float32Array.from(modelFixture.weights),
};
