import { createHash } from 'node:crypto';
import {
  damagedSourceError,
  inParts,
  type ObjectSource,
  type PutObjectOptions,
} from './object-store';
import type { S3Store } from './s3-store';
import { completionXml, parseS3Begun, parseS3Error, parseS3Parts, parseS3Uploads } from './s3-xml';

/** Most parts that an upload may have. */
const MOST_PARTS = 10_000;

/** A part that the server has; `etag` is the MD5 of its bytes on a server that does not encrypt with keys of its own. */
interface Part {
  readonly number: number;
  readonly etag: string;
}

/**
 * Sends large objects in parts. An upload that was cut off goes on: the server lists what was begun for the same key, and every
 * part whose MD5 is that of our bytes is not sent again.
 */
export class S3Multipart {
  readonly #store: S3Store;
  readonly #partBytes: number;

  constructor(store: S3Store, { partBytes }: { partBytes: number }) {
    this.#store = store;
    this.#partBytes = partBytes;
  }

  /** See `ObjectStore.put`. */
  async put(key: string, source: ObjectSource, options: PutObjectOptions): Promise<boolean> {
    if (options.ifAbsent === true && (await this.#store.head(key)) !== null) return false;
    const begun = await this.#findBegun(key);
    const uploadId = begun ?? (await this.#begin(key, source));
    const present = begun === null ? new Map<number, string>() : await this.#partsOf(key, begun);
    const partBytes = Math.max(this.#partBytes, Math.ceil(source.bytes / MOST_PARTS));
    const parts: Part[] = [];
    const hash = createHash('sha256');
    for await (const bytes of inParts(source.open(), partBytes)) {
      hash.update(bytes);
      const number = parts.length + 1;
      const etag = present.get(number);
      const isThere = etag !== undefined && unquoted(etag) === md5(bytes);
      parts.push({
        number,
        etag: isThere ? etag : await this.#putPart(key, { uploadId, number, bytes }),
      });
    }
    if (hash.digest('hex') !== source.sha256) {
      await this.#abort(key, uploadId);
      throw damagedSourceError(key);
    }
    return this.#complete(key, { uploadId, parts, options });
  }

  async #findBegun(key: string): Promise<string | null> {
    const full = this.#store.fullKey(key);
    const query = { uploads: '', prefix: full };
    const { body } = await this.#store.request({ method: 'GET', query });
    const uploads = parseS3Uploads(body.toString('utf8'), this.#store.address);
    return uploads.find((upload) => upload.key === full)?.uploadId ?? null;
  }

  async #begin(key: string, { sha256 }: ObjectSource): Promise<string> {
    const headers = { 'x-amz-meta-sha256': sha256 };
    const { body } = await this.#store.request({
      method: 'POST',
      key,
      query: { uploads: '' },
      headers,
    });
    return parseS3Begun(body.toString('utf8'), this.#store.address);
  }

  async #partsOf(key: string, uploadId: string): Promise<Map<number, string>> {
    const etags = new Map<number, string>();
    for (let marker: string | null = '0'; marker !== null;) {
      const query: Record<string, string> = { uploadId, 'part-number-marker': marker };
      const { body } = await this.#store.request({ method: 'GET', key, query });
      const page = parseS3Parts(body.toString('utf8'), this.#store.address);
      for (const { number, etag } of page.parts) etags.set(number, etag);
      marker = page.next === marker ? null : page.next;
    }
    return etags;
  }

  async #putPart(
    key: string,
    { uploadId, number, bytes }: { uploadId: string; number: number; bytes: Buffer },
  ): Promise<string> {
    const query = { partNumber: String(number), uploadId };
    const { headers } = await this.#store.request({ method: 'PUT', key, query, body: bytes });
    return headers.get('etag') ?? `"${md5(bytes)}"`;
  }

  async #complete(
    key: string,
    { uploadId, parts, options }: { uploadId: string; parts: Part[]; options: PutObjectOptions },
  ): Promise<boolean> {
    const body = Buffer.from(completionXml(parts), 'utf8');
    const headers: Record<string, string> =
      options.ifAbsent === true ? { 'if-none-match': '*' } : {};
    const request = { method: 'POST' as const, key, query: { uploadId }, headers, body };
    const answer = await this.#store.request(request, [404, 409, 412]);
    const text = answer.body.toString('utf8');
    const error = parseS3Error(text);
    if (answer.status === 412 || answer.status === 409) {
      await this.#abort(key, uploadId);
      return false;
    }
    // An upload that is gone was completed by the attempt whose answer was lost.
    const isThere =
      error === null || (answer.status === 404 && (await this.#store.head(key)) !== null);
    if (isThere) return true;
    throw this.#store.refusal(new URL(`s3://${this.#store.fullKey(key)}`), answer.status, text);
  }

  async #abort(key: string, uploadId: string): Promise<void> {
    await this.#store.request({ method: 'DELETE', key, query: { uploadId } }, [404]);
  }
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

function unquoted(etag: string): string {
  return etag.replace(/^"|"$/g, '');
}
