import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { START_OFFSETS } from '@pixelis/artifacts';
import { completeExample, CONFIG, FACTS, openExample, recordSteps } from '../../test/example-run';
import { FakeMlflowServer } from '../../test/fake-mlflow-server';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { SyncError } from '../sync/sync-report';
import { syncRuns } from '../sync/sync-runs';
import { MlflowRemote, type MlflowRemoteOptions } from './mlflow-remote';

const temporaryFolder = useTemporaryFolder();
const HTTP = { firstWaitMs: 1, longestWaitMs: 2, timeoutMs: 2000 };
let server: FakeMlflowServer;

beforeEach(async () => {
  server = new FakeMlflowServer();
  await server.start();
});
afterEach(() => server.stop());

describe('MlflowRemote', () => {
  it('syncs a complete run with its parameters, tags, metrics, data set, files, status and times', async () => {
    const root = temporaryFolder();
    const run = await completeExample(root, 'one');
    expect(await sync(root)).toEqual([expected('one', 'synced')]);
    const { info, params, tags, datasets } = server.run;
    expect(info).toMatchObject({ run_name: 'one', status: 'FINISHED' });
    expect(info.end_time).toBeGreaterThanOrEqual(info.start_time);
    expect([...server.experiments.keys()]).toEqual(['digits']);
    expect(params.get('training.name')).toBe(CONFIG.training.name);
    expect(params.get('training.steps')).toBe('3');
    expect([...params.keys()].find((key) => key.startsWith('odd key_-'))).toBeDefined();
    expect(tags.get('pixelis.run_uuid')).toBe(run.runUuid);
    expect(tags.get('exp_name')).toBe('digits');
    expect(tags.get('mlflow.source.git.commit')).toBe(FACTS.git.commit);
    expect(datasets).toMatchObject([{ dataset: { name: 'digits', digest: 'c'.repeat(36) } }]);
    expect(datasets[0]?.dataset.source).toContain('c'.repeat(64));
    expect(server.artifacts.get('1/r1/artifacts/checkpoints/final.safetensors')?.toString()).toBe(
      'weights of one',
    );
    expect(server.artifacts.has('1/r1/artifacts/manifest.json')).toBe(true);
  });

  it('sends every point once, with its step and a time that follows the steps', async () => {
    const root = temporaryFolder();
    await completeExample(root, 'one');
    await sync(root);
    const loss = server.run.metrics.filter(({ key }) => key === 'loss/train');
    expect(loss.map(({ step, value }) => [step, value])).toEqual(
      [1, 2, 3, 4].map((step) => [step, 1 / step]),
    );
    const { start_time } = server.run.info;
    expect(loss.map(({ timestamp }) => timestamp - start_time)).toEqual([2, 5, 9, 15]);
    const keys = new Set(server.run.metrics.map(({ key }) => key));
    expect([...keys].sort()).toEqual([
      'accuracy/train', 'loss/train', 'results/accuracy/simple', 'results/loss/val',
      'system/cpu_percent', 'system/memory_bytes', 'timings/step_ms',
    ]); // prettier-ignore
  });

  it('asks nothing of the server for a run that has not changed, unless it is forced', async () => {
    const root = temporaryFolder();
    await completeExample(root, 'one');
    await sync(root);
    const points = server.run.metrics.length;
    const asked = server.requests.length;
    expect(await sync(root)).toEqual([expected('one', 'unchanged')]);
    expect(server.requests.slice(asked)).toEqual(['mlflow/experiments/get-by-name']);
    await syncRuns({ root, remotes: [remote()], isForced: true });
    expect(server.run.metrics).toHaveLength(points);
    expect(server.run.datasets).toHaveLength(1);
  });

  it('makes a run again that is gone from the server, when it is forced', async () => {
    const root = temporaryFolder();
    await completeExample(root, 'one');
    await sync(root);
    server.runs.clear();
    server.artifacts.clear();
    await syncRuns({ root, remotes: [remote()], isForced: true });
    expect(server.run.metrics.length).toBeGreaterThan(0);
    expect(server.artifacts.size).toBeGreaterThan(0);
  });

  it('follows a run that goes on, fails and completes', async () => {
    const root = temporaryFolder();
    const run = openExample(root, { runId: 'one' });
    recordSteps(run, 1, 2);
    run.flush();
    await sync(root);
    expect(server.run.info.status).toBe('RUNNING');
    recordSteps(run, 3, 3);
    run.fail(new Error('out of luck'));
    await sync(root);
    expect(server.run.info.status).toBe('FAILED');
    expect(server.run.tags.get('pixelis.error')).toContain('out of luck');
    const resumed = openExample(root, { runId: 'one' });
    resumed.rewind(START_OFFSETS);
    recordSteps(resumed, 1, 4);
    await resumed.complete(FACTS);
    await sync(root);
    expect(server.run.info.status).toBe('FINISHED');
    expect(server.run.tags.get('pixelis.error')).toBe('');
    const loss = server.run.metrics.filter(({ key }) => key === 'loss/train');
    expect(loss.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
  });

  const places = ['before', 'after'].flatMap((when) =>
    [
      'experiments/create',
      'runs/create',
      'runs/log-batch',
      'runs/log-inputs',
      'runs/update',
      'runs/search',
      'metrics/get-history',
    ].map((path) => [`drop ${when}` as 'drop before' | 'drop after', `mlflow/${path}`] as const),
  );
  it.each([
    ...places,
    [503, 'mlflow/runs/log-batch'] as const,
    [429, 'mlflow/runs/log-batch'] as const,
    [500, 'mlflow/runs/create'] as const,
  ])(
    'stores every point and run once when the server does "%s" at the first two requests to %s',
    async (fault, path) => {
      const root = temporaryFolder();
      await completeExample(root, 'one', 40);
      server.fault = (asked, count) => (asked === path && count <= 2 ? fault : null);
      expect(await sync(root)).toEqual([expected('one', 'synced')]);
      expect(server.run.metrics).toHaveLength(40 * 3 + 2 + 2);
      expect(new Set(server.run.metrics.map(({ key, step }) => `${key} ${step}`)).size).toBe(124);
      expect(server.run.datasets.length).toBeGreaterThan(0);
      expect(server.run.info.status).toBe('FINISHED');
    },
  );

  it('goes on where it was cut off, without a second copy of anything', async () => {
    const root = temporaryFolder();
    await completeExample(root, 'one', 1500);
    server.fault = (path, count) =>
      path === 'mlflow/runs/log-batch' && count > 4 ? 'drop before' : null;
    await expect(sync(root)).resolves.toMatchObject([
      { status: 'failed', problem: { code: 'REMOTE_UNREACHABLE' } },
    ]);
    server.fault = () => null;
    expect(await sync(root)).toEqual([expected('one', 'synced')]);
    expect(server.run.metrics).toHaveLength(1500 * 3 + 4);
  });

  it('keeps to the limits of a request', async () => {
    const root = temporaryFolder();
    const config = Object.fromEntries(
      Array.from({ length: 250 }, (_, index) => [`key${index}`, 'x'.repeat(7000)]),
    );
    const run = openExample(root, { runId: 'one', config });
    const key = 'm'.repeat(240);
    for (let step = 1; step <= 2500; step++) run.metrics(step, { [key]: step, [`${key}2`]: step });
    await run.complete(FACTS);
    expect(await sync(root)).toEqual([expected('one', 'synced')]);
    expect(Math.max(...server.bodySizes)).toBeLessThanOrEqual(1_000_000);
    expect(server.run.params.size).toBe(250);
    expect(server.run.metrics).toHaveLength(5002);
  });

  it('warns of a parameter that the server has with another value, and syncs the rest', async () => {
    const root = temporaryFolder();
    const run = openExample(root, { runId: 'one' });
    run.flush();
    await sync(root);
    server.run.params.set('training.steps', '7');
    recordSteps(run, 1, 1);
    await run.complete(FACTS);
    const [report] = await sync(root);
    expect(report).toMatchObject({
      status: 'synced',
      warnings: [expect.stringContaining('training.steps')],
    });
    expect(server.run.info.status).toBe('FINISHED');
  });

  it('warns that files stay here when the server takes none', async () => {
    const root = temporaryFolder();
    await completeExample(root, 'one');
    server.artifactRoot = 'file:///mlruns/';
    expect(await sync(root)).toMatchObject([
      { status: 'synced', warnings: [expect.stringContaining('files')] },
    ]);
    expect(server.artifacts.size).toBe(0);
  });

  it('holds the difference to the commit back', async () => {
    const root = temporaryFolder();
    const run = openExample(root, { runId: 'one' });
    run.writeFile('environment.diff', '+secret');
    await run.complete(FACTS);
    await sync(root);
    expect([...server.artifacts.keys()].filter((path) => path.endsWith('.diff'))).toEqual([]);
    expect(server.artifacts.size).toBeGreaterThan(0);
  });

  it('reports a run that is damaged here or refused there, and syncs the others', async () => {
    const root = temporaryFolder();
    for (const runId of ['one', 'two', 'three']) await completeExample(root, runId);
    writeFileSync(join(root, 'runs', 'two', 'manifest.json'), '{');
    const reports = await sync(root);
    expect(reports.map(({ runId, status }) => [runId, status]).sort()).toEqual([
      ['one', 'synced'], ['three', 'synced'], ['two', 'failed'],
    ]); // prettier-ignore
    expect(reports.find(({ runId }) => runId === 'two')?.problem).toMatchObject({
      code: 'RUN_BROKEN',
    });
    expect(server.runs.size).toBe(2);
  });

  it('throws with the address when the server is gone, and reports every run as failed', async () => {
    const root = temporaryFolder();
    await completeExample(root, 'one');
    const address = server.address;
    await server.stop();
    const failed = await syncRuns({
      root,
      remotes: [new MlflowRemote(address, { http: HTTP })],
    }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(SyncError);
    expect(failed).toMatchObject({
      exitCode: 6,
      code: 'REMOTE_UNREACHABLE',
      reports: [{ runId: 'one', status: 'failed' }],
    });
    expect(String(failed)).toContain(address.host);
    await server.start(Number(address.port));
    expect(await sync(root)).toEqual([expected('one', 'synced')]);
  });

  it('tries no further run once the server is lost on the way', async () => {
    const root = temporaryFolder();
    for (const runId of ['one', 'two', 'three']) await completeExample(root, runId);
    server.fault = (path, count) =>
      (path === 'mlflow/runs/create' && count > 1) ||
      (server.runs.size > 0 && path.startsWith('mlflow/exp'))
        ? 'drop before'
        : null;
    const failed = await sync(root).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(SyncError);
    expect((failed as SyncError).reports.map(({ status }) => status)).toEqual([
      'synced',
      'failed',
      'failed',
    ]);
    expect(server.requests.filter((path) => path === 'mlflow/runs/create').length).toBeLessThan(9);
  });

  it('gives its credentials to the server and never tells them', async () => {
    const root = temporaryFolder();
    await completeExample(root, 'one');
    const address = new URL(server.address);
    address.username = 'ada';
    address.password = 'hunter2-s3cret';
    server.fault = (path) => (path === 'mlflow/runs/search' ? 403 : null);
    const [report] = await syncRuns({ root, remotes: [new MlflowRemote(address, { http: HTTP })] });
    expect(report).toMatchObject({ status: 'failed', problem: { code: 'REMOTE_DENIED' } });
    expect(JSON.stringify(report)).not.toContain('hunter2');
    expect([...server.authorisations]).toEqual([
      `Basic ${Buffer.from('ada:hunter2-s3cret').toString('base64')}`,
    ]);
    server.authorisations.clear();
    await sync(root, { credentials: { token: 'abc' } });
    expect([...server.authorisations]).toEqual(['Bearer abc']);
  });

  it('gives up on a server that does not answer in time', async () => {
    const root = temporaryFolder();
    await completeExample(root, 'one');
    server.fault = () => 'hang';
    const slow = { ...HTTP, timeoutMs: 30, attempts: 2 };
    await expect(sync(root, { http: slow })).rejects.toMatchObject({ code: 'REMOTE_UNREACHABLE' });
  });

  it('refuses a server that is none of MLflow', async () => {
    const root = temporaryFolder();
    await completeExample(root, 'one');
    server.fault = () => 404;
    await expect(sync(root)).rejects.toMatchObject({ exitCode: 6 });
  });
});

// Helpers

function remote(options: MlflowRemoteOptions = {}): MlflowRemote {
  return new MlflowRemote(server.address, { http: HTTP, ...options });
}

function sync(root: string, options: MlflowRemoteOptions = {}) {
  return syncRuns({ root, remotes: [remote(options)] });
}

function expected(runId: string, status: string) {
  return { remote: remote().address, runId, artifact: null, status, problem: null, warnings: [] };
}
