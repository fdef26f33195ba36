import type * as core from '@tensorflow/tfjs-core';
import type {
  KernelConfig,
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
} from '@tensorflow/tfjs-core';

/** What {@link fusedLayers} needs of TensorFlow.js: `@tensorflow/tfjs` and `-core` both have it. */
export type TensorFlowEngine = Pick<typeof core, 'engine' | 'getBackend' | 'getKernel'>;

/** Form of the Gaussian error linear unit: exact by the error function, or its usual approximation by tanh. */
export type GeluForm = 'erf' | 'tanh';

/** Gaussian error linear units, and what their gradient needs of the forward pass; both in the shape of what went in. */
export interface GeluResult {
  readonly value: Tensor;
  /** dy/dx: the gradient is its product with the gradient of the value. */
  readonly derivative: Tensor;
}

/** The tensors and the number of a layer normalisation. */
export interface LayerNormOptions {
  /** `[dim]`: the scale. */
  readonly weight: Tensor;
  /** `[dim]`: the shift. */
  readonly bias: Tensor;
  /** Added to the variance. */
  readonly epsilon: number;
}

/** A layer normalisation's value, and what its gradient needs of the forward pass. */
export interface LayerNormResult {
  /** `[rows, dim]` */
  readonly value: Tensor2D;
  /** `[rows]` */
  readonly mean: Tensor1D;
  /** `[rows]`: 1 / √(variance + epsilon) */
  readonly inverseDeviation: Tensor1D;
}

/** What the gradient of a layer normalisation is computed from. */
export interface LayerNormGradientInputs {
  /** `[rows, dim]`: gradient of the value. */
  readonly dy: Tensor;
  /** `[rows, dim]`: what was normalised. */
  readonly x: Tensor;
  /** `[dim]` */
  readonly weight: Tensor;
  /** As the forward pass gave it. */
  readonly mean: Tensor;
  /** As the forward pass gave it. */
  readonly inverseDeviation: Tensor;
}

/** Gradients of a layer normalisation's inputs, in their shapes. */
export interface LayerNormGradients {
  readonly dx: Tensor2D;
  readonly dWeight: Tensor1D;
  readonly dBias: Tensor1D;
}

/** How rows make sequences, and sequences are attended to. */
export interface FusedAttentionOptions {
  /** Number of sequences. */
  readonly batch: number;
  /** Positions of each sequence. */
  readonly length: number;
  /** Number of heads; divides `dim`. */
  readonly heads: number;
  /** Whether a position attends to itself and earlier ones alone. */
  readonly isCausal: boolean;
}

/** The value of an attention, and what its gradient needs of the forward pass. */
export interface AttentionResult {
  /** `[batch·length, dim]` */
  readonly value: Tensor2D;
  /** `[batch·heads, length, length]`: how much each position (row) takes of each other (column). */
  readonly probabilities: Tensor3D;
}

/** What the gradient of an attention is computed from. */
export interface AttentionGradientInputs {
  /** `[batch·length, dim]`: gradient of the value. */
  readonly dy: Tensor;
  /** `[batch·length, 3·dim]`: the queries, keys and values of the forward pass. */
  readonly packed: Tensor;
  /** As the forward pass gave them. */
  readonly probabilities: Tensor;
}

/** What the rows of logits should have said. */
export interface CrossEntropyLabels {
  /** int32 `[rows]`: class of each row; −1 for a row without a target, which counts for nothing. */
  readonly targets: Tensor;
  /** float32 `[rows]`: weight of each row's loss. */
  readonly weights: Tensor;
}

/** A cross-entropy, and what its gradient needs of the forward pass. */
export interface CrossEntropyResult {
  readonly value: Scalar;
  /** `[rows, classes]` */
  readonly probabilities: Tensor2D;
}

/** What the gradient of a cross-entropy is computed from. */
export interface CrossEntropyGradientInputs extends CrossEntropyLabels {
  /** Scalar: gradient of the value. */
  readonly dy: Tensor;
  /** As the forward pass gave them. */
  readonly probabilities: Tensor;
}

