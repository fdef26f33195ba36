/** What a backend's numbers may differ by, each in parts of the largest entry of its tensor. */
export interface Tolerances {
  /** Values of layers. */
  readonly layerValue: number;
  /** Gradients of layers. */
  readonly layerGradient: number;
  /** Clipped gradients and their norm, and weights and moments after each step of AdamW. */
  readonly optimizer: number;
  /** Loss of a model over one shard. */
  readonly modelLoss: number;
  /** Gradients of a model over one shard. */
  readonly modelGradient: number;
  /** Loss, and norm of the gradient, of each step of a short training. */
  readonly trainingCurve: number;
  /** Weights after a short training. */
  readonly trainingWeights: number;
}

/** The backends that are held to {@link TOLERANCES}. */
export type ConformanceBackend = 'reference' | 'wasm' | 'cpu' | 'webgpu' | 'gpu';

/** For exponentials, roots and quotients that are right to a unit or two in the last place; what was measured, times 3 to 6. */
const PROCESSOR: Tolerances = {
  layerValue: 5e-6,
  layerGradient: 1e-5,
  optimizer: 1e-6,
  modelLoss: 1e-6,
  modelGradient: 1e-5,
  trainingCurve: 1e-4,
  trainingWeights: 5e-5,
};

/**
 * Wider, since it is left to each driver how exact exponentials and quotients are: WGSL allows 3 + 2·|x| units in the last place for exp(x)
 * (its section "Floating Point Accuracy").
 */
const GRAPHICS: Tolerances = {
  layerValue: 2e-5,
  layerGradient: 5e-5,
  optimizer: 2e-6,
  modelLoss: 5e-6,
  modelGradient: 5e-5,
  trainingCurve: 5e-4,
  trainingWeights: 2e-4,
};

/** What each backend is held to; `docs/guides/backends.md` states the same, and what was measured. */
export const TOLERANCES: Readonly<Record<ConformanceBackend, Tolerances>> = {
  reference: PROCESSOR,
  wasm: PROCESSOR,
  cpu: PROCESSOR,
  webgpu: GRAPHICS,
  gpu: GRAPHICS,
};
