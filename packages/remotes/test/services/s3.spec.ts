import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@pixelis/core';
import { AwsV4Signer } from 'aws4fetch';
import { S3Store } from '../../src/index';
import { bytesOf, itIsAnObjectStore, sourceOf } from '../store-contract';
import { itMovesAnOutputFolder } from '../transfer-contract';
import { useTemporaryFolder } from '../temporary-folder';
import { freePorts, ServiceProcess, serviceProgram } from './service-process';

const temporaryFolder = useTemporaryFolder();
const MEBIBYTE = 1024 * 1024;
const KEYS = { accessKeyId: 'pixelis-test', secretAccessKey: 'not-a-secret' };
const HTTP = { firstWaitMs: 20, longestWaitMs: 500 };
let server: ServiceProcess;
let endpoint: string;
let stores = 0;

beforeAll(async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'data'));
  const identities = [
    {
      name: 'test',
      credentials: [{ accessKey: KEYS.accessKeyId, secretKey: KEYS.secretAccessKey }],
      actions: ['Admin', 'Read', 'Write', 'List'],
    },
  ];
  writeFileSync(join(folder, 's3.json'), JSON.stringify({ identities }));
  const ports = await freePorts(8);
  const [master, masterGrpc, volume, volumeGrpc, filer, filerGrpc, s3, s3Grpc] = ports;
  endpoint = `http://127.0.0.1:${s3}`;
  server = new ServiceProcess(serviceProgram('objects', 'bin', 'weed'), [
    'server', `-dir=${join(folder, 'data')}`, '-ip=127.0.0.1', '-s3', `-s3.config=${join(folder, 's3.json')}`,
    `-master.port=${master}`, `-master.port.grpc=${masterGrpc}`, `-volume.port=${volume}`, `-volume.port.grpc=${volumeGrpc}`,
    `-filer.port=${filer}`, `-filer.port.grpc=${filerGrpc}`, `-s3.port=${s3}`, `-s3.port.grpc=${s3Grpc}`, `-iam=false`,
    `-filer.localSocket=${join(folder, 'filer.sock')}`, '-master.volumeSizeLimitMB=64', '-volume.max=50',
  ]); // prettier-ignore
  await server.start(
    async () =>
      (await signed('PUT', '/runs')).status < 500 && (await signed('PUT', '/runs/ready')).ok,
  );
});
afterAll(() => server.kill());

describe('S3Store with a real server', () => {
  itIsAnObjectStore(open, { partBytes: 5 * MEBIBYTE });
  itMovesAnOutputFolder(open);

  it('goes on with an upload that was cut off, and sends no part again that is there', async () => {
    const content = sourceOf(randomBytes(12 * MEBIBYTE));
    let given = 0;
    const cut = {
      ...content,
      open: async function* () {
        for await (const piece of content.open()) {
          given += piece.byteLength;
          if (given > 11 * MEBIBYTE) throw new Error('the power is gone');
          yield piece;
        }
      },
    };
    const store = open('resumed');
    await expect(store.put('large', cut)).rejects.toThrow('the power is gone');
    expect(await store.head('large')).toBeNull();
    const parts: number[] = [];
    const spy = jest.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
      const number = new URL(url instanceof Request ? url.url : url).searchParams.get('partNumber');
      if (number !== null) parts.push(Number(number));
      return original(url, init);
    });
    await store.put('large', content);
    spy.mockRestore();
    expect(parts).toEqual([3]);
    expect(sha256(await bytesOf(store, 'large'))).toBe(content.sha256);
  });

  it('is refused with other keys, without telling them', async () => {
    const credentials = { accessKeyId: 'pixelis-test', secretAccessKey: 'another-one-entirely' };
    const store = new S3Store(new URL('s3://runs/x'), { endpoint, credentials, http: HTTP });
    const error: unknown = await store.connect().catch((failure: unknown) => failure);
    expect(error).toMatchObject({ exitCode: 6, code: 'REMOTE_DENIED' });
    expect(JSON.stringify(error) + String(error)).not.toContain('another-one');
  });

  it('says which bucket is missing', async () => {
    const store = new S3Store(new URL('s3://no-such-bucket/x'), {
      endpoint,
      credentials: KEYS,
      http: HTTP,
    });
    await expect(store.connect()).rejects.toMatchObject({
      exitCode: 6,
      message: expect.stringContaining('no-such-bucket') as string,
    });
  });
});

// Helpers

const original = globalThis.fetch;

function open(prefix = `store${(stores += 1)}`): S3Store {
  const address = new URL(`s3://runs/${prefix}`);
  return new S3Store(address, { endpoint, credentials: KEYS, partBytes: 5 * MEBIBYTE, http: HTTP });
}

async function signed(method: string, path: string): Promise<Response> {
  const signer = new AwsV4Signer({
    method,
    url: `${endpoint}${path}`,
    ...KEYS,
    service: 's3',
    region: 'us-east-1',
  });
  const { url, headers } = await signer.sign();
  return fetch(url, { method, headers });
}
