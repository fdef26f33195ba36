import { isLinked, isLoaded, isWanted } from './wanted-files';

describe('isWanted()', () => {
  it.each([
    'tensorflow/libtensorflow_cc.so.2',
    'tensorflow/libtensorflow_framework.so.2',
    'tensorflow/include/tensorflow/c/eager/c_api.h',
    'tensorflow/include/tsl/platform/ctstring.h',
    'tensorflow/include/xla/tsl/c/tsl_status.h',
    'tensorflow/THIRD_PARTY_NOTICES.txt',
    'nvidia_cublas_cu12-12.9.3.13.dist-info/licenses/License.txt',
    'nvidia_cudnn_cu12-9.28.0.42.dist-info/LICENSE.txt',
    'nvidia/cublas/lib/libcublasLt.so.12',
    'nvidia/cuda_nvcc/bin/ptxas',
    'nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc',
  ])('takes %s', (path) => {
    expect(isWanted(path)).toBe(true);
  });

  it.each([
    'tensorflow/python/_pywrap_tensorflow_internal.so',
    'tensorflow/compiler/tf2xla/ops/_xla_ops.so',
    'tensorflow/include/Eigen/src/Core/Matrix.h',
    'nvidia/cublas/include/cublas.h',
    'nvidia/cuda_runtime/lib/libcudart_static.a',
    'nvidia/cuda_nvcc/bin/nvcc',
    'nvidia/__init__.py',
  ])('leaves %s', (path) => {
    expect(isWanted(path)).toBe(false);
  });
});

describe('isLoaded()', () => {
  it('tells what is read at run time from what is only compiled or read by people', () => {
    expect(isLoaded('nvidia/cublas/lib/libcublas.so.12')).toBe(true);
    expect(isLoaded('tensorflow/libtensorflow_cc.so.2')).toBe(true);
    expect(isLoaded('tensorflow/include/tensorflow/c/c_api.h')).toBe(false);
    expect(isLoaded('tensorflow/THIRD_PARTY_NOTICES.txt')).toBe(false);
  });
});

describe('isLinked()', () => {
  it("is true of TensorFlow's own libraries alone", () => {
    expect(isLinked('tensorflow/libtensorflow_cc.so.2')).toBe(true);
    expect(isLinked('nvidia/cublas/lib/libcublas.so.12')).toBe(false);
  });
});
