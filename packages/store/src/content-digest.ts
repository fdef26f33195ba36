import { createHash } from 'node:crypto';
import type { ContentReference } from './types';

/** Hashes and counts a content that comes by. */
export class ContentDigest {
  readonly #hash = createHash('sha256');
  #bytes = 0;

  async *of(slices: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const slice of slices) {
      this.#hash.update(slice);
      this.#bytes += slice.byteLength;
      yield slice;
    }
  }

  reference(): ContentReference {
    return { sha256: this.#hash.digest('hex'), bytes: this.#bytes };
  }
}
