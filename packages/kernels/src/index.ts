export type { ArenaShape } from './arena/arena-layout';
export {
  type AdamWScalars,
  ParameterArena,
  type ParameterRange,
  type SharedArena,
} from './arena/parameter-arena';
export { tensorValues } from './arena/tensor-values';
export {
  type FusedTransformerBlock,
  fusedTransformerBlock,
  type TransformerBlockGradientInputs,
  type TransformerBlockGradients,
  type TransformerBlockOptions,
  type TransformerBlockParameters,
  transformerBlockParameters,
  type TransformerBlockResult,
} from './blocks/fused-transformer-block';
export {
  type InstalledKernels,
  installTrainingKernels,
  type TensorFlowKernels,
} from './install-training-kernels';
export {
  type AttentionGradientInputs,
  type AttentionResult,
  type CrossEntropyGradientInputs,
  type CrossEntropyLabels,
  type CrossEntropyResult,
  type FusedAttentionOptions,
  fusedLayers,
  type FusedLayers,
  type GeluForm,
  type GeluResult,
  type LayerNormGradientInputs,
  type LayerNormGradients,
  type LayerNormOptions,
  type LayerNormResult,
  type TensorFlowEngine,
} from './layers/fused-layers';
export { fusedAdamW, type FusedAdamWInput, type FusedAdamWResult } from './webgpu/fused-adamw';
export { installWebgpuKernels, type TensorFlowRegistry } from './webgpu/install-webgpu-kernels';
