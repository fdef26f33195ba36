import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { UsageError } from '@pixelis/core';

import { enableDeterministicMode } from './deterministic-mode';

describe('enableDeterministicMode()', () => {
  const environment = { ...process.env };
  beforeEach(() => {
    for (const name of Object.keys(process.env)) {
      if (/^(?:TF_|CUBLAS_|XLA_)/.test(name)) Reflect.deleteProperty(process.env, name);
    }
  });
  afterAll(() => Object.assign(process.env, environment));

  it('enableDeterministicMode() has nothing to set for wasm and promises the most (A2)', () => {
    const report = enableDeterministicMode();
    expect(report).toMatchObject({
      backend: 'wasm',
      guarantee: 'same bits on every machine',
      set: [],
    });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('enableDeterministicMode() sets what the GPU library reads, and says what it cannot (A2)', () => {
    const report = enableDeterministicMode({ backend: 'gpu' });
    expect(report.guarantee).toBe('same bits on this machine');
    expect(process.env).toMatchObject({
      TF_DETERMINISTIC_OPS: '1',
      TF_CUDNN_DETERMINISTIC: '1',
      CUBLAS_WORKSPACE_CONFIG: ':4096:8',
      TF_ENABLE_ONEDNN_OPTS: '0',
      XLA_FLAGS: '--xla_gpu_deterministic_ops=true',
    });
    expect(report.set).toContainEqual({ variable: 'TF_DETERMINISTIC_OPS', value: '1' });
    expect(report.notPossible.length).toBeGreaterThan(0);
  });

  it('enableDeterministicMode() keeps a value that does, and replaces one that does not', () => {
    process.env['CUBLAS_WORKSPACE_CONFIG'] = ':16:8';
    process.env['TF_DETERMINISTIC_OPS'] = '0';
    const { set } = enableDeterministicMode({ backend: 'gpu' });
    expect(set).toContainEqual({ variable: 'CUBLAS_WORKSPACE_CONFIG', value: ':16:8' });
    expect(process.env['TF_DETERMINISTIC_OPS']).toBe('1');
  });

  it.each([
    ['--xla_dump_to=folder', '--xla_dump_to=folder --xla_gpu_deterministic_ops=true'],
    ['--xla_gpu_deterministic_ops  --xla_dump_to=folder', '--xla_gpu_deterministic_ops  --xla_dump_to=folder'],
    ['--xla_gpu_deterministic_ops=false', '--xla_gpu_deterministic_ops=true'],
    ['--xla_gpu_deterministic_ops --xla_gpu_deterministic_ops=false', '--xla_gpu_deterministic_ops=true'],
    ['--xla_gpu_deterministic_ops_too', '--xla_gpu_deterministic_ops_too --xla_gpu_deterministic_ops=true'],
  ])('enableDeterministicMode() makes of the XLA_FLAGS %j %j', (present, expected) => {
    process.env['XLA_FLAGS'] = present;
    for (let call = 0; call < 2; call++) enableDeterministicMode({ backend: 'gpu' });
    expect(process.env['XLA_FLAGS']).toBe(expected);
  }); // prettier-ignore

  it('enableDeterministicMode() promises nothing for webgpu and less for other backends', () => {
    expect(enableDeterministicMode({ backend: 'webgpu' }).guarantee).toBe('none');
    for (const backend of ['cpu', 'reference'] as const) {
      expect(enableDeterministicMode({ backend }).guarantee).toBe('same bits on this machine');
    }
  });

  it('enableDeterministicMode() refuses a name that is none and suggests another', () => {
    const backend: never = JSON.parse('"wsam"') as never;
    expect(() => enableDeterministicMode({ backend })).toThrow(UsageError);
    expect(() => enableDeterministicMode({ backend })).toThrow(
      expect.objectContaining({
        code: 'BACKEND_UNKNOWN',
        remedy: expect.stringContaining('wasm') as string,
      }) as Error,
    );
  });

  it('enableDeterministicMode() says that it comes too late, each time, unless nothing had to change', () => {
    const program = `
      require.cache['/somewhere/tfjs_binding.node'] = {};
      const { enableDeterministicMode } = require(${JSON.stringify(join(__dirname, '../dist'))});
      const reports = ['cpu', 'cpu', 'wasm'].map((backend) => enableDeterministicMode({ backend }));
      console.log(JSON.stringify(reports));`;
    const reportsWith = (variables: NodeJS.ProcessEnv): unknown =>
      JSON.parse(
        execFileSync(process.execPath, ['-e', program], {
          encoding: 'utf8',
          env: { ...process.env, ...variables },
        }),
      );
    const late = {
      guarantee: 'none',
      notPossible: [{ what: 'deterministic kernels in this process' }, {}],
    };
    const portable = { guarantee: 'same bits on every machine' };
    const ready = { guarantee: 'same bits on this machine', notPossible: [{}] };
    expect(reportsWith({})).toMatchObject([late, late, portable]);
    expect(reportsWith({ TF_DETERMINISTIC_OPS: '1', TF_ENABLE_ONEDNN_OPTS: '0' })).toMatchObject([
      ready,
      ready,
      portable,
    ]);
  });
});
