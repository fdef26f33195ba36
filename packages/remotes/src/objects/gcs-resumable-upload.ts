import { createHash } from 'node:crypto';
import { RemoteError } from '@pixelis/core';
import type { HttpAnswer } from '../http/http-client';
import type { GcsStore } from './gcs-store';
import { damagedSourceError, inParts, type ObjectSource } from './object-store';

/** How often the server is asked how far an upload has got before it is given up. */
const ATTEMPTS = 6;

/**
 * Sends a large object to Google Cloud Storage in parts (its "resumable upload"). After a failure in the middle the server is
 * asked how far it has got, and only what is missing is sent again.
 */
export class GcsResumableUpload {
  readonly #store: GcsStore;
  readonly #partBytes: number;

  constructor(store: GcsStore, { partBytes }: { partBytes: number }) {
    this.#store = store;
    this.#partBytes = partBytes;
  }

  /** See `ObjectStore.put`. @param begin Where an upload is begun. */
  async put(
    begin: URL,
    { name, source }: { name: string; source: ObjectSource },
  ): Promise<boolean> {
    const body = JSON.stringify({ name, metadata: { sha256: source.sha256 } });
    const headers = {
      'content-type': 'application/json',
      'x-upload-content-length': String(source.bytes),
    };
    const begun = await this.#store.http.send({ method: 'POST', url: begin, headers, body });
    if (begun.status === 412) return false;
    const location = begun.headers.get('location');
    if (begun.status >= 300 || location === null) throw this.#refusal(begin, begun);
    const url = this.#store.uploadUrl(location);
    const hash = createHash('sha256');
    let offset = 0;
    let last: HttpAnswer = begun;
    for await (const part of inParts(source.open(), this.#partBytes)) {
      hash.update(part);
      const isLast = offset + part.byteLength === source.bytes;
      if (isLast && hash.copy().digest('hex') !== source.sha256) throw damagedSourceError(name);
      last = await this.#putPart(url, { part, offset, total: source.bytes });
      offset += part.byteLength;
    }
    if (last.status === 412) return false;
    if (last.status < 300) return true;
    throw this.#refusal(begin, last);
  }

  async #putPart(
    url: URL,
    { part, offset, total }: { part: Buffer; offset: number; total: number },
  ): Promise<HttpAnswer> {
    const end = offset + part.byteLength;
    let from = offset;
    for (let attempt = 1; ; attempt++) {
      const range = `bytes ${from}-${end - 1}/${total}`;
      const headers = { 'content-range': range };
      const answer = await this.#once(url, headers, part.subarray(from - offset));
      if (answer !== null) {
        if (answer.status !== 308) return answer;
        from = persisted(answer);
        if (from >= end) return answer;
      }
      if (attempt >= ATTEMPTS) throw this.#refusal(url, answer);
      await this.#store.http.pause(attempt);
      const state = await this.#store.http.send({
        method: 'PUT',
        url,
        headers: { 'content-range': `bytes */${total}` },
        body: new Uint8Array(),
      });
      if (state.status !== 308) return state;
      from = Math.max(offset, persisted(state));
      if (from >= end) return state;
    }
  }

  /** One attempt; null if nothing is known of how it went. */
  async #once(
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array,
  ): Promise<HttpAnswer | null> {
    try {
      return await this.#store.http.send({ method: 'PUT', url, headers, body, attempts: 1 });
    } catch (error) {
      if (error instanceof RemoteError) return null;
      throw error;
    }
  }

  #refusal(url: URL, answer: HttpAnswer | null): RemoteError {
    const text = answer?.body.toString('utf8') ?? 'the upload does not get on';
    return this.#store.refusal(url, answer?.status ?? 308, text);
  }
}

/** How many bytes the server has, by its header `range: bytes=0-N`. */
function persisted(answer: HttpAnswer): number {
  const match = /^bytes=0-(\d+)$/.exec(answer.headers.get('range') ?? '');
  return match === null ? 0 : Number(match[1]) + 1;
}
