import { createHash } from 'node:crypto';
import { EnvironmentError, type RemoteError, sha256 } from '@pixelis/core';
import { AwsV4Signer } from 'aws4fetch';
import {
  type HttpAnswer,
  HttpClient,
  type HttpClientOptions,
  type HttpRequest,
} from '../http/http-client';
import { refusedError, safeAddress } from '../http/remote-errors';
import {
  bodyBytes,
  bodySize,
  bucketOf,
  checkKey,
  encodeKey,
  encodeSegment,
  type ObjectBody,
  type ObjectInfo,
  type ObjectStore,
  type PutObjectOptions,
  readAll,
} from './object-store';
import { S3Multipart } from './s3-multipart';
import { parseS3Error, parseS3Listing } from './s3-xml';

/** Who asks an S3 server. */
export interface S3Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** How an {@link S3Store} is reached. */
export interface S3StoreOptions {
  /** @default AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN */
  credentials?: S3Credentials;
  /** The server. @default AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, or Amazon's of the region */
  endpoint?: string;
  /** @default AWS_REGION, AWS_DEFAULT_REGION or 'us-east-1' */
  region?: string;
  /** Whether the bucket stands in the path and not in the host name. @default true for any server but Amazon's */
  isPathStyle?: boolean;
  /** Size from which an object is sent in parts, and of each part, in bytes; Amazon wants at least 5 MiB. @default 16 MiB */
  partBytes?: number;
  /** Time limits and repetition. */
  http?: HttpClientOptions;
}

/** A request to a bucket. */
export interface S3Request {
  method: HttpRequest['method'];
  /** Below the store's prefix; none for the bucket itself. */
  key?: string;
  query?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  body?: Uint8Array;
}

/** A prefix of a bucket on Amazon S3 or a server of its protocol. */
export class S3Store implements ObjectStore {
  readonly address: string;
  readonly #http: HttpClient;
  readonly #base: string;
  readonly #prefix: string;
  readonly #partBytes: number;

