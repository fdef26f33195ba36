import { setTimeout as wait } from 'node:timers/promises';
import { types } from 'node:util';
import type { RemoteError } from '@pixelis/core';
import { failedError, unreachableError } from './remote-errors';

/** What a request carries: bytes, or a stream that can be begun anew for every attempt. */
export type HttpBody =
  string | Uint8Array | { readonly bytes: number; open(): AsyncIterable<Uint8Array> };

/** One request. */
export interface HttpRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  url: URL;
  headers?: Readonly<Record<string, string>>;
  body?: HttpBody;
  /** How often it is tried. One for a request that must not be repeated blindly. @default HttpClientOptions.attempts */
  attempts?: number;
}

/** An answer, read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** How an {@link HttpClient} waits and repeats. */
export interface HttpClientOptions {
  /** Time for an answer, in milliseconds; what is sent has more by its size. @default 30000 */
  timeoutMs?: number;
  /** How often a request is tried that meets a broken connection, 429 or 5xx. @default 6 */
  attempts?: number;
  /** Wait before the second attempt, in milliseconds; it doubles each time, with jitter. @default 250 */
  firstWaitMs?: number;
  /** Longest wait between two attempts, in milliseconds, whatever the server asks for. @default 20000 */
  longestWaitMs?: number;
  /** Headers of a request at the moment it is sent, such as its signature. @default those of the request */
  authorise?: (request: HttpRequest) => Promise<Readonly<Record<string, string>>>;
}

/** Slowest line that an upload may have, in bytes a millisecond. */
const SLOWEST_LINE = 50;

/**
 * Requests over connections that are kept alive, with time limits and bounded repetition. A redirection is an answer like any
 * other: credentials are never sent to an address that nobody named.
 */
export class HttpClient {
  readonly #timeoutMs: number;
  readonly #attempts: number;
  readonly #firstWaitMs: number;
  readonly #longestWaitMs: number;
  readonly #authorise: NonNullable<HttpClientOptions['authorise']>;

  constructor(options: HttpClientOptions = {}) {
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#attempts = options.attempts ?? 6;
    this.#firstWaitMs = options.firstWaitMs ?? 250;
    this.#longestWaitMs = options.longestWaitMs ?? 20_000;
    this.#authorise = options.authorise ?? ((request) => Promise.resolve(request.headers ?? {}));
  }

  /**
   * Sends a request and reads the answer, whatever its status below 500 but 429.
   *
   * @throws {RemoteError} `REMOTE_UNREACHABLE` or `REMOTE_FAILED` when all attempts were in vain.
   */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    return this.#repeat(request, async (response) => ({
      status: response.status,
      headers: response.headers,
      body: Buffer.from(await response.arrayBuffer()),
    }));
  }

  /**
   * Sends a request and hands over the answer's body as it comes; the time limit is for each piece. A connection that breaks
   * in the middle throws from the iteration, and is for the caller to repeat.
   *
   * @throws {RemoteError} As {@link HttpClient.send}.
   */
  async open(request: HttpRequest): Promise<HttpAnswer & { stream: AsyncIterable<Uint8Array> }> {
    const controller = new AbortController();
    const limit = setTimeout(() => controller.abort(), this.#timeoutMs);
    try {
      const { status, headers, body } = await this.#repeat(
        request,
        (response) => Promise.resolve(response),
        { controller, touch: () => limit.refresh() },
      );
      const stream = this.#pieces(request.url, body ?? [], { controller, limit });
      return { status, headers, body: Buffer.alloc(0), stream };
    } catch (error) {
      clearTimeout(limit);
      throw error;
    }
  }

  /** Waits before attempt `attempt` (from 1, the first repetition). */
  async pause(attempt: number, askedMs = 0): Promise<void> {
    const longest = Math.min(this.#longestWaitMs, this.#firstWaitMs * 2 ** (attempt - 1));
    const drawn = longest * (0.5 + Math.random() / 2);
    await wait(Math.min(this.#longestWaitMs, Math.max(drawn, askedMs)));
  }

  async #repeat<T>(
    request: HttpRequest,
    read: (response: Response) => Promise<T>,
    stream?: { controller: AbortController; touch: () => void },
  ): Promise<T> {
    const attempts = request.attempts ?? this.#attempts;
    for (let attempt = 1; ; attempt++) {
      let askedMs = 0;
      let error: RemoteError;
      try {
        stream?.touch();
        const response = await this.#fetch(request, stream?.controller.signal);
        if (response.status < 500 && response.status !== 429) return await read(response);
        askedMs = retryAfterMs(response.headers);
        error = failedError(request.url, response.status, await response.text());
      } catch (cause) {
        if (!isNetworkFault(cause)) throw cause;
        error = unreachableError(request.url, cause);
      }
      if (attempt >= attempts || stream?.controller.signal.aborted === true) throw error;
      await this.pause(attempt, askedMs);
    }
  }

  async #fetch(request: HttpRequest, signal?: AbortSignal): Promise<Response> {
    const { method, url, body } = request;
    const headers = await this.#authorise(request);
    const timeoutMs = this.#timeoutMs + Math.ceil(sizeOf(body) / SLOWEST_LINE);
    const init = { method, headers, redirect: 'manual' as const };
    const limited = { ...init, signal: signal ?? AbortSignal.timeout(timeoutMs) };
    if (body === undefined) return fetch(url, limited);
    if (typeof body === 'string' || body instanceof Uint8Array)
      return fetch(url, { ...limited, body });
    const sized = { ...headers, 'content-length': String(body.bytes) };
    return fetch(url, { ...limited, headers: sized, body: body.open(), duplex: 'half' });
  }

  async *#pieces(
    url: URL,
    body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    { controller, limit }: { controller: AbortController; limit: NodeJS.Timeout },
  ): AsyncGenerator<Uint8Array> {
    let isRead = false;
    try {
      for await (const piece of body) {
        limit.refresh();
        yield piece;
      }
      isRead = true;
    } catch (error) {
      throw unreachableError(url, error);
    } finally {
      clearTimeout(limit);
      if (!isRead) controller.abort();
    }
  }
}

function sizeOf(body: HttpBody | undefined): number {
  if (body === undefined) return 0;
  if (typeof body === 'string') return body.length;
  return body instanceof Uint8Array ? body.byteLength : body.bytes;
}

/** `fetch` throws a TypeError with the network's error as its cause, or the signal's reason, which is no Error of the language. */
function isNetworkFault(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('name' in error)) return false;
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return true;
  return error.name === 'TypeError' && 'cause' in error && types.isNativeError(error.cause);
}

function retryAfterMs(headers: Headers): number {
  const seconds = Number(headers.get('retry-after') ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}
