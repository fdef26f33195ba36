import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sourceOf } from '../../test/store-contract';
import { GcsStore } from './gcs-store';

const PART = 256 * 1024;
let server: Server;
let received: Buffer;
/** Fates of the parts in turn: how many bytes are kept before the line breaks; all, and an answer, if undefined. */
let breaks: (number | undefined)[];

beforeEach(async () => {
  received = Buffer.alloc(0);
  breaks = [];
  server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const range = /^bytes (\*|(\d+)-\d+)\/(\d+)$/.exec(request.headers['content-range'] ?? '');
      if (range === null) {
        response.writeHead(200, { location: '/upload/session' }).end();
        return;
      }
      const kept = range[1] === '*' ? undefined : breaks.shift();
      if (range[1] !== '*') {
        expect(Number(range[2])).toBe(received.byteLength);
        received = Buffer.concat([received, body.subarray(0, kept ?? body.byteLength)]);
      }
      if (kept !== undefined) request.socket.destroy();
      else if (received.byteLength === Number(range[3])) response.writeHead(200).end('{}');
      else if (received.byteLength === 0) response.writeHead(308).end();
      else response.writeHead(308, { range: `bytes=0-${received.byteLength - 1}` }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('GcsResumableUpload', () => {
  it.each([
    ['no fault', []],
    ['the first part lost', [0]],
    ['half a part kept', [undefined, PART / 2]],
    ['a whole part kept without an answer', [PART, undefined, PART]],
    ['the end kept without an answer', [undefined, undefined, undefined, 1000]],
    ['one fault after the other', [0, 1000, 0, 2000, undefined, 0]],
  ])('sends every byte once and in order with %s', async (_, fates) => {
    breaks = [...fates];
    const bytes = randomBytes(3 * PART + 1000);
    expect(await open().put('large', sourceOf(bytes))).toBe(true);
    expect(received.equals(bytes)).toBe(true);
  });

  it('gives up when the upload does not get on', async () => {
    breaks = Array.from({ length: 100 }, () => 0);
    await expect(open().put('large', sourceOf(randomBytes(2 * PART)))).rejects.toMatchObject({
      exitCode: 6,
    });
  });
});

// Helpers

function open(): GcsStore {
  const { port } = server.address() as AddressInfo;
  const http = { firstWaitMs: 1, longestWaitMs: 2 };
  return new GcsStore(new URL('gs://bucket/x'), {
    endpoint: `http://127.0.0.1:${port}`,
    partBytes: PART,
    http,
  });
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
