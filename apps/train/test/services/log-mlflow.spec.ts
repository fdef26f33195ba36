import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { useTemporaryFolder } from '../support/temporary-folder';
import { tiny, train } from '../support/train-program';

const temporaryFolder = useTemporaryFolder();
let server: ChildProcess;
let address: string;

beforeAll(async () => {
  const folder = temporaryFolder();
  const port = await freePort();
  address = `http://127.0.0.1:${port}`;
  const program = join(process.env['PIXELIS_SERVICES'] ?? '', 'mlflow', 'bin', 'mlflow');
  const store = ['--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`];
  const place = ['--artifacts-destination', folder, '--host', '127.0.0.1', '--port', String(port)];
  server = spawn(program, ['server', ...store, ...place, '--workers', '1'], {
    detached: true,
    stdio: 'ignore',
  });
  while (!(await isAnswering())) {
    if (server.exitCode !== null) throw new Error('the MLflow server did not start');
    await wait(200);
  }
});
afterAll(() => {
  if (server.pid !== undefined) process.kill(-server.pid, 'SIGKILL');
});

describe('train sft --log-mlflow with a real server', () => {
  it('leaves the complete run there, with its results', async () => {
    const cwd = temporaryFolder();
    const args = ['sft', '--run-id', 'logged', '--exp-name', 'tiny', '--log-mlflow', address];
    const { code, stderr } = await train([...args, ...tiny()], { cwd });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const found: unknown = await (
      await fetch(`${address}/api/2.0/mlflow/runs/search`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ experiment_ids: ['1'], filter: "tags.`pixelis.run_id` = 'logged'" }),
      })
    ).json();
    expect(found).toMatchObject({ runs: [{ info: { run_name: 'logged', status: 'FINISHED' } }] });
  });
});

// Helpers

async function isAnswering(): Promise<boolean> {
  try {
    return (await fetch(`${address}/health`)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
