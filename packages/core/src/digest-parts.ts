import { createHash } from 'node:crypto';
import { bytesOf } from './bytes';

/** What {@link digestParts} gives. */
export interface PartsDigest {
  /** SHA-256 of the 32-byte SHA-256 digests of all parts, in 64 lower-case hex digits. */
  readonly digest: string;
  /** The first 4 bytes of each part's digest in hex, one after the other: so that the first part that differs can be named. */
  readonly parts: string;
}

/** How many hex digits of {@link PartsDigest.parts} stand for one part. */
export const PART_DIGITS = 8;

/** One digest of several byte strings (of a typed array, its bytes as they lie in memory), and a short one of each. */
export function digestParts(parts: Iterable<ArrayBufferView>): PartsDigest {
  const whole = createHash('sha256');
  let short = '';
  for (const part of parts) {
    const digest = createHash('sha256').update(bytesOf(part)).digest();
    whole.update(digest);
    short += digest.toString('hex', 0, PART_DIGITS / 2);
  }
  return { digest: whole.digest('hex'), parts: short };
}
