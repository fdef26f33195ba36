import { createHash } from 'node:crypto';
import { RemoteError, sha256 } from '@pixelis/core';
import { z } from 'zod';
import {
  HttpClient,
  type HttpAnswer,
  type HttpClientOptions,
  type HttpRequest,
} from '../http/http-client';
import { refusedError, safeAddress, unexpectedAnswerError } from '../http/remote-errors';
import { GcsResumableUpload } from './gcs-resumable-upload';
import {
  bodyBytes,
  bodySize,
  bucketOf,
  checkKey,
  encodeSegment,
  type ObjectBody,
  type ObjectInfo,
  type ObjectStore,
  type PutObjectOptions,
  readAll,
} from './object-store';

/** How a {@link GcsStore} is reached. */
export interface GcsStoreOptions {
  /** Gives a bearer token. @default the application's default credentials; none for an emulator */
  accessToken?: () => Promise<string | null>;
  /** The server. @default STORAGE_EMULATOR_HOST, or Google's */
  endpoint?: string;
  /** Size of the parts of a large object, a multiple of 256 KiB. @default 16 MiB */
  partBytes?: number;
  /** Time limits and repetition. */
  http?: HttpClientOptions;
}

const GOOGLE = 'https://storage.googleapis.com';
const SCOPE = 'https://www.googleapis.com/auth/devstorage.read_write';

const objectSchema = z.object({
  name: z.string(),
  size: z.coerce.number().default(0),
  md5Hash: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
});

const pageSchema = z.object({
  items: z.array(objectSchema).default([]),
  nextPageToken: z.string().optional(),
});

const errorSchema = z.object({ error: z.object({ message: z.string() }) });

/** What the server says of an object. */
export type GcsObject = z.infer<typeof objectSchema>;

/** A prefix of a bucket on Google Cloud Storage, by its JSON API. */
export class GcsStore implements ObjectStore {
  readonly address: string;
  readonly #http: HttpClient;
  readonly #endpoint: URL;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #partBytes: number;

