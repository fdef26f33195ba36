import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as z from 'zod';

/** The package of TensorFlow.js whose addon is loaded. */
export const NODE_GPU_PACKAGE = '@tensorflow/tfjs-node-gpu';

const manifestSchema = z.object({
  version: z.string(),
  binary: z.object({
    module_name: z.string(),
    module_path: z.string(),
    napi_versions: z.array(z.int()),
  }),
});
const constantsSchema = z.object({ LIBTENSORFLOW_VERSION: z.string() });

/** `@tensorflow/tfjs-node-gpu` as it is installed. */
export interface NodeGpuPackage {
  readonly folder: string;
  readonly version: string;
  /** The binary that its own install script fetches or builds; undefined if it is not there. */
  readonly ownBinary: string | undefined;
}

/** Where `@tensorflow/tfjs-node-gpu` stands; undefined if it is not installed. */
export function findNodeGpuPackage(): NodeGpuPackage | undefined {
  const path = manifestPath();
  if (path === undefined) return undefined;
  const { version, binary } = manifestSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const folder = dirname(path);
  const nodeApi = Math.max(...binary.napi_versions.filter((each) => each <= nodeApiOfNode()));
  const modulePath = binary.module_path.replace('{napi_build_version}', String(nodeApi));
  const ownBinary = join(folder, modulePath, `${binary.module_name}.node`);
  return { folder, version, ownBinary: existsSync(ownBinary) ? ownBinary : undefined };
}

/** The version of Node-API that this Node has. */
export function nodeApiOfNode(): number {
  return Number(process.versions['napi'] ?? 0);
}

/** The version of TensorFlow that the package's own install script fetches. */
export function ownTensorflowVersion({ folder }: NodeGpuPackage): string {
  const constants: unknown = createRequire(join(folder, 'package.json'))(
    './scripts/deps-constants.js',
  );
  return constantsSchema.parse(constants).LIBTENSORFLOW_VERSION;
}

/**
 * Loads the package with the given binary. It asks `find` of `@mapbox/node-pre-gyp` for the path, which is replaced
 * for this one call.
 *
 * @returns The module, which also sets TensorFlow.js to its backend.
 * @throws Whatever loading it throws.
 */
export function requireNodeGpu({ folder }: NodeGpuPackage, binary: string): unknown {
  // The module's front has a getter, which reads this property.
  const preBinding: unknown = createRequire(join(folder, 'package.json'))(
    '@mapbox/node-pre-gyp/lib/pre-binding',
  );
  if (!hasFind(preBinding)) throw new TypeError('@mapbox/node-pre-gyp has no function find');
  const original = preBinding.find;
  preBinding.find = () => binary;
  try {
    const module: unknown = createRequire(__filename)(NODE_GPU_PACKAGE);
    return module;
  } finally {
    preBinding.find = original;
  }
}

function hasFind(module: unknown): module is { find: unknown } {
  return typeof module === 'object' && module !== null && 'find' in module;
}

function manifestPath(): string | undefined {
  try {
    return createRequire(__filename).resolve(`${NODE_GPU_PACKAGE}/package.json`);
  } catch {
    return undefined;
  }
}
