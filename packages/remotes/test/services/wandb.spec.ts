import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTransactionLog, recoverTransactionLog, syncRuns, WandbRemote } from '../../src/index';
import { completeExample, openExample, recordSteps } from '../example-run';
import { useTemporaryFolder } from '../temporary-folder';
import { outputOf, serviceProgram } from './service-process';

const temporaryFolder = useTemporaryFolder();
const wandb = serviceProgram('wandb', 'bin', 'wandb');

describe('wandb leet inspect', () => {
  it('reads every record of a complete run', async () => {
    const [root, folder] = [temporaryFolder(), temporaryFolder()];
    // Long enough for several blocks of the log.
    const run = await completeExample(root, 'one', 1000);
    await syncRuns({ root, remotes: [new WandbRemote(folder)] });
    const log = logOf(folder);
    const records = inspect(log);
    expect(records.map(({ type }) => type)).toEqual(
      readTransactionLog(readFileSync(log)).records.map(({ type }) => type),
    );
    expect(records[1]).toMatchObject({
      run: { run_id: run.runUuid.replaceAll('-', ''), display_name: 'one', project: 'digits' },
    });
    const histories = records.filter(({ type }) => type === 'history');
    expect(histories).toHaveLength(1000);
    expect(histories[6]).toMatchObject({
      history: {
        item: { 'loss/train': 1 / 7, 'accuracy/train': 7 / 8, _step: 7 },
        step: { num: 7 },
      },
    });
    expect(summarise(log)).toMatchObject({
      config: { training: { seed: 42, steps: 3 }, pixelis: { run_id: 'one' } },
      exit_code: 0,
      name: 'one',
      project: 'digits',
      state: 'finished',
      step: 1000,
      summary: { 'loss/train': 1 / 1000, 'results/accuracy/simple': 0.93 },
    });
  });

  it('sees a running run as running and a failed one as failed', async () => {
    const [root, folder] = [temporaryFolder(), temporaryFolder()];
    const run = openExample(root, { runId: 'one' });
    recordSteps(run, 1, 3);
    run.flush();
    await syncRuns({ root, remotes: [new WandbRemote(folder)] });
    expect(summarise(logOf(folder))).toMatchObject({ state: 'running', step: 3 });
    run.fail(new Error('out of luck'));
    await syncRuns({ root, remotes: [new WandbRemote(folder)] });
    expect(summarise(logOf(folder))).toMatchObject({ exit_code: 1, step: 3 });
  });

  it('reads all of a damaged log that recoverTransactionLog has mended', async () => {
    const [root, folder] = [temporaryFolder(), temporaryFolder()];
    await completeExample(root, 'one', 1000);
    await syncRuns({ root, remotes: [new WandbRemote(folder)] });
    const log = logOf(folder);
    const bytes = readFileSync(log);
    bytes[50_000]! ^= 0xff;
    writeFileSync(log, recoverTransactionLog(bytes));
    expect(inspect(log).filter(({ type }) => type === 'history').length).toBeGreaterThan(700);
    expect(summarise(log)).toMatchObject({ state: 'finished', step: 1000 });
  });
});

describe('readTransactionLog', () => {
  it('reads what W&B itself writes offline', () => {
    const folder = temporaryFolder();
    const program = [
      'import sys, wandb',
      'run = wandb.init(project="p", dir=sys.argv[1], mode="offline", config={"a": 1}, name="nm")',
      'for step in range(5): run.log({"loss/train": 1.0 / (step + 1)}, step=step)',
      'run.finish()',
    ].join('\n');
    outputOf(serviceProgram('wandb', 'bin', 'python'), ['-c', program, folder]);
    const { records, problems } = readTransactionLog(readFileSync(logOf(folder)));
    expect(problems).toEqual([]);
    expect(records[0]).toMatchObject({ type: 'header', minConsumer: expect.any(String) as string });
    expect(records[1]).toMatchObject({ type: 'run', project: 'p', displayName: 'nm' });
    expect(records.filter(({ type }) => type === 'history')).toMatchObject(
      [0, 1, 2, 3, 4].map((step) => ({
        step,
        items: { 'loss/train': 1 / (step + 1), _step: step },
      })),
    );
    expect(records.at(-1)).toMatchObject({ type: 'exit', exitCode: 0 });
  });
});

// Helpers

interface InspectedRecord {
  type: string;
}

function inspect(log: string): InspectedRecord[] {
  const lines = outputOf(wandb, ['leet', 'inspect', log, '--json']).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as InspectedRecord);
}

function summarise(log: string): unknown {
  return JSON.parse(outputOf(wandb, ['leet', 'inspect', log, '--summary', '--json']));
}

function logOf(folder: string): string {
  const runs = join(folder, 'wandb');
  const name = readdirSync(runs).find((entry) => entry.startsWith('offline-run-'))!;
  const log = readdirSync(join(runs, name)).find((entry) => entry.endsWith('.wandb'))!;
  return join(runs, name, log);
}
