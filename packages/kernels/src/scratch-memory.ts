import type { WasmBackend } from './wasm-memory';

/** One block of working memory on the backend's heap, which grows to the largest size asked for. */
export class ScratchMemory {
  private address = 0;
  private sizeBytes = 0;

  constructor(private readonly backend: WasmBackend) {}

  /** Address of at least `bytes` bytes, valid until the next call. */
  reserve(bytes: number): number {
    if (bytes > this.sizeBytes) {
      this.release();
      this.address = this.backend.wasm._malloc(bytes);
      if (this.address === 0)
        throw new RangeError(`Cannot reserve ${bytes} bytes of WebAssembly memory`);
      this.sizeBytes = bytes;
    }
    return this.address;
  }

  release(): void {
    if (this.address !== 0) this.backend.wasm._free(this.address);
    this.address = 0;
    this.sizeBytes = 0;
  }
}
