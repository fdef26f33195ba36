import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HeadsShape } from './layer-definitions';

/** A float32 tensor of a fixture. */
export interface EncodedTensor {
  readonly shape: number[];
  /** Base64 of the little-endian bytes. */
  readonly data: string;
}

/** What PyTorch made of a layer. */
export interface LayerCase {
  readonly inputs: Readonly<Record<string, EncodedTensor>>;
  readonly value: EncodedTensor;
  readonly upstream: EncodedTensor;
  readonly gradients: Readonly<Record<string, EncodedTensor>>;
}

interface LayerFixtures {
  readonly layer_norm: (LayerCase & { readonly epsilon: number })[];
  readonly attention: (LayerCase & { readonly options: HeadsShape })[];
  readonly cross_entropy: (LayerCase & {
    readonly targets: number[];
    readonly weights: EncodedTensor;
  })[];
  readonly gelu: (LayerCase & { readonly form: 'erf' | 'tanh' })[];
}

/** `fixtures/layers.json`. */
export const layerFixtures = JSON.parse(
  readFileSync(join(__dirname, '../fixtures/layers.json'), 'utf8'),
) as LayerFixtures;

/** The numbers of a fixture's tensor. */
export function valuesOf({ data }: EncodedTensor): Float32Array {
  const bytes = Buffer.from(data, 'base64');
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) =>
    bytes.readFloatLE(4 * index),
  );
}
