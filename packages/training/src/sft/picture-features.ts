import { patchCountOf, type ReasoningSequence } from '@pixelis/data';
import * as tf from '@tensorflow/tfjs';
import { tensorOf } from '../host-tensors';
import { imageFeatures, imageInput, type VisionLanguageConfig } from '../models/vision-language';
import type { ParameterTree } from '../parameters';

/**
 * The patch features of the pictures in growing sequences: while a model decodes, each picture goes through the encoder
 * once, not again for every token.
 */
export class PictureFeatures {
  private features: tf.Tensor2D;
  /** For each sequence the places of its pictures among all that were encoded. */
  private readonly places = new Map<ReasoningSequence, number[]>();
  private count = 0;

  constructor(
    readonly parameters: ParameterTree,
    readonly config: VisionLanguageConfig,
  ) {
    this.features = tf.zeros([0, config.dim]);
  }

  /**
   * Encodes what is new in the sequences.
   *
   * @param patches The places of patches that `collate` gave for these sequences in this order.
   * @returns The features of all pictures encoded so far, and the same places as rows of them. The features belong to
   * this object and are valid until the next call.
   */
  of(
    sequences: readonly ReasoningSequence[],
    patches: Int32Array,
  ): { patchFeatures: tf.Tensor2D; patches: Int32Array } {
    this.encode(sequences.flatMap((sequence) => this.register(sequence)));
    const patchCount = patchCountOf(this.config.patchSize);
    const places = sequences.flatMap((sequence) => this.places.get(sequence) ?? []);
    return {
      patchFeatures: this.features,
      patches: patches.map((row) => {
        const place = places[Math.floor(row / patchCount)];
        return place === undefined ? row : place * patchCount + (row % patchCount);
      }),
    };
  }

  dispose(): void {
    this.features.dispose();
  }

  /** Gives the new pictures of a sequence their places. */
  private register(sequence: ReasoningSequence): Uint8Array[] {
    const known = this.places.get(sequence) ?? [];
    const pictures = sequence.entries.flatMap((entry) =>
      entry.type === 'image' ? [entry.pixels] : [],
    );
    const fresh = pictures.slice(known.length);
    this.places.set(sequence, [...known, ...fresh.map(() => this.count++)]);
    return fresh;
  }

  private encode(pictures: readonly Uint8Array[]): void {
    if (pictures.length === 0) return;
    const previous = this.features;
    const images = imageInput(Buffer.concat(pictures), this.config.imageSize);
    this.features = tf.tidy(() =>
      tf.concat([previous, imageFeatures(this.parameters, tensorOf(images), this.config)]),
    );
    previous.dispose();
  }
}
