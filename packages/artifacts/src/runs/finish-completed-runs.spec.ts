import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FACTS, openExample, OTHER_PROCESS } from '../../test/example-run';
import { snapshot, useTemporaryFolder } from '../../test/temporary-folder';
import { thrownBy } from '../../test/thrown-by';
import { finishCompletedRuns } from './finish-completed-runs';
import { settleDeadRuns } from './settle-dead-runs';
import type { RunManifest } from './manifest';
import { validateManifest } from './validate-manifest';

const temporaryFolder = useTemporaryFolder();

async function completeOn(root: string, runId: string, day: string): Promise<void> {
  const run = openExample(root, { runId, now: () => new Date(`${day}T00:00:00Z`) });
  await run.complete(FACTS);
}

/** Two complete runs, `first` and `second`; `killed` is as a kill right after its manifest left it. */
async function leaveKilled(killed: 'first' | 'second', latest: string | null): Promise<string> {
  const root = temporaryFolder();
  const run = openExample(root, { runId: 'state' });
  const state = readFileSync(join(run.directory, 'run.json'), 'utf8');
  run.fail(new Error('end'));
  rmSync(run.directory, { recursive: true });
  await completeOn(root, 'first', '2026-01-01');
  await completeOn(root, 'second', '2026-01-02');
  const directory = join(root, 'runs', killed);
  const { run_uuid } = JSON.parse(
    readFileSync(join(directory, 'manifest.json'), 'utf8'),
  ) as RunManifest;
  const left = { ...(JSON.parse(state) as object), run_id: killed, run_uuid };
  writeFileSync(join(directory, 'run.json'), JSON.stringify(left));
  rmSync(join(root, 'latest'));
  if (latest !== null) writeFileSync(join(root, 'latest'), `${latest}\n`);
  return root;
}

describe('finishCompletedRuns', () => {
  it.each([
    ['second', 'first', 'second'],
    ['first', 'second', 'second'],
    ['first', 'removed', 'first'],
    ['first', '../x', 'first'],
    ['first', null, 'first'],
  ] as const)(
    'finishCompletedRuns() ends %s where latest names %s: it then names %s',
    async (killed, latest, expected) => {
      const root = await leaveKilled(killed, latest);
      expect(await validateManifest(join(root, 'runs', killed))).toEqual([]);
      finishCompletedRuns(root);
      expect(readFileSync(join(root, 'latest'), 'utf8')).toBe(`${expected}\n`);
      expect(existsSync(join(root, 'runs', killed, 'run.json'))).toBe(false);
      expect(await validateManifest(join(root, 'runs', killed))).toEqual([]);
      const before = snapshot(root);
      finishCompletedRuns(root);
      expect(snapshot(root)).toEqual(before);
    },
  );

  it.each<[string, (root: string) => unknown]>([
    ['openRun()', (root) => openExample(root, { runId: 'new' }).fail(new Error('end'))],
    ['settleDeadRuns()', settleDeadRuns],
  ])('%s ends what was killed as it completed', async (_, call) => {
    const root = await leaveKilled('second', 'first');
    call(root);
    expect(readFileSync(join(root, 'latest'), 'utf8')).toBe('second\n');
    expect(existsSync(join(root, 'runs', 'second', 'run.json'))).toBe(false);
  });

  it('finishCompletedRuns() leaves a run to the process that is completing it', async () => {
    const root = await leaveKilled('second', 'first');
    writeFileSync(join(root, 'runs', '.second.lock'), JSON.stringify(OTHER_PROCESS));
    const before = snapshot(root);
    finishCompletedRuns(root);
    expect(snapshot(root)).toEqual(before);
  });

  it('finishCompletedRuns() fails with exit code 4 if latest is a folder, and keeps the state', async () => {
    const root = await leaveKilled('first', null);
    mkdirSync(join(root, 'latest'));
    expect(thrownBy(() => finishCompletedRuns(root))).toMatchObject({ exitCode: 4 });
    expect(existsSync(join(root, 'runs', 'first', 'run.json'))).toBe(true);
  });
});
