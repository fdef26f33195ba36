import * as http from 'node:http';
import * as https from 'node:https';

/** What is sent, and how long it may take. */
export interface HttpRequestOptions {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly timeoutMs: number;
}

/** What a server answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * One request of HTTP. Not by `fetch`, which adds headers of browsers (`sec-fetch-mode`), and Ray refuses to take orders from
 * those.
 *
 * @throws The system's error, or an `AbortError` if there is no answer in time.
 */
export async function httpRequest(
  url: URL,
  { method, headers, body, timeoutMs }: HttpRequestOptions,
): Promise<HttpAnswer> {
  const { request } = url.protocol === 'https:' ? https : http;
  const signal = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, signal }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.once('error', reject);
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString('utf8') });
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
