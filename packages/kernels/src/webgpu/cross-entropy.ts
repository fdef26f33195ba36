import { LayerInputs } from '../layers/layer-inputs';
import type { ComputeProgram } from './compute-program';
import { ELEMENTWISE_LANES, groupsOf } from './elementwise';
import type { WebgpuKernelSet } from './webgpu-kernel';
import { ROW_LANES, ROW_REDUCTIONS, ROW_SOFTMAX } from './workgroup-reduction';

const LAYER = 'cross-entropy';

const ROWS: ComputeProgram = {
  name: LAYER,
  inputs: { logits: 'f32', targets: 'i32', weights: 'f32' },
  outputs: ['probabilities', 'losses'],
  uniforms: { classes: 'u32' },
  workgroupSize: ROW_LANES,
  declarations: ROW_SOFTMAX,
  body: `
  let start = group * u.classes;
  var highest = LOWEST;
  for (var class_ = lane; class_ < u.classes; class_ += SIZE) {
    highest = max(highest, logits[start + class_]);
  }
  let maximum = maximumOfRow(highest, lane);
  var sum = 0.0;
  for (var class_ = lane; class_ < u.classes; class_ += SIZE) {
    let exponential = expOf(logits[start + class_] - maximum);
    probabilities[start + class_] = exponential;
    sum += exponential;
  }
  let total = sumOfRow(sum, lane);
  for (var class_ = lane; class_ < u.classes; class_ += SIZE) {
    probabilities[start + class_] /= total;
  }
  if (lane == 0u) {
    let label = targets[group];
    var loss = 0.0;
    if (label >= 0) {
      loss = weights[group] * (logOf(total) - (logits[start + u32(label)] - maximum));
    }
    losses[group] = loss;
  }`,
};

/** Of one workgroup: rows are thousands at most. */
const TOTAL: ComputeProgram = {
  name: 'sum',
  inputs: { x: 'f32' },
  outputs: ['total'],
  uniforms: { count: 'u32' },
  workgroupSize: ROW_LANES,
  declarations: ROW_REDUCTIONS,
  body: `
  var sum = 0.0;
  for (var index = lane; index < u.count; index += SIZE) { sum += x[index]; }
  let all = sumOfRow(sum, lane);
  if (lane == 0u) { total[0] = all; }`,
};

const GRADIENT: ComputeProgram = {
  name: `gradient of ${LAYER}`,
  inputs: { dy: 'f32', probabilities: 'f32', targets: 'i32', weights: 'f32' },
  outputs: ['dLogits'],
  uniforms: { count: 'u32', classes: 'u32' },
  workgroupSize: ELEMENTWISE_LANES,
  body: `
  let index = group * SIZE + lane;
  if (index >= u.count) { return; }
  let row = index / u.classes;
  let label = targets[row];
  var slope = 0.0;
  if (label >= 0) {
    let isTarget = u32(label) == index % u.classes;
    slope = (probabilities[index] - select(0.0, 1.0, isTarget)) * (dy[0] * weights[row]);
  }
  dLogits[index] = slope;`,
};

/** `PixelisCrossEntropy` in two dispatches and `PixelisCrossEntropyGradient` in one. Targets are not checked: that would wait for the GPU. */
export const crossEntropyKernels: WebgpuKernelSet = (dispatcher) => ({
  PixelisCrossEntropy: (call) => {
    const inputs = new LayerInputs(LAYER, call);
    const [logits, rows, classes] = inputs.matrix('logits');
    const labels = [inputs.integers('targets', [rows]), inputs.floats('weights', [rows])];
    const [probabilities, losses] = dispatcher.run(ROWS, {
      inputs: [logits, ...labels],
      shapes: [[rows, classes], [rows]],
      uniforms: { classes },
      groups: rows,
    });
    if (probabilities === undefined || losses === undefined) return [];
    const value = dispatcher.runOne(TOTAL, {
      inputs: [losses],
      shape: [],
      uniforms: { count: rows },
      groups: 1,
    });
    dispatcher.dispose([losses]);
    return [value, probabilities];
  },
  PixelisCrossEntropyGradient: (call) => {
    const inputs = new LayerInputs(`gradient of ${LAYER}`, call);
    const [probabilities, rows, classes] = inputs.matrix('probabilities');
    const labels = [inputs.integers('targets', [rows]), inputs.floats('weights', [rows])];
    const count = rows * classes;
    return dispatcher.runOne(GRADIENT, {
      inputs: [inputs.floats('dy', []), probabilities, ...labels],
      shape: [rows, classes],
      uniforms: { count, classes },
      groups: groupsOf(count),
    });
  },
});
