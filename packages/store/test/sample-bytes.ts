/** Bytes that look random and are the same for the same seed (xorshift32; Marsaglia, 2003). */
export function sampleBytes(length: number, seed = 1): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = (seed * 0x9e3779b9) >>> 0 || 1;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return Buffer.from(words.buffer, 0, length);
}

/** A safetensors file with these tensors of bytes, in this order. */
export function safetensors(tensors: Readonly<Record<string, Uint8Array>>): Buffer {
  let offset = 0;
  const entries = Object.entries(tensors).map(([name, data]) => {
    const start = offset;
    offset += data.byteLength;
    return [name, { dtype: 'U8', shape: [data.byteLength], data_offsets: [start, offset] }];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.byteLength));
  return Buffer.concat([length, header, ...Object.values(tensors)]);
}
