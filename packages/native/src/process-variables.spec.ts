import type { NativeInstallation } from './native-installation';
import { defaultThreads, processVariables } from './process-variables';

describe('processVariables()', () => {
  it('hides every GPU from the CPU, whatever is set', () => {
    expect(processVariables({ device: 'cpu' }, { CUDA_VISIBLE_DEVICES: '0,1' })).toMatchObject({
      CUDA_VISIBLE_DEVICES: '',
    });
  });

  it('leaves GPUs as the user set them', () => {
    const variables = processVariables({ device: 'gpu' }, { CUDA_VISIBLE_DEVICES: '1' });

    expect(variables['CUDA_VISIBLE_DEVICES']).toBe('1');
    expect(processVariables({ device: 'gpu' }, {})).not.toHaveProperty('CUDA_VISIBLE_DEVICES');
  });

  it('is quiet unless told otherwise', () => {
    expect(processVariables({ device: 'cpu' }, {})['TF_CPP_MIN_LOG_LEVEL']).toBe('2');
    const talkative = processVariables({ device: 'cpu' }, { TF_CPP_MIN_LOG_LEVEL: '0' });
    expect(talkative['TF_CPP_MIN_LOG_LEVEL']).toBe('0');
  });

  it('sets threads only when asked, and then over what is set', () => {
    expect(processVariables({ device: 'cpu' }, {})).not.toHaveProperty('TF_NUM_INTRAOP_THREADS');
    const asked = processVariables({ device: 'cpu', threads: 3 }, { TF_NUM_INTRAOP_THREADS: '8' });
    expect(asked['TF_NUM_INTRAOP_THREADS']).toBe('3');
  });

  it('hands on what deterministic mode and the user set for TensorFlow, and nothing else', () => {
    const existing = {
      TF_DETERMINISTIC_OPS: '1',
      TF_ENABLE_ONEDNN_OPTS: '0',
      CUBLAS_WORKSPACE_CONFIG: ':4096:8',
      NVIDIA_TF32_OVERRIDE: '0',
      PATH: '/bin',
      TFX: '1',
    };

    expect(processVariables({ device: 'cpu' }, existing)).toEqual({
      TF_CPP_MIN_LOG_LEVEL: '2',
      CUDA_VISIBLE_DEVICES: '',
      TF_DETERMINISTIC_OPS: '1',
      TF_ENABLE_ONEDNN_OPTS: '0',
      CUBLAS_WORKSPACE_CONFIG: ':4096:8',
      NVIDIA_TF32_OVERRIDE: '0',
    });
  });

  it.each([
    [undefined, '--xla_gpu_cuda_data_dir='],
    ['', '--xla_gpu_cuda_data_dir='],
    ['--xla_dump_to=x', '--xla_dump_to=x --xla_gpu_cuda_data_dir='],
  ])('tells XLA where the compiler of CUDA is, beside %j', (flags, expected) => {
    const existing = flags === undefined ? {} : { XLA_FLAGS: flags };
    const options = { device: 'gpu', installation: installation('/there') } as const;

    expect(processVariables(options, existing)['XLA_FLAGS']).toMatch(expected);
  });

  it('keeps a folder of CUDA that the user chose', () => {
    const existing = { XLA_FLAGS: '--xla_gpu_cuda_data_dir=/opt/cuda' };
    const options = { device: 'gpu', installation: installation('/there') } as const;

    expect(processVariables(options, existing)['XLA_FLAGS']).toBe(existing.XLA_FLAGS);
  });
});

describe('defaultThreads()', () => {
  it('is what the user set for TensorFlow, else the cores', () => {
    expect(defaultThreads({ TF_NUM_INTRAOP_THREADS: '5' })).toBe(5);
    for (const wrong of ['0', 'x', '1.5', '']) {
      expect(defaultThreads({ TF_NUM_INTRAOP_THREADS: wrong })).toBe(defaultThreads({}));
    }
    expect(defaultThreads({})).toBeGreaterThanOrEqual(1);
  });
});

// Helpers

function installation(folder: string): NativeInstallation {
  return {
    folder,
    addonPath: `${folder}/tfjs_binding.node`,
    record: {
      installation_version: 1,
      variant: 'gpu',
      tensorflow_version: '2.21.0',
      node_api_version: 8,
      platform: 'linux',
      arch: 'x64',
      tfjs_node_gpu_version: '4.22.0',
      created_at: '2026-11-22T00:00:00.000Z',
      wheels: {},
      files: {},
    },
  };
}
