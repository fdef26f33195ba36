export {
  compileStep,
  type CompiledStep,
  type CompileOptions,
  type HostValues,
} from './compile-step';
export type { FallbackReason, StepFunction, Tensors } from './graph/record-graph';
