import { findNodeGpuPackage, ownTensorflowVersion, requireNodeGpu } from './node-gpu-package';

describe('findNodeGpuPackage()', () => {
  it('knows the package that is installed, and that it has no binary of its own', () => {
    expect(findNodeGpuPackage()).toMatchObject({ version: '4.22.0', ownBinary: undefined });
  });
});

describe('ownTensorflowVersion()', () => {
  it('is the version that the package fetches by itself', () => {
    expect(ownTensorflowVersion(installed())).toBe('2.9.1');
  });
});

describe('requireNodeGpu()', () => {
  it('makes the package look for the given binary, and leaves no trace', () => {
    const front = () => jest.requireActual<{ find: unknown }>('@mapbox/node-pre-gyp').find;
    const before = front();

    expect(() => requireNodeGpu(installed(), '/nowhere/tfjs_binding.node')).toThrow(
      '/nowhere/tfjs_binding.node',
    );

    expect(front()).toBe(before);
  });
});

// Helpers

function installed() {
  const nodeGpu = findNodeGpuPackage();
  if (nodeGpu === undefined) throw new Error('the package is not installed');
  return nodeGpu;
}
