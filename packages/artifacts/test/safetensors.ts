/** A safetensors file of vectors, which lie in the order given. */
export function safetensors(tensors: Readonly<Record<string, Float32Array>>): Buffer {
  let end = 0;
  const header = Object.entries(tensors).map(([name, { length, byteLength }]) => {
    const start = end;
    end += byteLength;
    return [name, { dtype: 'F32', shape: [length], data_offsets: [start, end] }] as const;
  });
  return safetensorsFile(Object.fromEntries(header), Object.values(tensors));
}

/** A file of that form with any header. */
export function safetensorsFile(header: unknown, parts: readonly Float32Array[] = []): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...parts.map(({ buffer }) => Buffer.from(buffer))]);
}