/**
 * Whole layers as single kernels, each with the kernel of its gradient. Tensors are float32 unless said otherwise;
 * results are new tensors, which `tf.tidy` and `tf.dispose` treat like any other.
 *
 * On wasm the bits of every result are defined: each operation rounds to float32, and the order of every sum is stated. A
 * *chain* adds its terms to +0 in ascending order. A sum *in n parts* adds terms j, j + n, j + 2n, … to part j in
 * ascending order; four parts end as (0 + 1) + (2 + 3), sixteen first become four, part j being
 * (j + (j + 8)) + ((j + 4) + (j + 12)). A row of a result does not depend on the other rows of the call. exp and log
 * are those of `tf.exp` and `tf.log` with the kernels installed. NaN reaches what is computed from it and nothing else.
 * On webgpu sums are in another order and exp and log the device's own: the same numbers within rounding.
 *
 * Every function throws TypeError for a tensor of another type, RangeError for a shape that does not fit or a full heap.
 *
 * These functions are no entries of the gradient tape. `tf.customGrad` makes a differentiable layer of a pair:
 *
 * ```js
 * const layers = fusedLayers(tf);
 * const layerNorm = tf.customGrad((x, weight, bias, save) => {
 *   const { value, mean, inverseDeviation } = layers.layerNorm(x, { weight, bias, epsilon: 1e-6 });
 *   save([x, weight, mean, inverseDeviation]);
 *   return {
 *     value,
 *     gradFunc: (dy, [x, weight, mean, inverseDeviation]) => {
 *       const gradients = layers.layerNormGradient({ dy, x, weight, mean, inverseDeviation });
 *       return [gradients.dx, gradients.dWeight, gradients.dBias];
 *     },
 *   };
 * });
 * const gradientOfX = tf.grad((x) => layerNorm(x, weight, bias).square().sum())(x);
 * ```
 */
export interface FusedLayers {
  /**
   * Gaussian error linear unit (Hendrycks & Gimpel 2016), x · Φ(x), and its derivative, of any shape.
   *
   * @param form Φ by the error function, or by its approximation with tanh.
   */
  gelu(x: Tensor, form: GeluForm): GeluResult;

  /**
   * Layer normalisation (Ba, Kiros & Hinton 2016) of rows: ((x − mean) · inverseDeviation) · weight + bias, with mean =
   * Σx / dim, variance = Σ(x − mean)² / dim and inverseDeviation = 1 / √(variance + epsilon). Sums in sixteen parts.
   *
   * @param x `[rows, dim]`
   */
  layerNorm(x: Tensor, options: LayerNormOptions): LayerNormResult;

  /**
   * Gradients of {@link layerNorm}. With x̂ = (x − mean) · inverseDeviation and d = dy · weight, dx =
   * ((d − Σd / dim) − x̂ · (Σ(d · x̂) / dim)) · inverseDeviation, sums in sixteen parts; dWeight = Σ(dy · x̂) and dBias =
   * Σdy are chains over rows.
   */
  layerNormGradient(inputs: LayerNormGradientInputs): LayerNormGradients;

  /**
   * Multi-head scaled dot-product attention (Vaswani et al. 2017, section 3.2): in every head, probabilities =
   * softmax(Q · Kᵀ / √headDim) and value = probabilities · V. Scores less their row's maximum are multiplied by the
   * rounded 1 / √headDim; exponentials are summed in four parts and multiplied by the inverse of their sum; entries of
   * products are chains. A causal row sums over itself and earlier positions alone, and the probabilities of later ones
   * are exactly 0; only an infinity or NaN may reach the earlier ones of the same twenty positions.
   *
   * @param packed `[batch·length, 3·dim]`: queries, keys and values side by side, each `heads` groups of columns
   */
  attention(packed: Tensor, options: FusedAttentionOptions): AttentionResult;

  /**
   * Gradient of {@link attention} for `packed`, in its shape. With dP = dy · Vᵀ and dS = (P · (dP − Σ(dP · P))) /
   * √headDim entry by entry, the sum over a row in sixteen parts: dQ = dS · K, dK = dSᵀ · Q and dV = Pᵀ · dy, chains
   * all. During the call it takes length² numbers of memory besides its result.
   */
  attentionGradient(inputs: AttentionGradientInputs, options: FusedAttentionOptions): Tensor2D;

