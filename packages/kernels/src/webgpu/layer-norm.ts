import { LayerInputs } from '../layers/layer-inputs';
import { columnSums, columnSumsProgram } from './column-sums';
import type { ComputeProgram } from './compute-program';
import type { WebgpuKernelSet } from './webgpu-kernel';
import { ROW_LANES, ROW_REDUCTIONS } from './workgroup-reduction';

const LAYER = 'layer normalisation';

const VALUE: ComputeProgram = {
  name: LAYER,
  inputs: { x: 'f32', weight: 'f32', bias: 'f32' },
  outputs: ['value', 'mean', 'inverseDeviation'],
  uniforms: { columns: 'u32', epsilon: 'f32' },
  workgroupSize: ROW_LANES,
  declarations: ROW_REDUCTIONS,
  body: `
  let start = group * u.columns;
  var sum = 0.0;
  for (var column = lane; column < u.columns; column += SIZE) { sum += x[start + column]; }
  let centre = sumOfRow(sum, lane) / f32(u.columns);
  var squares = 0.0;
  for (var column = lane; column < u.columns; column += SIZE) {
    let distance = x[start + column] - centre;
    squares += distance * distance;
  }
  let inverse = 1.0 / sqrt(sumOfRow(squares, lane) / f32(u.columns) + u.epsilon);
  for (var column = lane; column < u.columns; column += SIZE) {
    value[start + column] = (x[start + column] - centre) * inverse * weight[column] + bias[column];
  }
  if (lane == 0u) {
    mean[group] = centre;
    inverseDeviation[group] = inverse;
  }`,
};

const GRADIENT: ComputeProgram = {
  name: `gradient of ${LAYER}`,
  inputs: { dy: 'f32', x: 'f32', weight: 'f32', mean: 'f32', inverseDeviation: 'f32' },
  outputs: ['dx'],
  uniforms: { columns: 'u32' },
  workgroupSize: ROW_LANES,
  declarations: ROW_REDUCTIONS,
  body: `
  let start = group * u.columns;
  let centre = mean[group];
  let inverse = inverseDeviation[group];
  var sum = 0.0;
  var sumAlongHat = 0.0;
  for (var column = lane; column < u.columns; column += SIZE) {
    let dHat = dy[start + column] * weight[column];
    sum += dHat;
    sumAlongHat += dHat * ((x[start + column] - centre) * inverse);
  }
  let average = sumOfRow(sum, lane) / f32(u.columns);
  let averageAlongHat = sumOfRow(sumAlongHat, lane) / f32(u.columns);
  for (var column = lane; column < u.columns; column += SIZE) {
    let hat = (x[start + column] - centre) * inverse;
    dx[start + column] =
      (dy[start + column] * weight[column] - average - hat * averageAlongHat) * inverse;
  }`,
};

const PARAMETER_GRADIENTS = columnSumsProgram(`gradients of the parameters of ${LAYER}`, {
  inputs: { dy: 'f32', x: 'f32', mean: 'f32', inverseDeviation: 'f32' },
  terms: {
    dWeight: 'dy[index] * ((x[index] - mean[row]) * inverseDeviation[row])',
    dBias: 'dy[index]',
  },
});

/** `PixelisLayerNorm` in one dispatch, `PixelisLayerNormGradient` in two or, of many rows, three. */
export const layerNormKernels: WebgpuKernelSet = (dispatcher) => ({
  PixelisLayerNorm: (call) => {
    const inputs = new LayerInputs(LAYER, call);
    const [x, rows, columns] = inputs.matrix('x');
    return dispatcher.run(VALUE, {
      inputs: [x, inputs.floats('weight', [columns]), inputs.floats('bias', [columns])],
      shapes: [[rows, columns], [rows], [rows]],
      uniforms: { columns, epsilon: inputs.number('epsilon') },
      groups: rows,
    });
  },
  PixelisLayerNormGradient: (call) => {
    const inputs = new LayerInputs(`gradient of ${LAYER}`, call);
    const [x, rows, columns] = inputs.matrix('x');
    const dy = inputs.floats('dy', [rows, columns]);
    const weight = inputs.floats('weight', [columns]);
    const statistics = [inputs.floats('mean', [rows]), inputs.floats('inverseDeviation', [rows])];
    const dx = dispatcher.run(GRADIENT, {
      inputs: [dy, x, weight, ...statistics],
      shapes: [[rows, columns]],
      uniforms: { columns },
      groups: rows,
    });
    const program = PARAMETER_GRADIENTS;
    return [
      ...dx,
      ...columnSums(dispatcher, { program, inputs: [dy, x, ...statistics], rows, columns }),
    ];
  },
});
