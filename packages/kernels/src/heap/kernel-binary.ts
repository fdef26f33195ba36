import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '@pixelis/core';
import type { WasmMemory } from './wasm-memory';

// The same folder from src (tests) and from dist.
const FOLDER = join(__dirname, '..', '..', 'dist');

/** Compiled once for all the memories that they work on. */
const modules = new Map<string, WebAssembly.Module>();

/**
 * Instantiates compiled kernels on `memory`.
 *
 * @param file Name of the binary, made by the target `assembly`.
 * @throws {EnvironmentError} If it cannot be read.
 * @throws {TypeError} If `memory` is no `WebAssembly.Memory`.
 */
export function instantiateKernels(memory: WasmMemory, file: string): WebAssembly.Exports {
  if (!(memory instanceof WebAssembly.Memory)) {
    throw new TypeError(
      `Cannot instantiate ${file}: memory must be a WebAssembly.Memory: current value is ${typeof memory}`,
    );
  }
  const module = modules.get(file) ?? new WebAssembly.Module(readBinary(join(FOLDER, file)));
  modules.set(file, module);
  return new WebAssembly.Instance(module, { env: { memory } }).exports;
}

function readBinary(path: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    throw new EnvironmentError(`The compiled kernels cannot be read: ${path}`, {
      code: 'KERNELS_NOT_BUILT',
      remedy: 'install @pixelis/kernels again or, in its repository, run npx nx run kernels:build',
      cause,
    });
  }
}