  /** @param address `gs://bucket/prefix`. */
  constructor(address: URL, options: GcsStoreOptions = {}) {
    const { bucket, prefix } = bucketOf(address);
    const emulator = process.env['STORAGE_EMULATOR_HOST'];
    const given = options.endpoint ?? (emulator ? withScheme(emulator) : undefined);
    this.#endpoint = new URL(given ?? GOOGLE);
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#partBytes = options.partBytes ?? 16 * 1024 * 1024;
    this.address = `gs://${bucket}/${prefix}${given === undefined ? '' : ` at ${safeAddress(given)}`}`;
    const token =
      options.accessToken ??
      (given === undefined ? defaultAccessToken() : () => Promise.resolve(null));
    this.#http = new HttpClient({
      ...options.http,
      authorise: async ({ url, headers }) => {
        // The address of an upload, which the server names, is its own credential.
        const bearer = url.origin === this.#endpoint.origin ? await token() : null;
        return { ...headers, ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }) };
      },
    });
  }

  async connect(): Promise<void> {
    await this.#send({ method: 'GET', url: this.#url('storage', 'o', { maxResults: '1' }) });
  }

  async put(key: string, body: ObjectBody, options: PutObjectOptions = {}): Promise<boolean> {
    const isLarge = !(body instanceof Uint8Array) && bodySize(body) > this.#partBytes;
    const condition: Record<string, string> =
      options.ifAbsent === true ? { ifGenerationMatch: '0' } : {};
    if (isLarge) {
      if (options.ifAbsent === true && (await this.head(key)) !== null) return false;
      const url = this.#url('upload', 'o', { uploadType: 'resumable', ...condition });
      const upload = new GcsResumableUpload(this, { partBytes: this.#partBytes });
      return upload.put(url, { name: this.#fullKey(key), source: body });
    }
    const bytes = await bodyBytes(key, body);
    const url = this.#url('upload', 'o', { uploadType: 'multipart', ...condition });
    const metadata = {
      name: this.#fullKey(key),
      md5Hash: createHash('md5').update(bytes).digest('base64'),
      metadata: { sha256: sha256(bytes) },
    };
    const answer = await this.#send(
      { method: 'POST', url, ...relatedParts(metadata, bytes) },
      [412],
    );
    return answer.status !== 412;
  }

  async get(key: string): Promise<AsyncIterable<Uint8Array> | null> {
    const url = this.#objectUrl(key, { alt: 'media' });
    const { status, stream } = await this.#http.open({ method: 'GET', url });
    if (status < 300) return stream;
    const text = (await readAll(stream)).toString('utf8');
    if (status === 404) return null;
    throw this.refusal(url, status, text);
  }

  async head(key: string): Promise<ObjectInfo | null> {
    const url = this.#objectUrl(key);
    const answer = await this.#send({ method: 'GET', url }, [404]);
    if (answer.status === 404) return null;
    const { size, metadata } = parse(url, answer, objectSchema);
    return { key, bytes: size, sha256: metadata?.['sha256'] ?? null };
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    for (let token: string | undefined = ''; token !== undefined;) {
      const query: Record<string, string> = { prefix: `${this.#prefix}${prefix}` };
      if (token !== '') query['pageToken'] = token;
      const url = this.#url('storage', 'o', query);
      const page: z.infer<typeof pageSchema> = parse(
        url,
        await this.#send({ method: 'GET', url }),
        pageSchema,
      );
      for (const { name, size, metadata } of page.items) {
        if (!name.startsWith(this.#prefix) || name.endsWith('/')) continue;
        const key = name.slice(this.#prefix.length);
        yield { key, bytes: size, sha256: metadata?.['sha256'] ?? null };
      }
      token = page.nextPageToken === '' ? undefined : page.nextPageToken;
    }
  }

  async delete(key: string): Promise<void> {
    await this.#send({ method: 'DELETE', url: this.#objectUrl(key) }, [404]);
  }

  /** @internal */
  get http(): HttpClient {
    return this.#http;
  }

  /** @internal The address of an upload that the server named; an emulator may name a host that is not its own. */
  uploadUrl(location: string): URL {
    const url = new URL(location, this.#endpoint);
    if (this.#endpoint.origin === GOOGLE) return url;
    return new URL(`${url.pathname}${url.search}`, this.#endpoint);
  }

  /** @internal */
  refusal(url: URL, status: number, answer: string): RemoteError {
    let message = answer;
    try {
      message = errorSchema.parse(JSON.parse(answer)).error.message;
    } catch {
      // An answer in another form is shown as it is.
    }
    return refusedError(url, status, message);
  }

  async #send(request: HttpRequest, expected: readonly number[] = []): Promise<HttpAnswer> {
    const answer = await this.#http.send(request);
    if (answer.status < 300 || expected.includes(answer.status)) return answer;
    throw this.refusal(request.url, answer.status, answer.body.toString('utf8'));
  }

  #fullKey(key: string): string {
    return `${this.#prefix}${checkKey(key)}`;
  }

  #objectUrl(key: string, query: Readonly<Record<string, string>> = {}): URL {
    return this.#url('storage', `o/${encodeSegment(this.#fullKey(key))}`, query);
  }

  #url(kind: 'storage' | 'upload', path: string, query: Readonly<Record<string, string>>): URL {
    const start = kind === 'upload' ? '/upload/storage/v1' : '/storage/v1';
    const search = new URLSearchParams(query);
    const base = this.#endpoint.href.replace(/\/+$/, '');
    return new URL(`${base}${start}/b/${this.#bucket}/${path}?${search.toString()}`);
  }
}

function parse<Schema extends z.ZodType>(
  url: URL,
  answer: HttpAnswer,
  schema: Schema,
): z.infer<Schema> {
  try {
    return schema.parse(JSON.parse(answer.body.toString('utf8')));
  } catch (cause) {
    throw unexpectedAnswerError(url, cause);
  }
}

/** Metadata and content in one request; the server refuses content whose MD5 differs. */
function relatedParts(metadata: object, bytes: Uint8Array): Pick<HttpRequest, 'headers' | 'body'> {
  const boundary = `pixelis-${sha256(bytes)}`;
  const head =
    `--${boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n${JSON.stringify(metadata)}\r\n` +
    `--${boundary}\r\ncontent-type: application/octet-stream\r\n\r\n`;
  return {
    headers: { 'content-type': `multipart/related; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}

/** The library is loaded when the first token is asked for: it is large, and most programs never need it. */
function defaultAccessToken(): () => Promise<string | null> {
  let auth: Promise<{ getAccessToken(): Promise<string | null | undefined> }> | undefined;
  return async () => {
    try {
      auth ??= import('google-auth-library').then(
        ({ GoogleAuth }) => new GoogleAuth({ scopes: SCOPE }),
      );
      return (await (await auth).getAccessToken()) ?? null;
    } catch (cause) {
      throw new RemoteError('Google Cloud Storage gave no access: no credentials were found', {
        code: 'REMOTE_DENIED',
        remedy: 'Set GOOGLE_APPLICATION_CREDENTIALS to the file of a service account.',
        cause,
      });
    }
  };
}

function withScheme(host: string): string {
  return /^https?:\/\//.test(host) ? host : `http://${host}`;
}