  /**
   * Σ weight · −log softmax(logits)[target] over the rows that have a target: log Σexp(z − maximum) − (z[target] −
   * maximum), times the weight, rounded; added over rows in ascending order in float64, and rounded. The sum of
   * exponentials is in four parts. A sum, not a mean, so that the parts of a batch add up to the batch.
   *
   * @param logits `[rows, classes]`
   * @throws {RangeError} If a target is no class and not −1; on webgpu, which would have to be waited for, nobody looks.
   */
  crossEntropySum(logits: Tensor, labels: CrossEntropyLabels): CrossEntropyResult;

  /**
   * Gradient of {@link crossEntropySum} for the logits: (probabilities − 1 at the target) · (dy · weight), and 0 in a row
   * without a target.
   */
  crossEntropyGradient(inputs: CrossEntropyGradientInputs): Tensor2D;

  /**
   * Sum of every column, a chain over rows: the gradient of a bias.
   *
   * @param x `[rows, columns]`
   */
  columnSums(x: Tensor): Tensor1D;
}

/**
 * Whole layers as single kernels, in any program that uses TensorFlow.js.
 *
 * @param tf The TensorFlow.js module that the program uses.
 * @returns undefined where the backend in use lacks them: `tf.setBackend('wasm')` and `installTrainingKernels` come first,
 *   or `tf.setBackend('webgpu')` and `installWebgpuKernels`.
 */
export function fusedLayers(tf: TensorFlowEngine): FusedLayers | undefined {
  return kernelInUse(tf, 'PixelisLayerNorm') === undefined ? undefined : new KernelLayers(tf);
}

/** A kernel of the backend in use; the type of tfjs's own function hides that there may be none. */
export function kernelInUse(tf: TensorFlowEngine, name: string): KernelConfig | undefined {
  return tf.getKernel(name, tf.getBackend());
}

class KernelLayers implements FusedLayers {
  private readonly engine;

  constructor(tf: TensorFlowEngine) {
    this.engine = tf.engine();
  }

  gelu(x: Tensor, form: GeluForm): GeluResult {
    const [value, derivative] = this.engine.runKernel<[Tensor, Tensor]>(
      'PixelisGelu',
      { x },
      { form },
    );
    return { value, derivative };
  }

  layerNorm(x: Tensor, { weight, bias, epsilon }: LayerNormOptions): LayerNormResult {
    const [value, mean, inverseDeviation] = this.engine.runKernel<[Tensor2D, Tensor1D, Tensor1D]>(
      'PixelisLayerNorm',
      { x, weight, bias },
      { epsilon },
    );
    return { value, mean, inverseDeviation };
  }

  layerNormGradient(inputs: LayerNormGradientInputs): LayerNormGradients {
    const [dx, dWeight, dBias] = this.engine.runKernel<[Tensor2D, Tensor1D, Tensor1D]>(
      'PixelisLayerNormGradient',
      { ...inputs },
    );
    return { dx, dWeight, dBias };
  }

  attention(packed: Tensor, options: FusedAttentionOptions): AttentionResult {
    const [value, probabilities] = this.engine.runKernel<[Tensor2D, Tensor3D]>(
      'PixelisAttention',
      { packed },
      { ...options },
    );
    return { value, probabilities };
  }

  attentionGradient(inputs: AttentionGradientInputs, options: FusedAttentionOptions): Tensor2D {
    return this.engine.runKernel<Tensor2D>(
      'PixelisAttentionGradient',
      { ...inputs },
      { ...options },
    );
  }

  crossEntropySum(logits: Tensor, { targets, weights }: CrossEntropyLabels): CrossEntropyResult {
    const [value, probabilities] = this.engine.runKernel<[Scalar, Tensor2D]>(
      'PixelisCrossEntropy',
      {
        logits,
        targets,
        weights,
      },
    );
    return { value, probabilities };
  }

  crossEntropyGradient(inputs: CrossEntropyGradientInputs): Tensor2D {
    return this.engine.runKernel<Tensor2D>('PixelisCrossEntropyGradient', { ...inputs });
  }

  columnSums(x: Tensor): Tensor1D {
    return this.engine.runKernel<Tensor1D>('PixelisColumnSums', { x });
  }
}
