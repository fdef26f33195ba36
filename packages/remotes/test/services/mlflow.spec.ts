import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { MlflowRemote, syncRuns } from '../../src/index';
import { completeExample, FACTS, openExample, recordSteps } from '../example-run';
import { useTemporaryFolder } from '../temporary-folder';
import { freePorts, ServiceProcess, serviceProgram } from './service-process';

const temporaryFolder = useTemporaryFolder();
const HTTP = { firstWaitMs: 20, longestWaitMs: 200, timeoutMs: 10_000 };
let server: ServiceProcess;
let address: URL;

beforeAll(async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'artifacts'));
  const [port] = await freePorts(1);
  address = new URL(`http://127.0.0.1:${port}`);
  server = new ServiceProcess(serviceProgram('mlflow', 'bin', 'mlflow'), [
    'server', '--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`,
    '--artifacts-destination', join(folder, 'artifacts'), '--host', '127.0.0.1', '--port', String(port), '--workers', '1',
  ]); // prettier-ignore
  await start();
});
afterAll(() => server.kill());

describe('MlflowRemote with a real server', () => {
  it('syncs a complete run, and nothing twice', async () => {
    const root = temporaryFolder();
    await completeExample(root, 'one', 400);
    expect(await sync(root)).toMatchObject([{ status: 'synced', problem: null, warnings: [] }]);
    expect(await sync(root)).toMatchObject([{ status: 'unchanged' }]);
    expect(await sync(root, { isForced: true })).toMatchObject([
      { status: 'synced', warnings: [] },
    ]);
    const [run, ...more] = await runsOf('one');
    expect(more).toEqual([]);
    expect(run).toMatchObject({
      info: { run_name: 'one', status: 'FINISHED' },
      inputs: { dataset_inputs: [{ dataset: { name: 'digits', digest: 'c'.repeat(36) } }] },
    });
    expect(valuesOf(run!.data.params)).toMatchObject({
      'training.steps': '3',
      'training.name': 'a:b',
    });
    expect(valuesOf(run!.data.tags)).toMatchObject({
      'pixelis.run_id': 'one',
      'mlflow.source.git.commit': FACTS.git.commit,
    });
    const loss = await historyOf(run!, 'loss/train');
    expect(loss.map(({ step, value }) => [step, value])).toEqual(
      Array.from({ length: 400 }, (_, index) => [index + 1, 1 / (index + 1)]),
    );
    expect(await historyOf(run!, 'results/accuracy/simple')).toMatchObject([
      { value: 0.93, step: 400 },
    ]);
    const weights = await fetch(
      new URL(artifactPath(run!, 'checkpoints/final.safetensors'), address),
    );
    expect(await weights.text()).toBe('weights of one');
  });

  it('follows a run from running over failed to finished', async () => {
    const root = temporaryFolder();
    const run = openExample(root, { runId: 'follows' });
    recordSteps(run, 1, 2);
    run.flush();
    await sync(root);
    expect(await runsOf('follows')).toMatchObject([{ info: { status: 'RUNNING' } }]);
    recordSteps(run, 3, 4);
    run.fail(new Error('out of luck'));
    await sync(root);
    const [failed] = await runsOf('follows');
    expect(failed).toMatchObject({ info: { status: 'FAILED' } });
    expect(await historyOf(failed!, 'loss/train')).toHaveLength(4);
  });

  it('loses and repeats nothing when the server is killed in the middle of a sync and started again', async () => {
    const root = temporaryFolder();
    for (const runId of ['k1', 'k2']) await completeExample(root, runId, 2000);
    const cut = sync(root).catch((error: unknown) => error);
    await untilPoints('k1', 1000);
    await server.kill();
    expect(await cut).toMatchObject({
      exitCode: 6,
      reports: [{ status: 'failed' }, { status: 'failed' }],
    });
    await start();
    expect(await sync(root)).toMatchObject([{ status: 'synced' }, { status: 'synced' }]);
    for (const runId of ['k1', 'k2']) {
      const [run, ...more] = await runsOf(runId);
      expect(more).toEqual([]);
      expect(run).toMatchObject({ info: { status: 'FINISHED' } });
      for (const key of ['loss/train', 'accuracy/train', 'timings/step_ms']) {
        const steps = (await historyOf(run!, key)).map(({ step }) => step);
        expect(steps).toEqual(Array.from({ length: 2000 }, (_, index) => index + 1));
      }
    }
  });
});

// Helpers

interface FoundRun {
  info: { run_id: string; artifact_uri: string; status: string };
  data: { params: Pair[]; tags: Pair[] };
}

interface Pair {
  key: string;
  value: string;
}

function sync(root: string, options: { isForced?: boolean } = {}) {
  return syncRuns({ root, remotes: [new MlflowRemote(address, { http: HTTP })], ...options });
}

function start(): Promise<void> {
  return server.start(async () => (await fetch(new URL('/health', address))).ok);
}

async function ask(path: string, body?: unknown): Promise<Record<string, unknown>> {
  const init =
    body === undefined
      ? {}
      : {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        };
  const response = await fetch(new URL(`/api/2.0/mlflow/${path}`, address), init);
  return (await response.json()) as Record<string, unknown>;
}

async function runsOf(runId: string): Promise<FoundRun[]> {
  const { experiment } = await ask('experiments/get-by-name?experiment_name=digits');
  if (experiment === undefined) return [];
  const { experiment_id } = experiment as { experiment_id: string };
  const filter = `tags.\`pixelis.run_id\` = '${runId}'`;
  const { runs } = await ask('runs/search', { experiment_ids: [experiment_id], filter });
  return (runs ?? []) as FoundRun[];
}

async function historyOf(run: FoundRun, key: string): Promise<{ step: number; value: number }[]> {
  const query = new URLSearchParams({ run_id: run.info.run_id, metric_key: key });
  const { metrics = [] } = await ask(`metrics/get-history?${query.toString()}`);
  return (metrics as { step?: number; value: number }[])
    .map(({ step = 0, value }) => ({ step, value }))
    .sort((a, b) => a.step - b.step);
}

async function untilPoints(runId: string, count: number): Promise<void> {
  for (;;) {
    const [run] = await runsOf(runId);
    if (run !== undefined && (await historyOf(run, 'loss/train')).length >= count / 3) return;
    await wait(10);
  }
}

function artifactPath(run: FoundRun, path: string): string {
  const root = run.info.artifact_uri.replace('mlflow-artifacts:/', '');
  return `/api/2.0/mlflow-artifacts/artifacts/${root}/${path}`;
}

function valuesOf(pairs: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}
