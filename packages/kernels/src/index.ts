export {
  type InstalledKernels,
  installTrainingKernels,
  type TensorFlowKernels,
} from './install-training-kernels';
