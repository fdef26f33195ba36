import { IntegrityError, sha256, UsageError } from '@pixelis/core';

/** Content that is read when it is sent, and again if it must be sent again. */
export interface ObjectSource {
  readonly bytes: number;
  /** The SHA-256 of the content, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  open(): AsyncIterable<Uint8Array>;
}

/** What is put: bytes in memory, or a source of any size. */
export type ObjectBody = Uint8Array | ObjectSource;

/** What a store says of an object without its content. */
export interface ObjectInfo {
  readonly key: string;
  readonly bytes: number;
  /** The SHA-256 that was given when it was put; null where the store does not tell, as in a listing. */
  readonly sha256: string | null;
}

/** How {@link ObjectStore.put} treats an object that is there. */
export interface PutObjectOptions {
  /** Whether an object that is there is left as it is. Of any number of writers exactly one succeeds. @default false */
  ifAbsent?: boolean;
}

/**
 * Objects by their keys: relative paths with forward slashes. Every object is whole: it appears when all of its bytes have
 * arrived and agree with their checksum. All methods throw a RemoteError if the store cannot be reached or refuses.
 */
export interface ObjectStore {
  /** As a message may show it, without credentials. */
  readonly address: string;
  /** Whether the store answers and has the bucket. */
  connect(): Promise<void>;
  /** @returns False if the object was there and `ifAbsent` was asked for. */
  put(key: string, body: ObjectBody, options?: PutObjectOptions): Promise<boolean>;
  /** The content as it comes, unverified; null if there is no such object. */
  get(key: string): Promise<AsyncIterable<Uint8Array> | null>;
  head(key: string): Promise<ObjectInfo | null>;
  /** Objects whose keys begin with `prefix`, in no particular order. */
  list(prefix: string): AsyncIterable<ObjectInfo>;
  /** Removes an object; none there is no error. */
  delete(key: string): Promise<void>;
}

const KEY = /^[^/\\:\x00-\x1f]+(?:\/[^/\\:\x00-\x1f]+)*$/;

/**
 * Returns a key that names the same object in every store.
 *
 * @throws {RangeError} If it is empty or too long, begins with a slash or holds `..`, a backslash, a colon or a control character.
 */
export function checkKey(key: string): string {
  const isDotted = key.split('/').some((segment) => segment === '.' || segment === '..');
  if (KEY.test(key) && !isDotted && Buffer.byteLength(key) <= 1024) return key;
  throw new RangeError(
    `Cannot use the key ${JSON.stringify(key)}: it must be a relative path with forward slashes and without ".."`,
  );
}

/** The bucket and the prefix (empty, or with a slash at its end) of an address such as `s3://bucket/a/b`. */
export function bucketOf(address: URL): { bucket: string; prefix: string } {
  const bucket = address.host;
  if (!/^[a-z0-9][a-z0-9._-]{1,221}$/.test(bucket)) {
    throw new UsageError(`${JSON.stringify(bucket)} is no name of a bucket`, {
      code: 'REMOTE_ADDRESS_INVALID',
      remedy: 'Write s3://bucket/prefix or gs://bucket/prefix.',
    });
  }
  const path = decodeURIComponent(address.pathname).replace(/^\/+|\/+$/g, '');
  return { bucket, prefix: path === '' ? '' : `${checkKey(path)}/` };
}

/** A key as part of an address: every segment percent-encoded. */
export function encodeKey(key: string): string {
  return key.split('/').map(encodeSegment).join('/');
}

/** Percent-encodes all but the unreserved characters of RFC 3986, section 2.3. */
export function encodeSegment(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}

/** Cuts a stream into parts of exactly `partBytes`, the last one shorter; an empty stream has one empty part. */
export async function* inParts(
  pieces: AsyncIterable<Uint8Array>,
  partBytes: number,
): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  let isAnyGiven = false;
  for await (const piece of pieces) {
    for (let from = 0; from < piece.byteLength;) {
      const taken = piece.subarray(from, from + partBytes - bytes);
      waiting.push(taken);
      from += taken.byteLength;
      bytes += taken.byteLength;
      if (bytes < partBytes) continue;
      yield Buffer.concat(waiting, bytes);
      isAnyGiven = true;
      waiting = [];
      bytes = 0;
    }
  }
  if (bytes > 0 || !isAnyGiven) yield Buffer.concat(waiting, bytes);
}

/** All pieces of a stream that is known to be small. */
export async function readAll(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return Buffer.concat(parts);
}

/**
 * All bytes of a small body.
 *
 * @throws {IntegrityError} `CONTENT_DAMAGED` if a source is not what its SHA-256 says.
 */
export async function bodyBytes(key: string, body: ObjectBody): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const bytes = await readAll(body.open());
  if (sha256(bytes) !== body.sha256) throw damagedSourceError(key);
  return bytes;
}

/** What is to be sent is not what it should be. */
export function damagedSourceError(key: string): IntegrityError {
  return new IntegrityError(`What was read for ${key} is not what its SHA-256 says`, {
    code: 'CONTENT_DAMAGED',
    remedy: 'Verify the store that it comes from, then sync again.',
  });
}

/** Size of a body. */
export function bodySize(body: ObjectBody): number {
  return body instanceof Uint8Array ? body.byteLength : body.bytes;
}
