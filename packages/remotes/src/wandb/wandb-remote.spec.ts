import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { completeExample, FACTS, openExample, recordSteps } from '../../test/example-run';
import { snapshot, useTemporaryFolder } from '../../test/temporary-folder';
import { syncRuns } from '../sync/sync-runs';
import { readTransactionLog } from './transaction-log';
import { WandbRemote } from './wandb-remote';

const temporaryFolder = useTemporaryFolder();

describe('WandbRemote', () => {
  it('writes a complete run as an offline run', async () => {
    const [root, folder] = [temporaryFolder(), temporaryFolder()];
    const run = await completeExample(root, 'one');
    const [report] = await syncRuns({ root, remotes: [new WandbRemote(folder)] });
    expect(report).toMatchObject({ runId: 'one', status: 'synced', problem: null });
    const { id, records, directory } = read(folder);
    expect(id).toBe(run.runUuid.replaceAll('-', ''));
    expect(records.map(({ type }) => type)).toEqual([
      'header', 'run', 'config', 'history', 'history', 'history', 'history', 'stats', 'summary', 'exit', 'final', 'footer',
    ]); // prettier-ignore
    expect(records[1]).toMatchObject({
      runId: id,
      project: 'digits',
      displayName: 'one',
      git: { commit: FACTS.git.commit },
    });
    expect(records[2]).toMatchObject({
      items: { training: { steps: 3 }, pixelis: { run_id: 'one', seed: 42 } },
    });
    expect(records[4]).toMatchObject({
      step: 2,
      items: { _step: 2, 'loss/train': 0.5, 'accuracy/train': 2 / 3, 'timings/step_ms': 3 },
    });
    expect(records[8]).toMatchObject({
      items: { 'loss/train': 0.25, 'results/accuracy/simple': 0.93 },
    });
    expect(records[9]).toMatchObject({ exitCode: 0 });
    expect(readdirSync(join(directory, 'files')).sort()).toEqual([
      'config.yaml',
      'wandb-metadata.json',
      'wandb-summary.json',
    ]);
    expect(readFileSync(join(directory, 'files', 'config.yaml'), 'utf8')).toContain(
      '"training":\n  value: {"name":"a:b"',
    );
  });

  it('writes the same bytes again, and nothing for a run that has not changed', async () => {
    const [root, folder, other] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    await completeExample(root, 'one');
    await syncRuns({ root, remotes: [new WandbRemote(folder), new WandbRemote(other)] });
    expect(snapshot(folder)).toEqual(snapshot(other));
    expect(await syncRuns({ root, remotes: [new WandbRemote(folder)] })).toMatchObject([
      { status: 'unchanged' },
    ]);
    await syncRuns({ root, remotes: [new WandbRemote(folder)], isForced: true });
    expect(snapshot(folder)).toEqual(snapshot(other));
  });

  it('writes a running run without an end, and takes away the mark of an upload when it has gone on', async () => {
    const [root, folder] = [temporaryFolder(), temporaryFolder()];
    const run = openExample(root, { runId: 'one' });
    recordSteps(run, 1, 1);
    run.flush();
    await syncRuns({ root, remotes: [new WandbRemote(folder)] });
    const first = read(folder);
    expect(first.records.map(({ type }) => type)).toEqual([
      'header',
      'run',
      'config',
      'history',
      'summary',
    ]);
    const mark = `${first.path}.synced`;
    writeFileSync(mark, '');
    recordSteps(run, 2, 2);
    run.fail(new Error('out of luck'));
    await syncRuns({ root, remotes: [new WandbRemote(folder)] });
    expect(existsSync(mark)).toBe(false);
    const { path, records } = read(folder);
    expect(path).toBe(first.path);
    expect(records.filter(({ type }) => type === 'history')).toHaveLength(2);
    expect(records.find(({ type }) => type === 'exit')).toMatchObject({ exitCode: 1 });
  });

  it('reports a folder that cannot be made', async () => {
    const [root, folder] = [temporaryFolder(), temporaryFolder()];
    await completeExample(root, 'one');
    writeFileSync(join(folder, 'file'), '');
    await expect(
      syncRuns({ root, remotes: [new WandbRemote(join(folder, 'file'))] }),
    ).rejects.toMatchObject({ exitCode: 4 });
  });
});

// Helpers

function read(folder: string) {
  const [name, ...more] = readdirSync(join(folder, 'wandb'));
  expect(more).toEqual([]);
  const directory = join(folder, 'wandb', name!);
  const [, id] = /^offline-run-\d{8}_\d{6}-([0-9a-f]{32})$/.exec(name!) ?? [];
  const path = join(directory, `run-${id}.wandb`);
  const { records, problems } = readTransactionLog(readFileSync(path));
  expect(problems).toEqual([]);
  return { id, path, directory, records };
}
