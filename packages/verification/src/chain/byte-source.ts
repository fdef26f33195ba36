import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { explainSystemError } from '@pixelis/core';

/** Bytes of which any part can be read without the rest. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** Up to `length` bytes from `offset` on; fewer only at the end. */
  read(offset: number, length: number): Uint8Array;
}

/** A file as a {@link ByteSource}, to be closed by whoever opened it. Its size is that at the time of opening. */
export class FileSource implements ByteSource {
  readonly sizeBytes: number;
  readonly #path: string;
  readonly #descriptor: number;

  /** @throws {DataError} If the file cannot be read. */
  constructor(path: string) {
    this.#path = path;
    this.#descriptor = this.#onDisk(() => openSync(path, 'r'));
    this.sizeBytes = fstatSync(this.#descriptor).size;
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.sizeBytes - offset)));
    let filled = 0;
    while (filled < bytes.length) {
      const read = this.#onDisk(() =>
        readSync(this.#descriptor, bytes, filled, bytes.length - filled, offset + filled),
      );
      if (read === 0) break;
      filled += read;
    }
    return bytes.subarray(0, filled);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #onDisk<T>(operation: () => T): T {
    try {
      return operation();
    } catch (error) {
      throw explainSystemError(error, { path: this.#path }) ?? error;
    }
  }
}
