import { canonicalJson, DataError, type JsonValue } from '@pixelis/core';

/** A float32 tensor outside of any backend; `data` is row-major. */
export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Tensors by name. */
export type TensorTree = Readonly<Record<string, NamedTensor>>;

/** What a safetensors file holds. */
export interface SafetensorsContent {
  readonly tensors: TensorTree;
  /** The file's `__metadata__`; empty when it has none. */
  readonly metadata: Readonly<Record<string, string>>;
}

const LENGTH_BYTES = 8;
const ALIGNMENT_BYTES = 8;
const FLOAT_BYTES = 4;
const METADATA = '__metadata__';

/**
 * Writes float32 tensors in the safetensors format (github.com/huggingface/safetensors), in the one form that equal
 * tensors give equal bytes: header in canonical JSON (RFC 8785) padded with spaces to a multiple of 8 bytes, tensors
 * sorted by the bytes of their names and contiguous, little-endian. `__metadata__` is written only when given.
 *
 * @throws {RangeError} If a tensor's data does not fill its shape, or its name is `__metadata__`.
 */
export function encodeSafetensors(
  tensors: TensorTree,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const names = Object.keys(tensors).sort(compareBytes);
  const header: [string, JsonValue][] = metadata === undefined ? [] : [[METADATA, metadata]];
  let end = 0;
  for (const name of names) {
    const { shape, data } = requireTensor(tensors, name);
    const start = end;
    end += data.byteLength;
    header.push([name, { dtype: 'F32', shape, data_offsets: [start, end] }]);
  }
  // `fromEntries`, here and below, since an assignment to `__proto__` would be lost.
  const text = new TextEncoder().encode(canonicalJson(Object.fromEntries(header)));
  const headerBytes = Math.ceil(text.length / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  const file = new Uint8Array(LENGTH_BYTES + headerBytes + end);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  file.set(text, LENGTH_BYTES);
  let offset = LENGTH_BYTES + headerBytes;
  for (const name of names) {
    for (const value of requireTensor(tensors, name).data) {
      view.setFloat32(offset, value, true);
      offset += FLOAT_BYTES;
    }
  }
  return file;
}

/**
 * Reads a safetensors file. Every offset is checked against the file, so a damaged or hostile one is refused rather
 * than misread.
 *
 * @throws {DataError} `SAFETENSORS_INVALID` if it is no safetensors file or holds other than float32 tensors.
 */
export function decodeSafetensors(file: Uint8Array): SafetensorsContent {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < LENGTH_BYTES) throw invalid(`it has ${file.length} bytes, fewer than a header`);
  const headerBytes = Number(view.getBigUint64(0, true));
  const start = LENGTH_BYTES + headerBytes;
  if (start > file.length)
    throw invalid(`its header claims ${headerBytes} bytes of a file of ${file.length}`);
  const header = parseHeader(file.subarray(LENGTH_BYTES, start));
  const metadata = parseMetadata(header[METADATA]);
  const tensors: [string, NamedTensor][] = [];
  let filled = 0;
  const entries = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, entry]) => ({ name, ...parseEntry(name, entry) }))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  for (const { name, shape, begin, end } of entries) {
    if (begin !== filled) throw invalid(`tensor "${name}" begins at ${begin} instead of ${filled}`);
    if (start + end > file.length) throw invalid(`tensor "${name}" ends after the file`);
    const data = new Float32Array((end - begin) / FLOAT_BYTES);
    for (let i = 0; i < data.length; i++)
      data[i] = view.getFloat32(start + begin + i * FLOAT_BYTES, true);
    tensors.push([name, { shape, data }]);
    filled = end;
  }
  if (start + filled !== file.length)
    throw invalid(`${file.length - start - filled} bytes follow the last tensor`);
  return { tensors: Object.fromEntries(tensors), metadata };
}

interface ParsedEntry {
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    header = JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw invalid('its header is no JSON', cause);
  }
  if (!isRecord(header)) throw invalid('its header is no JSON object');
  return header;
}

function parseMetadata(metadata: unknown): Record<string, string> {
  if (metadata === undefined) return {};
  if (!isRecord(metadata)) throw invalid('its __metadata__ is no object');
  const texts = Object.entries(metadata).map(([key, value]): [string, string] => {
    if (typeof value !== 'string') throw invalid(`its __metadata__ "${key}" is no text`);
    return [key, value];
  });
  return Object.fromEntries(texts);
}

function parseEntry(name: string, entry: unknown): ParsedEntry {
  if (!isRecord(entry)) throw invalid(`the entry of tensor "${name}" is no object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (dtype !== 'F32')
    throw invalid(`tensor "${name}" has type ${JSON.stringify(dtype)}; only F32 can be read`);
  if (!isCounts(shape)) throw invalid(`tensor "${name}" has no valid shape`);
  if (!isCounts(offsets)) throw invalid(`tensor "${name}" has no valid offsets`);
  const [begin, end] = offsets;
  if (begin === undefined || end === undefined || offsets.length !== 2)
    throw invalid(`tensor "${name}" has no valid offsets`);
  const bytes = shape.reduce((product, extent) => product * extent, FLOAT_BYTES);
  if (end - begin !== bytes)
    throw invalid(
      `tensor "${name}" of shape [${shape}] has ${end - begin} bytes instead of ${bytes}`,
    );
  return { shape, begin, end };
}

function requireTensor(tensors: TensorTree, name: string): NamedTensor {
  const tensor = tensors[name];
  if (tensor === undefined || name === METADATA)
    throw new RangeError(`Cannot write a tensor named "${name}"`);
  const size = tensor.shape.reduce((product, extent) => product * extent, 1);
  if (size !== tensor.data.length) {
    throw new RangeError(
      `Cannot write tensor "${name}": shape [${tensor.shape}] needs ${size} values: there are ${tensor.data.length}`,
    );
  }
  return tensor;
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function invalid(detail: string, cause?: unknown): DataError {
  return new DataError(`Cannot read the safetensors file: ${detail}`, {
    code: 'SAFETENSORS_INVALID',
    remedy: 'restore the file from a copy, or write it again',
    cause,
  });
}
