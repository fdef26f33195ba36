/**
 * A `WebAssembly.Memory`. Named here by what is used of it, since TypeScript knows that type only with the library "dom",
 * which who installs this package may do without.
 */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}
