/** A field of a protobuf message: its number, and a value by its wire type. */
export type ProtoField =
  | { readonly number: number; readonly kind: 'varint'; readonly value: bigint }
  | { readonly number: number; readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly number: number; readonly kind: 'fixed'; readonly value: Uint8Array };

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** An integer (int32, int64 or bool). Zero is left out, as proto3 does. */
export function intField(number: number, value: number): Uint8Array[] {
  if (value === 0) return [];
  return [varint(BigInt((number << 3) | VARINT)), varint(BigInt.asUintN(64, BigInt(value)))];
}

/** A string. An empty one is left out, as proto3 does. */
export function stringField(number: number, value: string): Uint8Array[] {
  return value === '' ? [] : elementField(number, Buffer.from(value, 'utf8'));
}

/** A message or an element of a repeated field, which is there even if it is empty. */
export function elementField(number: number, value: string | Uint8Array): Uint8Array[] {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return [varint(BigInt((number << 3) | BYTES)), varint(BigInt(bytes.byteLength)), bytes];
}

/** A message of fields in their order. */
export function message(...fields: Uint8Array[][]): Buffer {
  return Buffer.concat(fields.flat());
}

/**
 * Splits a message into its fields (Protocol Buffers, "Encoding").
 *
 * @throws {RangeError} If the bytes are no message.
 */
export function decodeFields(bytes: Uint8Array): ProtoField[] {
  const fields: ProtoField[] = [];
  let offset = 0;
  const take = (length: number): Uint8Array => {
    if (offset + length > bytes.byteLength) throw cutError(offset);
    return bytes.subarray(offset, (offset += length));
  };
  const takeVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = take(1)[0] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw cutError(offset);
  };
  while (offset < bytes.byteLength) {
    const tag = Number(takeVarint());
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (wireType === VARINT) fields.push({ number, kind: 'varint', value: takeVarint() });
    else if (wireType === BYTES) {
      fields.push({ number, kind: 'bytes', value: take(Number(takeVarint())) });
    } else if (wireType === FIXED64 || wireType === FIXED32) {
      fields.push({ number, kind: 'fixed', value: take(wireType === FIXED64 ? 8 : 4) });
    } else throw cutError(offset);
  }
  return fields;
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Uint8Array.from(bytes);
}

function cutError(offset: number): RangeError {
  return new RangeError(`Cannot decode a protobuf message: it is damaged at byte ${offset}`);
}
