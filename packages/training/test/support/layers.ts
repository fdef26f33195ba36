import type * as tf from '@tensorflow/tfjs';
import { tensorOf } from '../../src/host-tensors';
import { addPositions } from '../../src/layers/add-positions';
import { assembleSequence } from '../../src/layers/assemble-sequence';
import { attention } from '../../src/layers/attention';
import {
  crossEntropyLabels,
  type CrossEntropyLabels,
  crossEntropySum,
} from '../../src/layers/cross-entropy';
import { embedding, oneHotRows } from '../../src/layers/embedding';
import { gelu } from '../../src/layers/gelu';
import { layerNorm } from '../../src/layers/layer-norm';
import { linear } from '../../src/layers/linear';
import { patchEmbedding } from '../../src/layers/patch-embedding';
import { type RowSelection, rowSelection, selectRows } from '../../src/layers/select-rows';
import { readFixture, type EncodedTensor, type Layer } from './tensors';

/** One case of `fixtures/layers.json`. */
export interface LayerCase {
  readonly name: string;
  readonly settings: Settings;
  readonly inputs: Record<string, EncodedTensor>;
  readonly value: EncodedTensor;
  readonly upstream: EncodedTensor;
  readonly gradients: Record<string, EncodedTensor>;
}

interface Settings {
  readonly batch: number;
  readonly length: number;
  readonly heads: number;
  readonly isCausal: boolean;
  readonly targets: number[];
  readonly weights: number[];
  readonly ids: number[];
  readonly indices: number[];
  readonly imageSize: number;
  readonly patchSize: number;
  readonly tokens: number[];
  readonly patches: number[];
}

type Named = Record<string, tf.Tensor>;

const LAYERS: Record<string, (inputs: Named, settings: Settings) => tf.Tensor> = {
  linear: ({ x, weight, bias }) => linear(x!, { weight: weight!, bias: bias! }),
  layer_norm: ({ x, weight, bias }) => layerNorm(x!, { weight: weight!, bias: bias! }),
  gelu: ({ x }) => gelu(x!),
  attention: ({ packed }, settings) => attention(packed!, settings),
  cross_entropy: ({ logits }, { targets, weights }) =>
    crossEntropySum(logits!, labelsOf({ targets, weights }, logits!.shape[1]!)),
  embedding: ({ table }, { ids }) => embedding(table!, idRows(ids, table!)),
  select_rows: ({ x }, { indices }) => selectRows(x!, selectionOf(indices, x!)),
  add_positions: ({ x, table }, { batch, length }) =>
    addPositions(x!, { table: table!, batch, length }),
  patch_embedding: ({ images, weight, bias }, { imageSize, patchSize }) =>
    patchEmbedding(images!, { weight: weight!, bias: bias!, imageSize, patchSize }),
  assemble_sequence: ({ tokenTable, patchFeatures }, { tokens, patches }) =>
    assembleSequence(
      { tokenTable: tokenTable!, patchFeatures: patchFeatures! },
      { tokens: idRows(tokens, tokenTable!), patches: selectionOf(patches, patchFeatures!) },
    ),
};

/** Every case of the layer fixtures. */
export const layerCases = (readFixture('layers') as { cases: LayerCase[] }).cases;

/** The layer that a case is of. */
export function layerOf({ name, settings }: LayerCase): Layer {
  return (inputs) => LAYERS[name]!(inputs, settings);
}

/** A case in a few words. */
export function titleOf({ name, inputs, settings }: LayerCase): string {
  const shapes = Object.values(inputs).map(({ shape }) => `[${shape.join(', ')}]`);
  return `${name}() ${shapes.join(' ')}${settings.isCausal ? ' causal' : ''}`;
}

/** Labels on the backend. */
export function labelsOf(
  {
    targets,
    weights,
  }: { readonly targets: readonly number[]; readonly weights: readonly number[] },
  classes: number,
): CrossEntropyLabels {
  const labels = crossEntropyLabels(
    { targets: Int32Array.from(targets), weights: Float32Array.from(weights) },
    classes,
  );
  return { targets: tensorOf(labels.targets), weights: tensorOf(labels.weights) };
}

/** A selection among the rows of `x`, on the backend. */
export function selectionOf(indices: readonly number[], x: tf.Tensor): RowSelection {
  const { rows, places } = rowSelection(Int32Array.from(indices), x.shape[0]);
  return { rows: tensorOf(rows), places: tensorOf(places) };
}

function idRows(ids: readonly number[], table: tf.Tensor): tf.Tensor {
  return tensorOf(oneHotRows(Int32Array.from(ids), table.shape[0]));
}
