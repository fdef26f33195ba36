import { DataError } from '@pixelis/core';

/** An IDX array of unsigned bytes. */
export interface IdxArray {
  /** Sizes, outermost first, such as `[60000, 28, 28]`. */
  shape: readonly number[];
  /** The elements, row-major: a view into the bytes that were parsed. */
  data: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;

/**
 * Parses an IDX file of unsigned bytes without copying. Layout: two zero bytes, the element type (0x08), the number of
 * dimensions, each size as a big-endian 32-bit integer, the elements.
 *
 * @param path Names the file in errors.
 * @throws {DataError} If the bytes do not begin with such a header, or are more or fewer than it says.
 */
export function parseIdx(bytes: Uint8Array, path: string): IdxArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rank = bytes[3] ?? 0;
  const offset = 4 + 4 * rank;
  if (bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== UNSIGNED_BYTE || rank === 0) {
    const found = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0'));
    throw idxError(path, `it must begin with 00 00 08: found "${found.join(' ')}"`);
  }
  if (bytes.byteLength < offset) {
    throw idxError(path, `its header needs ${offset} bytes: found ${bytes.byteLength}`);
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expectedBytes = offset + shape.reduce((product, size) => product * size, 1);
  if (bytes.byteLength !== expectedBytes) {
    throw idxError(
      path,
      `it must hold ${expectedBytes} bytes for [${shape.join(', ')}]: found ${bytes.byteLength}`,
    );
  }
  return { shape, data: bytes.subarray(offset) };
}

function idxError(path: string, problem: string): DataError {
  return new DataError(`Cannot read "${path}" as IDX: ${problem}`, {
    code: 'DATA_FILE_MALFORMED',
    remedy: 'Replace the file by an undamaged IDX file of unsigned bytes.',
  });
}
