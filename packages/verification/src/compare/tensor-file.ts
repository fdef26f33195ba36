import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { explainSystemError, IntegrityError } from '@pixelis/core';
import { z } from 'zod';

/** Where a tensor stands in a safetensors file. */
export interface TensorEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Bytes from the beginning of the file. */
  readonly start: number;
  readonly end: number;
}

const LENGTH_BYTES = 8;
const HEADER_BYTES_MAX = 100_000_000;

const headerSchema = z.record(
  z.string(),
  z.union([
    z.strictObject({
      dtype: z.string(),
      shape: z.array(z.int().min(0)),
      data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
    }),
    z.record(z.string(), z.string()),
  ]),
);

/**
 * A safetensors file (github.com/huggingface/safetensors) of which only what is asked for is read, so that two large
 * ones can be compared side by side. To be closed by whoever opened it.
 */
export class TensorFile {
  readonly path: string;
  /** In the order of their names' UTF-8 bytes. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** The file's `__metadata__`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly #descriptor: number;

  /**
   * @throws {IntegrityError} `TENSOR_FILE_BROKEN` if it is no safetensors file, or a tensor lies outside of it.
   * @throws {DataError} If it cannot be read.
   */
  constructor(path: string) {
    this.path = path;
    this.#descriptor = onDisk(path, () => openSync(path, 'r'));
    try {
      const { tensors, metadata } = this.#readHeader();
      this.tensors = tensors;
      this.metadata = metadata;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The bytes of a tensor. */
  read({ start, end }: TensorEntry): Buffer {
    return this.#readAt(start, end - start);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #readHeader(): Pick<TensorFile, 'tensors' | 'metadata'> {
    const { size } = fstatSync(this.#descriptor);
    if (size < LENGTH_BYTES) throw this.#broken(`it has ${size} bytes`);
    const length = Number(this.#readAt(0, LENGTH_BYTES).readBigUInt64LE());
    const dataStart = LENGTH_BYTES + length;
    if (length > HEADER_BYTES_MAX || dataStart > size)
      throw this.#broken(`its header claims ${length} of ${size} bytes`);
    const header = this.#parse(this.#readAt(LENGTH_BYTES, length).toString('utf8'));
    const tensors: [string, TensorEntry][] = [];
    let metadata: Record<string, string> = {};
    for (const [name, entry] of header) {
      if (!isTensor(entry)) {
        if (name !== '__metadata__') throw this.#broken(`"${name}" is no tensor`);
        metadata = entry;
        continue;
      }
      const [start, end] = entry.data_offsets;
      if (start > end || dataStart + end > size)
        throw this.#broken(`tensor "${name}" lies outside of it`);
      const { dtype, shape } = entry;
      tensors.push([name, { dtype, shape, start: dataStart + start, end: dataStart + end }]);
    }
    tensors.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return { tensors: new Map(tensors), metadata };
  }

  #parse(text: string): [string, z.output<typeof headerSchema>[string]][] {
    try {
      return Object.entries(headerSchema.parse(JSON.parse(text)));
    } catch {
      throw this.#broken('its header is none of safetensors');
    }
  }

  #readAt(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const read = onDisk(this.path, () =>
        readSync(this.#descriptor, bytes, filled, length - filled, position + filled),
      );
      if (read === 0) throw this.#broken('it ends too early');
      filled += read;
    }
    return bytes;
  }

  #broken(detail: string): IntegrityError {
    return new IntegrityError(`${this.path} cannot be compared: ${detail}`, {
      code: 'TENSOR_FILE_BROKEN',
      remedy: 'restore the file from a copy; pixelis runs audit shows what else is damaged',
    });
  }
}

type HeaderEntry = z.output<typeof headerSchema>[string];

function isTensor(
  entry: HeaderEntry,
): entry is Extract<HeaderEntry, { dtype: string; shape: number[] }> {
  return Array.isArray(entry['shape']);
}

function onDisk<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw explainSystemError(error, { path }) ?? error;
  }
}
