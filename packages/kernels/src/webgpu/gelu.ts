import { util } from '@tensorflow/tfjs-core';
import { LayerInputs } from '../layers/layer-inputs';
import type { ComputeProgram } from './compute-program';
import { ELEMENTWISE_LANES, groupsOf } from './elementwise';
import { EXPONENTIAL } from './exponential';
import type { WebgpuKernelSet } from './webgpu-kernel';

/**
 * 1 − Φ(|x|) = exp(−x²/2) · s · Q(s) / 2 with s = 1 / (1 + |x| / √8). Q is fitted to the scaled complementary error function:
 * its relative error is below 7e-9, that of its value in f32 about 2e-7, on all of the axis.
 */
const ERF_FORM = `
  let decay = expOf(-0.5 * t * t);
  let s = 1.0 / (1.0 + abs(t) * 0.35355339059327);
  var q = 0.04448240373165542;
  q = q * s - 0.24131160117057948;
  q = q * s + 0.5080745138463184;
  q = q * s - 0.4725300568341162;
  q = q * s + 0.14529344011943673;
  q = q * s - 0.06539069315182157;
  q = q * s + 0.09528721661813314;
  q = q * s + 0.1749909618960797;
  q = q * s + 0.2469167604881409;
  q = q * s + 0.2820922429413987;
  q = q * s + 0.2820948184285104;
  let tail = 0.5 * decay * s * q;
  let phi = select(1.0 - tail, tail, t < 0.0);
  value[index] = t * phi;
  derivative[index] = phi + t * decay * 0.3989422804014327;`;

/** (1 + tanh(v)) / 2 = 1 / (1 + exp(−2·v)), by the exponential that is at most 1: nothing overflows, nothing cancels. */
const TANH_FORM = `
  let inner = 1.5957691216057308 * (t + 0.044715 * t * t * t);
  let decay = expOf(-abs(inner));
  let half = select(1.0, decay, inner < 0.0) / (1.0 + decay);
  let slope = decay / ((1.0 + decay) * (1.0 + decay)) * 1.5957691216057308 * (1.0 + 0.134145 * t * t);
  value[index] = t * half;
  derivative[index] = half + t * slope;`;

const PROGRAMS = { erf: geluProgram('erf', ERF_FORM), tanh: geluProgram('tanh', TANH_FORM) };

/** `PixelisGelu`: as on wasm, of values within a few parts in 10⁷. */
export const geluKernels: WebgpuKernelSet = (dispatcher) => ({
  PixelisGelu: (call) => {
    const x = new LayerInputs('GELU', call).floats('x');
    const form = call.attrs?.['form'];
    if (form !== 'erf' && form !== 'tanh') {
      const current = typeof form === 'string' ? form : typeof form;
      throw new RangeError(
        `Cannot compute GELU: form must be "erf" or "tanh": current value is ${current}`,
      );
    }
    const count = util.sizeFromShape(x.shape);
    return dispatcher.run(form === 'erf' ? PROGRAMS.erf : PROGRAMS.tanh, {
      inputs: [x],
      shapes: [x.shape, x.shape],
      uniforms: { count },
      groups: groupsOf(count),
    });
  },
});

function geluProgram(form: string, body: string): ComputeProgram {
  return {
    name: `gelu of ${form}`,
    inputs: { x: 'f32' },
    outputs: ['value', 'derivative'],
    uniforms: { count: 'u32' },
    workgroupSize: ELEMENTWISE_LANES,
    declarations: EXPONENTIAL,
    body: `
  let index = group * SIZE + lane;
  if (index >= u.count) { return; }
  let t = x[index];
  ${body}`,
  };
}
