import { createHash, type Hash } from 'node:crypto';
import {
  constants,
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { explainSystemError, type FilePosition } from '@pixelis/core';
import { onDisk } from './disk';

const BUFFER_BYTES_MAX = 64 * 1024;
const BUFFER_AGE_MS_MAX = 1000;
const CHUNK_BYTES = 1024 * 1024;

/** Options of {@link AppendFile}. */
export interface AppendFileOptions {
  /** Called before anything is written to the file or cut from it; what it throws prevents that. @default nothing */
  beforeChange?: () => void;
}

/**
 * A file that grows by whole lines. Lines wait in memory until they fill 64 KiB or a second has passed. A write that
 * fails, on a full disk for instance, leaves neither half a line in the file nor a gap: what waits is kept and is
 * written by the next flush that succeeds.
 */
export class AppendFile {
  readonly path: string;
  readonly #descriptor: number;
  readonly #beforeChange: () => void;
  #writtenBytes: number;
  /** Of what is written, as it goes: a file of any length costs nothing more when its hash is asked for. */
  #hash: Hash;
  #pending = '';
  #pendingBytes = 0;
  #flushedAtMs = performance.now();
  #isClosed = false;

  /** Opens a file, which is created if it is missing, at its end. @throws {DataError} if it cannot be opened. */
  constructor(path: string, options: AppendFileOptions = {}) {
    this.path = path;
    this.#beforeChange = options.beforeChange ?? (() => undefined);
    this.#descriptor = onDisk(path, () => openSync(path, constants.O_RDWR | constants.O_CREAT));
    this.#writtenBytes = fstatSync(this.#descriptor).size;
    this.#hash = this.#hashOf(this.#writtenBytes);
  }

  /** Length of the file in bytes, with what waits in memory. */
  get sizeBytes(): number {
    return this.#writtenBytes + this.#pendingBytes;
  }

  /** Adds text, which must end in a newline. @throws {DataError} if it had to be written and could not. */
  append(line: string): void {
    if (this.#isClosed) throw new TypeError(`Cannot append to ${this.path}: it is closed`);
    this.#pending += line;
    this.#pendingBytes += Buffer.byteLength(line, 'utf8');
    const isDue = performance.now() - this.#flushedAtMs >= BUFFER_AGE_MS_MAX;
    if (isDue || this.#pendingBytes >= BUFFER_BYTES_MAX) this.flush();
  }

  /** Hands what waits to the system. @throws {DataError} if it cannot. */
  flush(): void {
    this.#flushedAtMs = performance.now();
    if (this.#pendingBytes === 0) return;
    this.#beforeChange();
    const bytes = Buffer.from(this.#pending, 'utf8');
    try {
      onDisk(this.path, () => writeAll(this.#descriptor, bytes, this.#writtenBytes));
    } catch (error) {
      this.#dropPartialWrite();
      throw error;
    }
    this.#writtenBytes += bytes.length;
    this.#hash.update(bytes);
    this.dropPending();
  }

  /** Flushes, and returns when the bytes are on the disk itself. @throws {DataError} if that fails. */
  sync(): void {
    this.flush();
    onDisk(this.path, () => fsyncSync(this.#descriptor));
  }

  /**
   * As {@link AppendFile.sync}, without blocking while the disk works: what was added before the call is on it.
   *
   * @throws {DataError} if that fails.
   */
  async synced(): Promise<void> {
    this.flush();
    try {
      // A descriptor of its own, since this file may be closed meanwhile and its number be given to another.
      const handle = await open(this.path, 'r+');
      await handle.sync().finally(() => handle.close());
    } catch (error) {
      throw explainSystemError(error, { path: this.path }) ?? error;
    }
  }

  /** Cuts what stands after the last line end: a line that was not written whole. */
  cutTornLine(): void {
    const wholeBytes = onDisk(this.path, () => readFileSync(this.path)).lastIndexOf(0x0a) + 1;
    if (wholeBytes < this.#writtenBytes) this.truncate(wholeBytes);
  }

  /** Forgets what waits in memory. */
  dropPending(): void {
    this.#pending = '';
    this.#pendingBytes = 0;
  }

  /** How far the file has got, once it is on the disk itself. @throws {DataError} if that fails. */
  position(): FilePosition {
    this.sync();
    return { bytes: this.#writtenBytes, sha256: this.#hash.copy().digest('hex') };
  }

  /** Whether the file begins with what it held at that position. */
  begins({ bytes, sha256 }: FilePosition): boolean {
    this.flush();
    return bytes <= this.#writtenBytes && this.#hashOf(bytes).digest('hex') === sha256;
  }

  /** Cuts the file to its first `sizeBytes` bytes, on the disk itself. @throws {DataError} if that fails. */
  truncate(sizeBytes: number): void {
    this.flush();
    this.#beforeChange();
    onDisk(this.path, () => {
      ftruncateSync(this.#descriptor, sizeBytes);
      fsyncSync(this.#descriptor);
    });
    this.#writtenBytes = sizeBytes;
    this.#hash = this.#hashOf(sizeBytes);
  }

  /** Gives the descriptor back without writing what waits; further calls do nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#descriptor);
  }

  #hashOf(sizeBytes: number): Hash {
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafe(Math.min(sizeBytes, CHUNK_BYTES));
    for (let done = 0; done < sizeBytes;) {
      const length = Math.min(chunk.length, sizeBytes - done);
      const count = onDisk(this.path, () => readSync(this.#descriptor, chunk, 0, length, done));
      if (count === 0) break;
      hash.update(chunk.subarray(0, count));
      done += count;
    }
    return hash;
  }

  #dropPartialWrite(): void {
    try {
      ftruncateSync(this.#descriptor, this.#writtenBytes);
    } catch {
      // The failed write is reported; a torn end is cut when the run resumes.
    }
  }
}

function writeAll(descriptor: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
  }
}
