import { LayerInputs } from '../layers/layer-inputs';
import type { ComputeProgram } from './compute-program';
import { ELEMENTWISE_LANES, groupsOf } from './elementwise';
import type { WebgpuKernelSet } from './webgpu-kernel';

const SCALARS = ['beta1', 'beta2', 'epsilon', 'stepSize', 'rootCorrection', 'decay'] as const;

const STEP: ComputeProgram = {
  name: 'AdamW',
  inputs: { parameters: 'f32', gradients: 'f32', m: 'f32', v: 'f32', decayMask: 'f32' },
  outputs: ['next', 'nextM', 'nextV'],
  uniforms: {
    count: 'u32',
    beta1: 'f32',
    oneLessBeta1: 'f32',
    beta2: 'f32',
    oneLessBeta2: 'f32',
    epsilon: 'f32',
    stepSize: 'f32',
    rootCorrection: 'f32',
    decay: 'f32',
  },
  workgroupSize: ELEMENTWISE_LANES,
  body: `
  let index = group * SIZE + lane;
  if (index >= u.count) { return; }
  let gradient = gradients[index];
  let mean = m[index] * u.beta1 + gradient * u.oneLessBeta1;
  let square = v[index] * u.beta2 + gradient * gradient * u.oneLessBeta2;
  let denominator = sqrt(square) / u.rootCorrection + u.epsilon;
  let kept = parameters[index] * (1.0 - decayMask[index] * u.decay);
  next[index] = kept - mean / denominator * u.stepSize;
  nextM[index] = mean;
  nextV[index] = square;`,
};

/** `PixelisAdamW`: a whole step over the flat vector of all parameters, in one dispatch. */
export const adamWKernels: WebgpuKernelSet = (dispatcher) => ({
  PixelisAdamW: (call) => {
    const inputs = new LayerInputs('AdamW', call);
    const parameters = inputs.floats('parameters');
    const { shape } = parameters;
    const vectors = ['gradients', 'm', 'v', 'decayMask'].map((name) => inputs.floats(name, shape));
    const scalars = Object.fromEntries(SCALARS.map((name) => [name, inputs.number(name)]));
    const count = shape.reduce((product, extent) => product * extent, 1);
    return dispatcher.run(STEP, {
      inputs: [parameters, ...vectors],
      shapes: [shape, shape, shape],
      uniforms: {
        ...scalars,
        count,
        oneLessBeta1: 1 - inputs.number('beta1'),
        oneLessBeta2: 1 - inputs.number('beta2'),
      },
      groups: groupsOf(count),
    });
  },
});
