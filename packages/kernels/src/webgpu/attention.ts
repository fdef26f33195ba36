import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type AttentionCall, attentionOf } from '../layers/attention-call';
import type { ComputeProgram } from './compute-program';
import type { Dispatcher } from './dispatcher';
import { mergeHeads, splitHeads } from './heads';
import type { WebgpuKernelSet } from './webgpu-kernel';
import { ROW_LANES, ROW_REDUCTIONS, ROW_SOFTMAX } from './workgroup-reduction';

/** Softmax of scaled scores; a causal row sees columns up to its own place, and the others become 0. */
const PROBABILITIES: ComputeProgram = {
  name: 'attention probabilities',
  inputs: { scores: 'f32' },
  outputs: ['probabilities'],
  uniforms: { length: 'u32', isCausal: 'u32', scale: 'f32' },
  workgroupSize: ROW_LANES,
  declarations: ROW_SOFTMAX,
  body: `
  let start = group * u.length;
  let seen = select(u.length, group % u.length + 1u, u.isCausal == 1u);
  var highest = LOWEST;
  for (var column = lane; column < seen; column += SIZE) {
    highest = max(highest, scores[start + column]);
  }
  let maximum = maximumOfRow(highest, lane);
  var sum = 0.0;
  for (var column = lane; column < seen; column += SIZE) {
    let exponential = expOf((scores[start + column] - maximum) * u.scale);
    probabilities[start + column] = exponential;
    sum += exponential;
  }
  let inverse = 1.0 / sumOfRow(sum, lane);
  for (var column = lane; column < u.length; column += SIZE) {
    if (column < seen) { probabilities[start + column] *= inverse; }
    else { probabilities[start + column] = 0.0; }
  }`,
};

/** dS = P · (dP − Σ(dP · P)) · scale. */
const SCORE_GRADIENT: ComputeProgram = {
  name: 'gradient of attention scores',
  inputs: { probabilities: 'f32', dProbabilities: 'f32' },
  outputs: ['dScores'],
  uniforms: { length: 'u32', isCausal: 'u32', scale: 'f32' },
  workgroupSize: ROW_LANES,
  declarations: ROW_REDUCTIONS,
  body: `
  let start = group * u.length;
  let seen = select(u.length, group % u.length + 1u, u.isCausal == 1u);
  var sum = 0.0;
  for (var column = lane; column < seen; column += SIZE) {
    sum += dProbabilities[start + column] * probabilities[start + column];
  }
  let average = sumOfRow(sum, lane);
  for (var column = lane; column < u.length; column += SIZE) {
    var slope = 0.0;
    if (column < seen) {
      slope = probabilities[start + column] * (dProbabilities[start + column] - average) * u.scale;
    }
    dScores[start + column] = slope;
  }`,
};

/** `PixelisAttention` and its gradient: heads taken apart, matrix products of tfjs, softmax, heads put together. */
export const attentionKernels: WebgpuKernelSet = (dispatcher) => ({
  PixelisAttention: (call) => {
    const attention = attentionOf(call);
    const [query, key, value] = threeHeads(dispatcher, attention);
    const scores = dispatcher.matMul(query, key, { transposeB: true });
    const probabilities = alongRows(dispatcher, PROBABILITIES, { inputs: [scores], attention });
    const out = dispatcher.matMul(probabilities, value);
    const merged = mergeHeads(dispatcher, [out], attention);
    dispatcher.dispose([query, key, value, scores, out]);
    return [merged, probabilities];
  },
  PixelisAttentionGradient: (call) => {
    const attention = attentionOf(call);
    const { inputs, valueShape, probabilityShape } = attention;
    const probabilities = inputs.floats('probabilities', probabilityShape);
    const [query, key, value] = threeHeads(dispatcher, attention);
    const [dOut] = splitHeads(dispatcher, inputs.floats('dy', valueShape), {
      ...attention,
      parts: 1,
    });
    if (dOut === undefined) return [];
    const dProbabilities = dispatcher.matMul(dOut, value, { transposeB: true });
    const dScores = alongRows(dispatcher, SCORE_GRADIENT, {
      inputs: [probabilities, dProbabilities],
      attention,
    });
    const parts = [
      dispatcher.matMul(dScores, key),
      dispatcher.matMul(dScores, query, { transposeA: true }),
      dispatcher.matMul(probabilities, dOut, { transposeA: true }),
    ];
    const dPacked = mergeHeads(dispatcher, parts, attention);
    dispatcher.dispose([query, key, value, dOut, dProbabilities, dScores, ...parts]);
    return dPacked;
  },
});

function threeHeads(
  dispatcher: Dispatcher,
  attention: AttentionCall,
): [query: TensorInfo, key: TensorInfo, value: TensorInfo] {
  const [query, key, value] = splitHeads(dispatcher, attention.packed, { ...attention, parts: 3 });
  if (query === undefined || key === undefined || value === undefined) {
    throw new TypeError('Heads are of three parts');
  }
  return [query, key, value];
}

/** A program that has a workgroup for each row of the probabilities. */
function alongRows(
  dispatcher: Dispatcher,
  program: ComputeProgram,
  { inputs, attention }: { readonly inputs: TensorInfo[]; readonly attention: AttentionCall },
): TensorInfo {
  const { batch, heads, length, isCausal, scale, probabilityShape } = attention;
  return dispatcher.runOne(program, {
    inputs,
    shape: probabilityShape,
    uniforms: { length, isCausal: Number(isCausal), scale },
    groups: batch * heads * length,
  });
}
