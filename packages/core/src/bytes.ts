/** The bytes of a typed array or view without a copy; of a text, its UTF-8. */
export function bytesOf(content: string | ArrayBufferView): Uint8Array {
  if (typeof content === 'string') return Buffer.from(content, 'utf8');
  return new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
}
