import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { MlflowRemote, syncRuns } from '../../src/index';
import { completeExample } from '../example-run';
import { FakeMlflowServer } from '../fake-mlflow-server';
import { useTemporaryFolder } from '../temporary-folder';

const temporaryFolder = useTemporaryFolder();

/** How many times the process is killed; a server's n-th request is the moment. */
const KILLS = Number(process.env['PIXELIS_KILLS'] ?? 8);

describe('syncRuns', () => {
  it('stores everything once although its process is killed again and again', async () => {
    const root = temporaryFolder();
    for (const runId of ['one', 'two']) await completeExample(root, runId, 1200);
    const server = new FakeMlflowServer();
    const address = await server.start();
    for (let kill = 1; kill <= KILLS; kill++) await killAtRequest(server, { root, kill });
    server.fault = () => null;
    const reports = await syncRuns({ root, remotes: [new MlflowRemote(address)] });
    expect(reports.every(({ status }) => status !== 'failed')).toBe(true);
    expect([...server.runs.values()].map(({ info }) => info.status)).toEqual([
      'FINISHED',
      'FINISHED',
    ]);
    for (const { metrics, datasets } of server.runs.values()) {
      const points = metrics.map(({ key, step }) => `${key} ${step}`);
      expect(points).toHaveLength(1200 * 3 + 4);
      expect(new Set(points).size).toBe(points.length);
      expect(datasets).toHaveLength(1);
    }
    expect(new Set([...server.runs.values()].map(({ info }) => info.run_name))).toEqual(
      new Set(['one', 'two']),
    );
    await server.stop();
  });
});

// Helpers

/** Kills the process in the middle of a request: of even ones before, of odd ones after it was carried out. */
async function killAtRequest(
  server: FakeMlflowServer,
  { root, kill }: { root: string; kill: number },
): Promise<void> {
  const script = join(__dirname, '..', 'sync-process.cjs');
  const child = spawn(process.execPath, [script, root, server.address.href], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let requests = 0;
  server.fault = () => {
    requests += 1;
    if (requests !== 2 + kill * 2) return null;
    child.kill('SIGKILL');
    return kill % 2 === 0 ? 'drop before' : 'drop after';
  };
  await ended;
}
