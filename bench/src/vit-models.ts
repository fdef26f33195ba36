import type { ImageClassifierConfig } from '@pixelis/training';

/** A vision transformer whose training step is timed. */
export interface VitModel {
  readonly name: string;
  readonly config: ImageClassifierConfig;
  /** Images of a step. */
  readonly batch: number;
  /** How many times PyTorch's time ours may take at equal threads. */
  readonly ratioGoal: number;
}

/** Values of a patch: 4×4 pixels of three colours. */
const PATCH_VALUES = 48;

export const VIT_MODELS: readonly VitModel[] = [
  vit({ dim: 128, layers: 4, positions: 50, batch: 32, ratioGoal: 3 }),
  vit({ dim: 192, layers: 12, positions: 65, batch: 32, ratioGoal: 4 }),
];

/** Vision transformers at 224 px (Dosovitskiy et al. 2021, table 1; Touvron et al. 2021 for S) for graphics cards. */
export const CARD_MODELS: readonly VitModel[] = [
  { name: 'ViT-S/16', dim: 384 },
  { name: 'ViT-B/16', dim: 768 },
].map(({ name, dim }) => ({
  name,
  config: {
    dim,
    layers: 12,
    heads: dim / 64,
    mlpRatio: 4,
    patches: (224 / 16) ** 2,
    patchValues: 3 * 16 * 16,
    classes: 1000,
  },
  batch: 64,
  ratioGoal: 1,
}));

interface VitSize {
  readonly dim: number;
  readonly layers: number;
  /** Patches and the class token. */
  readonly positions: number;
  readonly batch: number;
  readonly ratioGoal: number;
}

function vit({ dim, layers, positions, batch, ratioGoal }: VitSize): VitModel {
  return {
    name: `D${dim} L${layers} N${positions} B${batch}`,
    config: {
      dim,
      layers,
      heads: dim / 32,
      mlpRatio: 4,
      patches: positions - 1,
      patchValues: PATCH_VALUES,
      classes: 10,
    },
    batch,
    ratioGoal,
  };
}

/**
 * Floating-point operations of the matrix products of one step, forward and backward: two for each multiplication and
 * addition, three products for each of the forward pass.
 */
export function stepOperations({ config, batch }: VitModel): number {
  const { dim, layers, patches, patchValues } = config;
  const positions = patches + 1;
  const blocks = layers * (positions * 12 * dim * dim + 2 * positions * positions * dim);
  return 3 * 2 * batch * (blocks + positions * patchValues * dim);
}
