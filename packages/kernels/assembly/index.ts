export { multiply, multiplyStrided, scratchBytes } from './matrix-product';
export { attention, attentionGradient } from './layers/attention';
export { columnSums } from './layers/column-sums';
export { crossEntropy, crossEntropyGradient } from './layers/cross-entropy';
export { layerNorm, layerNormGradient } from './layers/layer-norm';
export { logSoftmax, softmax } from './layers/softmax';
export { copyView } from './shape';
export { divideInPlace, maximumAxis, minimumAxis, multiplyAxis, sumAxis } from './reductions';
export { addRowsById, gatherRows } from './embedding';
export { convolutionFilterGradient, convolutionInputGradient, convolve, patchBytes } from './convolution';
export { addDepthwise, addDepthwiseFilterGradient, addDepthwiseInputGradient } from './convolution-depthwise';
export { addMaximumGradient, addMeanGradient, poolMaximum, poolMean } from './convolution-pooling';
export {
  applyAbs, applyCeil, applyClipByValue, applyElu, applyErf, applyExp, applyExpm1, applyFloor, applyLeakyRelu,
  applyLog, applyLog1p, applyNeg, applyReciprocal, applyRelu, applyRelu6, applyRound, applyRsqrt, applySelu,
  applySigmoid, applySign, applySoftplus, applySqrt, applySquare, applyStep, applyTanh,
} from './elementwise-unary';
export {
  applyAdd, applyEluGrad, applyMaximum, applyMinimum, applyMultiply, applyPrelu, applyRealDiv,
  applySquaredDifference, applySub,
} from './elementwise-binary';
export { geluOfErf, geluOfTanh } from './elementwise-gelu';
export { selectEntries, selectRows } from './elementwise-select';
