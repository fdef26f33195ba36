/**
 * The names of the outputs of TensorFlow's operations, as in its operation definitions: inside a function a value is
 * referred to by them (`node:name:index`). Operations with one output stand under its name. Operations whose output's
 * shape depends on values (Where, Unique, NonMaxSuppression) are left out: XLA wants shapes that are known.
 */
const SINGLE_OUTPUT: Readonly<Record<string, string>> = {
  output:
    'All Any ArgMax ArgMin AvgPool AvgPool3D AvgPool3DGrad AvgPoolGrad BatchMatMul BatchMatMulV2 BatchToSpaceND BiasAddGrad ClipByValue ConcatV2 Conv2D Conv2DBackpropFilter Conv2DBackpropInput Conv3D Conv3DBackpropFilterV2 Conv3DBackpropInputV2 DepthToSpace DepthwiseConv2dNative DepthwiseConv2dNativeBackpropFilter DepthwiseConv2dNativeBackpropInput Diag Dilation2D Einsum ExpandDims FFT Fill GatherNd GatherV2 IFFT Identity Imag LRN LRNGrad LinSpace Max MaxPool MaxPool3D MaxPool3DGrad MaxPoolGrad Mean Min MirrorPad OneHot Pack PadV2 Prod Range Real Reshape ResizeBilinearGrad ResizeNearestNeighborGrad ReverseV2 ScatterNd Select Slice SpaceToBatchND SplitV StridedSlice Sum TensorScatterUpdate Tile Unpack UnsortedSegmentSum',
  y: 'Abs Acos Acosh Asin Asinh Atan Atanh Cast Ceil ComplexAbs Cos Cosh Erf Exp Expm1 Floor IsFinite IsInf IsNan Log Log1p LogicalNot Neg OnesLike Reciprocal Round Rsqrt Sigmoid Sign Sin Sinh Sqrt Square Tan Tanh Transpose ZerosLike',
  z: 'Add Atan2 Div DivNoNan Equal FloorDiv FloorMod Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr Maximum Minimum Mod Mul NotEqual Pow RealDiv SquaredDifference Sub',
  activations: 'Elu LeakyRelu Relu Relu6 Selu Softplus',
  out: 'Complex Cumprod Cumsum',
  resized_images: 'ResizeBilinear ResizeNearestNeighbor',
  sum: 'AddN',
  bins: 'Bincount',
  crops: 'CropAndResize',
  filter_backprop: 'Dilation2DBackpropFilter',
  in_backprop: 'Dilation2DBackpropInput',
  backprops: 'EluGrad',
  softmax: 'Softmax',
  dense: 'SparseToDense',
};

const SEVERAL_OUTPUTS: Readonly<Record<string, readonly string[]>> = {
  TopKV2: ['values', 'indices'],
};

const OUTPUTS_BY_OP: ReadonlyMap<string, readonly string[]> = new Map([
  ...Object.entries(SINGLE_OUTPUT).flatMap(function byOp([output, ops]) {
    return ops.split(' ').map((op): [string, readonly string[]] => [op, [output]]);
  }),
  ...Object.entries(SEVERAL_OUTPUTS),
]);

/** Whether the outputs of the operation are known, so that it can be recorded. */
export function isKnownOp(op: string): boolean {
  return OUTPUTS_BY_OP.has(op);
}

/**
 * How a function body refers to output `index` of the node `name`, which runs `op`.
 *
 * @throws RangeError for an operation or output that is not known.
 */
export function outputReference(
  op: string,
  { name, index }: { name: string; index: number },
): string {
  const outputs = OUTPUTS_BY_OP.get(op);
  if (outputs === undefined)
    throw new RangeError(`Cannot refer to an output: op must be known: current value is ${op}`);
  // An operation with one declared output may have a list in it, such as the parts of SplitV.
  const [only] = outputs;
  if (outputs.length === 1 && only !== undefined) return `${name}:${only}:${index}`;
  const output = outputs[index];
  if (output === undefined)
    throw new RangeError(
      `Cannot refer to an output: index must be < ${outputs.length}: current value is ${index}`,
    );
  return `${name}:${output}:0`;
}
