/** Tensors by name, as plain numbers. */
export type Tensors = Readonly<Record<string, readonly number[]>>;

/** The bytes of a safetensors file of float32 vectors. */
export function tensorBytes(
  tensors: Tensors,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const names = Object.keys(tensors).sort();
  const header: Record<string, unknown> = metadata === undefined ? {} : { __metadata__: metadata };
  const data: Buffer[] = [];
  let end = 0;
  for (const name of names) {
    const bytes = floatBytes(tensors[name] ?? []);
    const start = end;
    end += bytes.length;
    header[name] = { dtype: 'F32', shape: [bytes.length / 4], data_offsets: [start, end] };
    data.push(bytes);
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...data]);
}

/** Float32 numbers as they lie in a file. */
export function floatBytes(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeFloatLE(value, 4 * index));
  return bytes;
}
