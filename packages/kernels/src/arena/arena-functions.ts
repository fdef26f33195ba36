import type { WasmFunction } from '../heap/heap';

/** Functions of `parameter-arena.wasm`. */
export interface ArenaFunctions {
  readonly add: WasmFunction;
  readonly average: WasmFunction;
  readonly adamW: WasmFunction;
}

/** @throws {TypeError} If the binary lacks one of them. */
export function arenaFunctions(exports: WebAssembly.Exports): ArenaFunctions {
  const { add, average, adamW } = exports;
  if (!isFunction(add) || !isFunction(average) || !isFunction(adamW))
    throw new TypeError('The compiled kernels of the parameter arena lack a function');
  return { add, average, adamW };
}

function isFunction(value: unknown): value is WasmFunction {
  return typeof value === 'function';
}
