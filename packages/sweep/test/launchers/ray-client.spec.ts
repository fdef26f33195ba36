import { EXIT_CODES, type PixelisError, RemoteError, UsageError } from '@pixelis/core';
import { RayClient, type RayJobRequest } from '../../src/launchers/ray/ray-client';
import { RayServer } from './ray-server';

const REQUEST: RayJobRequest = {
  submission_id: 'one',
  entrypoint: 'true',
  entrypoint_num_cpus: 1,
  entrypoint_num_gpus: 0,
  runtime_env: { env_vars: {} },
  metadata: {},
};

let server: RayServer;
let address: string;
let client: RayClient;
beforeEach(async () => {
  server = new RayServer();
  address = await server.start();
  client = new RayClient({ address, firstWaitMs: 1 });
});
afterEach(async () => server.stop());

async function failureOf(promise: Promise<unknown>): Promise<PixelisError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof RemoteError) return error;
  throw new Error('it did not fail with a RemoteError');
}

describe('RayClient', () => {
  it('submits, describes, lists and stops jobs', async () => {
    await client.submit(REQUEST);
    expect(server.submitted).toEqual([REQUEST]);
    expect(await client.job('one')).toEqual({ submission_id: 'one', status: 'RUNNING' });
    await client.stop('one');
    expect(await client.jobs()).toEqual([{ submission_id: 'one', status: 'STOPPED' }]);
  });

  it('knows nothing of a job that there is not, and does not mind to stop it', async () => {
    expect(await client.job('none')).toBeUndefined();
    await client.stop('none');
  });

  it('sends no header that only browsers send, since Ray takes no orders from them', async () => {
    await client.submit(REQUEST);
    const names = Object.keys(server.requests[0]?.headers ?? {});
    expect(names.filter((name) => /^sec-|^origin$|^referer$|^user-agent$/.test(name))).toEqual([]);
  });

  it('sends the token if there is one', async () => {
    await client.jobs();
    await new RayClient({ address, token: 'abc' }).jobs();
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      'Bearer abc',
    ]);
  });

  it('tries again while a gateway says that the server is away', async () => {
    server.faults.push(502, 503);
    expect(await client.jobs()).toEqual([]);
    expect(server.requests).toHaveLength(3);
  });

  it('tries again after a connection that broke or hangs', async () => {
    await client.jobs();
    server.faults.push('drop', 'hang');
    const impatient = new RayClient({ address, firstWaitMs: 1, timeoutMs: 500 });
    expect(await impatient.jobs()).toEqual([]);
  });

  it('submits once although the first answer was lost', async () => {
    server.faults.push('drop');
    await client.submit(REQUEST);
    expect(server.submitted).toHaveLength(1);
  });

  it('fails with RAY_UNREACHABLE and exit code 6 if nobody listens', async () => {
    await server.stop();
    const error = await failureOf(client.jobs());
    expect(error).toMatchObject({ code: 'RAY_UNREACHABLE', exitCode: EXIT_CODES.remote });
    expect(error.message).toMatch(new RegExp(`^cannot reach Ray at ${address}: .*ECONNREFUSED`));
    expect(error.remedy).toContain('--ray-address');
  });

  it('fails with RAY_UNREACHABLE if there is no answer in time', async () => {
    server.faults.push('hang', 'hang', 'hang');
    const error = await failureOf(new RayClient({ address, firstWaitMs: 1, timeoutMs: 50 }).jobs());
    expect(error).toMatchObject({ code: 'RAY_UNREACHABLE' });
    expect(error.message).toContain('no answer in time');
  });

  it.each([
    [401, 'RAY_DENIED'],
    [403, 'RAY_DENIED'],
    [404, 'RAY_UNEXPECTED'],
    [302, 'RAY_UNEXPECTED'],
    [500, 'RAY_FAILED'],
  ])('fails for the answer %d with %s, which says what the answer was', async (status, code) => {
    server.faults.push(status);
    const error = await failureOf(client.jobs());
    expect(error).toMatchObject({ code });
    expect(error.message).toBe(`Ray at ${address} answered ${status}: fault ${status}`);
  });

  it('fails with RAY_FAILED if a job is refused', async () => {
    server.faults.push(400);
    expect(await failureOf(client.submit(REQUEST))).toMatchObject({ code: 'RAY_FAILED' });
    server.faults.push(500);
    expect(await failureOf(client.stop('one'))).toMatchObject({ code: 'RAY_FAILED' });
  });

  it('fails with RAY_UNEXPECTED if the answer is of another program', async () => {
    server.faults.push('text');
    expect(await failureOf(client.jobs())).toMatchObject({ code: 'RAY_UNEXPECTED' });
  });

  it.each(['', 'head:8265', 'ray://head:10001', '127.0.0.1:6379', 'auto'])(
    'refuses the address %j',
    (wrong) => {
      expect(() => new RayClient({ address: wrong })).toThrow(UsageError);
    },
  );
});
