import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { bytesOf } from './bytes';

/** How much of a file is in memory at a time. */
const CHUNK_BYTES = 1 << 20;

/** The SHA-256 (FIPS 180-4) of bytes (a typed array's, as they lie in memory) or of a text's UTF-8 bytes, as 64 lower-case hex digits. */
export function sha256(content: string | ArrayBufferView): string {
  return createHash('sha256').update(bytesOf(content)).digest('hex');
}

/**
 * The SHA-256 of a file's bytes, as 64 lower-case hex digits; a file of any size takes one mebibyte of memory.
 *
 * @throws The system's error if the file cannot be read.
 */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const file = await open(path, 'r');
  try {
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(chunk.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** {@link sha256File} for callers that cannot wait. */
export function sha256FileSync(path: string): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const bytesRead = readSync(file, chunk, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(chunk.subarray(0, bytesRead));
    }
  } finally {
    closeSync(file);
  }
}
