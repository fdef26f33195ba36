import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEvents } from '../../src/runs/event-chain';
import { listRuns } from '../../src/runs/list-runs';
import { settleDeadRuns } from '../../src/runs/settle-dead-runs';
import { validateManifest } from '../../src/runs/validate-manifest';
import { useTemporaryFolder } from '../temporary-folder';
import { TrainerProcess } from './trainer-process';

const temporaryFolder = useTemporaryFolder();
const STEP_FILES = ['metrics.jsonl', 'timings.jsonl', 'epochs.csv'];

describe('a run whose process is killed', () => {
  it('records the same as an uninterrupted one once it is resumed to its end', async () => {
    const whole = temporaryFolder();
    expect(await new TrainerProcess(whole, { runId: 'x' }).end()).toBe(0);

    const root = temporaryFolder();
    const killedAfter = [2, 5, 11, 12, 18, 23, 31, 38];
    for (const step of killedAfter) {
      const trainer = new TrainerProcess(root, { runId: 'x' });
      await trainer.line(`step ${step}`);
      await trainer.kill();
      expect(existsSync(join(root, 'latest'))).toBe(false);
    }
    expect(await new TrainerProcess(root, { runId: 'x' }).end()).toBe(0);

    const [directory, expected] = [root, whole].map((folder) => join(folder, 'runs', 'x'));
    for (const name of STEP_FILES) {
      expect(readFileSync(join(directory!, name))).toEqual(readFileSync(join(expected!, name)));
    }
    expect(await validateManifest(directory!)).toEqual([]);
    const resumptions = readEvents(join(directory!, 'events.jsonl')).filter(
      ({ type }) => type === 'resumed',
    );
    expect(resumptions.map(({ data }) => data['after'])).toEqual(
      killedAfter.map(() => 'RUN_CRASHED'),
    );
  });

  it('is resumed without being named, and is not before its process is dead', async () => {
    const root = temporaryFolder();
    const first = new TrainerProcess(root, { isHolding: true });
    const opened = await first.line('opened');
    const second = new TrainerProcess(root, { isHolding: true });
    expect(await second.line('opened')).toMatch(/ new$/);
    await second.kill();
    await first.kill();
    const third = new TrainerProcess(root);
    expect(await third.line('opened')).toMatch(/ again$/);
    expect(await third.end()).toBe(0);
    const fourth = new TrainerProcess(root);
    const resumed = await fourth.line('opened');
    expect(resumed).toBe(opened?.replace(/ new$/, ' again'));
    expect(await fourth.end()).toBe(0);
    expect(listRuns(root).map(({ status }) => status)).toEqual(['COMPLETED', 'COMPLETED']);
  });

  it('counts as failed to a reader, and is marked so by settleDeadRuns() alone', async () => {
    const root = temporaryFolder();
    const trainer = new TrainerProcess(root, { runId: 'x', isHolding: true });
    await trainer.line('opened');
    expect(listRuns(root)).toMatchObject([{ status: 'RUNNING', isHeld: true, error: null }]);
    expect(settleDeadRuns(root)).toEqual([]);
    await trainer.kill();

    const statePath = join(root, 'runs', 'x', 'run.json');
    const crash = { code: 'RUN_CRASHED', message: 'its process is gone' };
    expect(listRuns(root)).toMatchObject([{ status: 'FAILED', isHeld: false, error: crash }]);
    expect(JSON.parse(readFileSync(statePath, 'utf8'))).toMatchObject({ status: 'RUNNING' });
    expect(settleDeadRuns(root)).toEqual(['x']);
    expect(settleDeadRuns(root)).toEqual([]);
    expect(JSON.parse(readFileSync(statePath, 'utf8'))).toMatchObject({
      status: 'FAILED',
      error: crash,
    });
    expect(await new TrainerProcess(root, { runId: 'x' }).end()).toBe(0);
    expect(await validateManifest(join(root, 'runs', 'x'))).toEqual([]);
  });
});
