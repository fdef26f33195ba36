import { createHash } from 'node:crypto';
import { canonicalJson, type JsonValue } from '@pixelis/core';

/** What the first batch is added to. */
export const NO_BATCHES = '0'.repeat(64);

/**
 * The digest of a row of batches to which one is added: the SHA-256 of `digest`, in 64 hex digits, and then of every
 * shard in order: a line of canonical JSON that holds its numbers and texts as they are and for each typed array its type
 * and length, such as `"Float32Array[64]"`; after it the arrays' bytes in the order of their names.
 *
 * @throws {TypeError} If a shard holds something else.
 */
export function addBatch(digest: string, shards: readonly object[]): string {
  const hash = createHash('sha256').update(digest);
  for (const shard of shards) {
    const members = Object.entries(shard).sort(([a], [b]) =>
      Buffer.compare(Buffer.from(a), Buffer.from(b)),
    );
    const header = Object.fromEntries(
      members.map(([name, value]): [string, JsonValue] => [name, describe(name, value)]),
    );
    hash.update(`${canonicalJson(header)}\n`);
    for (const [, value] of members) {
      if (ArrayBuffer.isView(value))
        hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    }
  }
  return hash.digest('hex');
}

function describe(name: string, value: unknown): JsonValue {
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (ArrayBuffer.isView(value) && 'length' in value && typeof value.length === 'number')
    return `${value.constructor.name}[${value.length}]`;
  throw new TypeError(
    `Cannot digest a batch: ${name} must be a number, a text or a typed array: current value is of type ${typeof value}`,
  );
}
