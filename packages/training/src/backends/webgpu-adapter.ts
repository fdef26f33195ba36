import { createRequire } from 'node:module';
import { EnvironmentError } from '@pixelis/core';

const PACKAGE = 'webgpu';

/** What a WebGPU adapter says of itself. */
export interface WebgpuAdapterFacts {
  /** Such as `nvidia`, `amd`, `apple`; empty where the driver does not say. */
  readonly vendor: string;
  /** Such as `turing`; empty where the driver does not say. */
  readonly architecture: string;
  /** The driver's own words. */
  readonly description: string;
  /** Whether the processor plays the GPU (SwiftShader, llvmpipe, WARP): for tests, never faster than other backends. */
  readonly isSoftware: boolean;
}

/** What {@link probeWebgpu} found. */
export type WebgpuProbe =
  | {
      readonly isAvailable: true;
      readonly isSoftware: boolean;
      readonly adapter: WebgpuAdapterFacts;
    }
  | {
      readonly isAvailable: false;
      readonly isSoftware: false;
      readonly reason: string;
      readonly remedy: string;
    };

/** An adapter, and what must live as long as anything made of it. */
export interface WebgpuAdapter {
  readonly gpu: GPU;
  readonly adapter: GPUAdapter;
  readonly facts: WebgpuAdapterFacts;
  /** The constants and classes that a browser has as globals. */
  readonly globals: object;
  /** Version of the package that brings Dawn. */
  readonly version: string;
}

interface DawnAddon {
  readonly create: (options: readonly string[]) => GPU;
  readonly globals: object;
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|microsoft basic render|\bwarp\b/i;

/** Whether this machine has a WebGPU adapter, and which; leaves nothing behind, no global and no backend. */
export async function probeWebgpu(): Promise<WebgpuProbe> {
  try {
    const { facts } = await requestWebgpuAdapter();
    return { isAvailable: true, isSoftware: facts.isSoftware, adapter: facts };
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return { isAvailable: false, isSoftware: false, reason: error.message, remedy: error.remedy };
  }
}

/**
 * The adapter of the fastest GPU, through the package `webgpu` (Dawn): Vulkan on Linux, Metal on macOS, Direct3D 12 on Windows.
 *
 * @throws {EnvironmentError} `WEBGPU_PACKAGE_MISSING`, `WEBGPU_PLATFORM_UNSUPPORTED` or `WEBGPU_ADAPTER_MISSING`.
 */
export async function requestWebgpuAdapter(): Promise<WebgpuAdapter> {
  const { create, globals, version } = loadDawn();
  const gpu = create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) {
    throw new EnvironmentError('Backend "webgpu" finds no GPU that it can use', {
      code: 'WEBGPU_ADAPTER_MISSING',
      remedy: driverRemedy(),
    });
  }
  return { gpu, adapter, globals, version, facts: factsOf(adapter.info) };
}

function driverRemedy(): string {
  const drivers =
    process.platform === 'linux'
      ? 'install the Vulkan loader (libvulkan1) and the driver of the GPU, which `vulkaninfo --summary` then lists'
      : "install the current driver of the GPU from its maker or the system's updates";
  return `${drivers}; to test without a GPU set VK_DRIVER_FILES to SwiftShader's vk_swiftshader_icd.json; or use --backend wasm`;
}

function factsOf(info: GPUAdapterInfo): WebgpuAdapterFacts {
  const { vendor, architecture, description } = info;
  const isFallback = 'isFallbackAdapter' in info && info.isFallbackAdapter;
  const isSoftware = isFallback || SOFTWARE.test(`${vendor} ${architecture} ${description}`);
  return { vendor, architecture, description, isSoftware };
}

function loadDawn(): DawnAddon & { readonly version: string } {
  const require = createRequire(__filename);
  let version: string;
  try {
    version = versionOf(require(`${PACKAGE}/package.json`));
  } catch (cause) {
    throw new EnvironmentError(`Backend "webgpu" needs the package ${PACKAGE}, which is missing`, {
      code: 'WEBGPU_PACKAGE_MISSING',
      remedy: `install it (npm install ${PACKAGE} @tensorflow/tfjs-backend-webgpu), or use --backend wasm`,
      cause,
    });
  }
  const platform =
    process.platform === 'darwin' ? 'darwin-universal' : `${process.platform}-${process.arch}`;
  let addon: unknown;
  try {
    // The addon, not the package's entry: an ES module, which not every loader of CommonJS modules can load.
    addon = require(`${PACKAGE}/dist/${platform}/dawn.node`);
  } catch (cause) {
    throw unsupportedPlatform(platform, { version, cause });
  }
  if (!isDawnAddon(addon)) throw unsupportedPlatform(platform, { version });
  return { create: addon.create, globals: addon.globals, version };
}

function unsupportedPlatform(
  platform: string,
  { version, cause }: { readonly version: string; readonly cause?: unknown },
): EnvironmentError {
  return new EnvironmentError(
    `Backend "webgpu" cannot load the addon of ${PACKAGE} ${version} on ${platform}`,
    {
      code: 'WEBGPU_PLATFORM_UNSUPPORTED',
      remedy:
        'use macOS, Windows, or Linux with glibc 2.34 and the libstdc++ of GCC 12 or later, on x86-64 or arm64; or use --backend wasm',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

function isDawnAddon(addon: unknown): addon is DawnAddon {
  return (
    typeof addon === 'object' &&
    addon !== null &&
    'create' in addon &&
    typeof addon.create === 'function' &&
    'globals' in addon &&
    typeof addon.globals === 'object'
  );
}

function versionOf(manifest: unknown): string {
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}
