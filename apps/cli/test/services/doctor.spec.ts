import { join } from 'node:path';
import { pixelis } from '../support/programs';
import { useTemporaryFolder } from '../support/temporary-folder';

const temporaryFolder = useTemporaryFolder();
const WORKSPACE = join(__dirname, '..', '..', '..', '..');
const SERVICES = process.env['PIXELIS_SERVICES'] ?? '';

interface Report {
  readonly backends: readonly Readonly<Record<string, unknown>>[];
}

describe('pixelis doctor with what the services tests install', () => {
  it('computes on the native library', async () => {
    const { code, stdout } = await doctor('cpu', {});
    expect(code).toBe(0);
    expect(stdout.backends[0]).toMatchObject({
      name: 'cpu',
      is_available: true,
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
      description: expect.stringMatching(/^cpu \(TensorFlow /) as string,
    });
  });

  it('calls a GPU that falls back to the CPU an error', async () => {
    const { code, stdout } = await doctor('gpu', { CUDA_VISIBLE_DEVICES: '' });
    expect(code).toBe(3);
    expect(stdout.backends[0]).toMatchObject({ name: 'gpu', is_available: false });
  });

  it('names a software device as such', async () => {
    const { code, stdout } = await doctor('webgpu', { VK_DRIVER_FILES: softwareDriver() });
    expect(code).toBe(0);
    expect(stdout.backends[0]).toMatchObject({
      name: 'webgpu',
      is_available: true,
      is_software: true,
      device: expect.stringMatching(/swiftshader|llvmpipe/i) as string,
    });
  });
});

// Helpers

async function doctor(backend: string, env: Readonly<Record<string, string>>) {
  const cwd = temporaryFolder();
  const { code, stdout } = await pixelis(['doctor', '--backend', backend, '--json'], { cwd, env });
  return { code, stdout: JSON.parse(stdout) as Report };
}

function softwareDriver(): string {
  const { softwareVulkanDriver } = jest.requireActual<{
    softwareVulkanDriver: (folder: string) => string | undefined;
  }>(join(WORKSPACE, 'tools/services/software-vulkan.cjs'));
  const found = softwareVulkanDriver(SERVICES);
  if (found === undefined) throw new Error('npm run test:services installs SwiftShader');
  return found;
}