  /**
   * @param address `s3://bucket/prefix`.
   * @throws {EnvironmentError} `CREDENTIALS_MISSING`.
   */
  constructor(address: URL, options: S3StoreOptions = {}) {
    const { env } = process;
    const { bucket, prefix } = bucketOf(address);
    const credentials = options.credentials ?? credentialsOfEnvironment();
    const region =
      options.region ?? (env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || 'us-east-1');
    const given = options.endpoint ?? (env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL']);
    const endpoint = new URL(given || `https://s3.${region}.amazonaws.com`);
    const isPathStyle = options.isPathStyle ?? (Boolean(given) || bucket.includes('.'));
    const path = endpoint.pathname.replace(/\/+$/, '');
    this.#base = isPathStyle
      ? `${endpoint.protocol}//${endpoint.host}${path}/${bucket}`
      : `${endpoint.protocol}//${bucket}.${endpoint.host}${path}`;
    this.#prefix = prefix;
    this.#partBytes = options.partBytes ?? 16 * 1024 * 1024;
    this.address = given
      ? `s3://${bucket}/${prefix} at ${safeAddress(endpoint)}`
      : `s3://${bucket}/${prefix}`;
    const signing = { ...credentials, service: 's3', region };
    this.#http = new HttpClient({
      ...options.http,
      authorise: (request) => sign(request, signing),
    });
  }

  async connect(): Promise<void> {
    await this.request({ method: 'GET', query: { 'list-type': '2', 'max-keys': '1' } });
  }

  async put(key: string, body: ObjectBody, options: PutObjectOptions = {}): Promise<boolean> {
    if (!(body instanceof Uint8Array) && bodySize(body) > this.#partBytes) {
      const multipart = new S3Multipart(this, { partBytes: this.#partBytes });
      return multipart.put(key, body, options);
    }
    const bytes = await bodyBytes(key, body);
    const digest = createHash('sha256').update(bytes).digest();
    const headers = {
      'x-amz-checksum-sha256': digest.toString('base64'),
      'x-amz-meta-sha256': digest.toString('hex'),
      ...(options.ifAbsent === true ? { 'if-none-match': '*' } : {}),
    };
    const answer = await this.request({ method: 'PUT', key, headers, body: bytes }, [409, 412]);
    return answer.status < 300;
  }

  async get(key: string): Promise<AsyncIterable<Uint8Array> | null> {
    const url = this.#url({ method: 'GET', key });
    const answer = await this.#http.open({ method: 'GET', url });
    if (answer.status < 300) return answer.stream;
    const text = (await readAll(answer.stream)).toString('utf8');
    if (answer.status === 404 && parseS3Error(text)?.code !== 'NoSuchBucket') return null;
    throw this.refusal(url, answer.status, text);
  }

  async head(key: string): Promise<ObjectInfo | null> {
    const { status, headers } = await this.request({ method: 'HEAD', key }, [404]);
    if (status === 404) return null;
    const bytes = Number(headers.get('content-length') ?? 0);
    return { key, bytes, sha256: headers.get('x-amz-meta-sha256') };
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    for (let token: string | null = ''; token !== null;) {
      const query: Record<string, string> = {
        'list-type': '2',
        prefix: `${this.#prefix}${prefix}`,
      };
      if (token !== '') query['continuation-token'] = token;
      const { body } = await this.request({ method: 'GET', query });
      const page = parseS3Listing(body.toString('utf8'), this.#base);
      for (const { key, bytes } of page.objects) {
        if (!key.startsWith(this.#prefix) || key.endsWith('/')) continue;
        yield { key: key.slice(this.#prefix.length), bytes, sha256: null };
      }
      token = page.next;
    }
  }

  async delete(key: string): Promise<void> {
    await this.request({ method: 'DELETE', key }, [404]);
  }

  /**
   * @internal Sends a signed request.
   * @throws {RemoteError} If the status is 300 or more and not among `expected`.
   */
  async request(request: S3Request, expected: readonly number[] = []): Promise<HttpAnswer> {
    const url = this.#url(request);
    const { method, headers = {}, body } = request;
    const content = body === undefined ? {} : { body };
    const answer = await this.#http.send({ method, url, headers, ...content });
    if (answer.status < 300 || expected.includes(answer.status)) return answer;
    throw this.refusal(url, answer.status, answer.body.toString('utf8'));
  }

  /** @internal */
  refusal(url: URL, status: number, answer: string): RemoteError {
    const error = parseS3Error(answer);
    return refusedError(url, status, error === null ? '' : `${error.code}: ${error.message}`);
  }

  /** @internal The key as the server knows it. */
  fullKey(key: string): string {
    return `${this.#prefix}${key}`;
  }

  #url({ key, query = {} }: S3Request): URL {
    const path = key === undefined ? '' : encodeKey(`${this.#prefix}${checkKey(key)}`);
    const search = Object.entries(query).map(([name, value]) => `${name}=${encodeSegment(value)}`);
    return new URL(`${this.#base}/${path}${search.length === 0 ? '' : `?${search.join('&')}`}`);
  }
}

async function sign(
  { method, url, headers, body }: HttpRequest,
  signing: S3Credentials & { service: string; region: string },
): Promise<Record<string, string>> {
  const bytes = body instanceof Uint8Array ? body : '';
  const hashed = { ...headers, 'x-amz-content-sha256': sha256(bytes) };
  const signer = new AwsV4Signer({ method, url: url.href, headers: hashed, ...signing });
  return Object.fromEntries((await signer.sign()).headers);
}

function credentialsOfEnvironment(): S3Credentials {
  const { env } = process;
  const accessKeyId = env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = env['AWS_SESSION_TOKEN'];
  if (accessKeyId && secretAccessKey) {
    return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
  }
  throw new EnvironmentError('No credentials for S3 are set', {
    code: 'CREDENTIALS_MISSING',
    remedy: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for a role).',
  });
}
