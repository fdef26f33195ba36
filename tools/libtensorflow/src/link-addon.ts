import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  ADDON_FILE,
  compileAddon,
  LOADER_FILE,
  LOADER_SOURCE,
  type NodeGpuPackage,
} from '@pixelis/native';
import { HEADERS } from './wanted-files';

/** An output that was not finished when a run was killed. */
const LEFT_BY_COMPILER = /^\..+\.node-[0-9a-f]{12}\.tmp$/;

/** What {@link linkAddon} works on. */
export interface LinkAddonOptions {
  /** Where the libraries and headers are, and the addons come to stand. */
  readonly folder: string;
  /** The libraries, relative to it. */
  readonly libraries: readonly string[];
  readonly nodeGpu: NodeGpuPackage;
}

/**
 * Links the addon's own source against TensorFlow, and the small addon that prepares the process for it.
 *
 * @throws {EnvironmentError} What {@link compileAddon} throws.
 */
export async function linkAddon({ folder, libraries, nodeGpu }: LinkAddonOptions): Promise<void> {
  for (const name of readdirSync(folder).filter((each) => LEFT_BY_COMPILER.test(each))) {
    rmSync(join(folder, name), { force: true });
  }
  const source = join(nodeGpu.folder, 'binding');
  await compileAddon({
    name: 'tfjs_binding',
    sources: [join(source, 'tfjs_backend.cc'), join(source, 'tfjs_binding.cc')],
    includes: [join(folder, HEADERS)],
    libraries: libraries.map((library) => join(folder, library)),
    rpath: ['$ORIGIN/tensorflow'],
    output: join(folder, ADDON_FILE),
  });
  await compileAddon({
    name: 'loader',
    sources: [LOADER_SOURCE],
    output: join(folder, LOADER_FILE),
  });
}
