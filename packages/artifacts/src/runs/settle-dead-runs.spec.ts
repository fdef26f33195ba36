import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG, openExample, OTHER_PROCESS } from '../../test/example-run';
import { snapshot, useTemporaryFolder } from '../../test/temporary-folder';
import { readEvents } from './event-chain';
import { listRuns } from './list-runs';
import type { OpenRunOptions } from './open-run';
import { settleDeadRuns } from './settle-dead-runs';

const temporaryFolder = useTemporaryFolder();
const DEAD = JSON.stringify({ ...OTHER_PROCESS, token: 'dead' });

/** A run as a killed process leaves it; without a holder its lock is gone. */
function leaveDead(root: string, runId: string, holder: string | null): string {
  const run = openExample(root, { runId, isNew: true });
  const state = readFileSync(join(run.directory, 'run.json'));
  const events = readFileSync(join(run.directory, 'events.jsonl'));
  run.fail(new Error('end'));
  writeFileSync(join(run.directory, 'run.json'), state);
  writeFileSync(join(run.directory, 'events.jsonl'), events);
  const lock = join(root, 'runs', `.${runId}.lock`);
  if (holder !== null) writeFileSync(lock, holder);
  if (holder !== null) beatBefore(lock, 11);
  return run.directory;
}

function beatBefore(lock: string, minutes: number): void {
  const then = Date.now() / 1000 - minutes * 60;
  utimesSync(lock, then, then);
}

function statusIn(directory: string): unknown {
  return (JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')) as { status: string })
    .status;
}

function openAnother(root: string): void {
  const config = { ...CONFIG, training: { seed: 99 } };
  openExample(root, { runId: 'another', config }).fail(new Error('end'));
}

describe('settleDeadRuns', () => {
  it('settleDeadRuns() removes a run that was never wholly begun', () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'runs', '.x.tmp'), { recursive: true });
    writeFileSync(join(root, 'runs', '.x.tmp', 'config_raw.json'), '{}');
    expect(settleDeadRuns(root)).toEqual([]);
    expect(snapshot(root)).toEqual({ runs: '(folder)' });
  });

  it('settleDeadRuns() settles the others before it reports a run that it cannot', () => {
    const root = temporaryFolder();
    const forged = leaveDead(root, 'a', DEAD);
    writeFileSync(join(forged, 'events.jsonl'), 'forged\n');
    const whole = leaveDead(root, 'b', DEAD);
    expect(() => settleDeadRuns(root)).toThrow(/a.events\.jsonl, line 1/);
    expect([forged, whole].map(statusIn)).toEqual(['RUNNING', 'FAILED']);
  });
});

describe('openRun', () => {
  it.each([
    ['whose process is gone', DEAD],
    ['whose lock is gone', null],
  ])('openRun() of another run marks a run %s', (_, holder) => {
    const root = temporaryFolder();
    const directory = leaveDead(root, 'x', holder);
    expect(listRuns(root)).toMatchObject([{ status: 'FAILED', error: { code: 'RUN_CRASHED' } }]);
    expect(statusIn(directory)).toBe('RUNNING');
    openAnother(root);
    expect(statusIn(directory)).toBe('FAILED');
    expect(readEvents(join(directory, 'events.jsonl')).at(-1)).toMatchObject({
      type: 'failed',
      data: { code: 'RUN_CRASHED' },
    });
    const before = snapshot(directory);
    openAnother(root);
    expect(snapshot(directory)).toEqual(before);
  });

  it('openRun() never touches a run that lives in another container', () => {
    const root = temporaryFolder();
    const directory = leaveDead(root, 'x', DEAD);
    const lock = join(root, 'runs', '.x.lock');
    beatBefore(lock, 9);
    const before = [snapshot(directory), readFileSync(lock, 'utf8'), statSync(lock).mtimeMs];
    openAnother(root);
    expect([snapshot(directory), readFileSync(lock, 'utf8'), statSync(lock).mtimeMs]).toEqual(
      before,
    );
    expect(listRuns(root, { name: 'x' })).toMatchObject([{ status: 'RUNNING', isHeld: true }]);
  });

  it.each<[string, Partial<OpenRunOptions>]>([
    ['by its id', { runId: 'x' }],
    ['without its id', {}],
  ])('openRun() %s waits for a process that only marks the run', (_, options) => {
    const root = temporaryFolder();
    leaveDead(root, 'x', null);
    const lock = join(root, 'runs', '.x.lock');
    writeFileSync(lock, DEAD);
    const wait = jest.spyOn(Atomics, 'wait').mockImplementation(() => {
      rmSync(lock);
      return 'timed-out';
    });
    const run = openExample(root, options);
    expect(run).toMatchObject({ runId: 'x', isResumed: true, passedOver: [] });
    expect(wait).toHaveBeenCalledTimes(1);
    wait.mockRestore();
    run.fail(new Error('end'));
  });

  it('openRun() waits half a second for one that goes on', () => {
    const root = temporaryFolder();
    leaveDead(root, 'x', null);
    writeFileSync(join(root, 'runs', '.x.lock'), DEAD);
    const wait = jest.spyOn(Atomics, 'wait').mockReturnValue('timed-out');
    expect(() => openExample(root, { runId: 'x' })).toThrow(/is held by/);
    expect(wait.mock.calls.length).toBeLessThanOrEqual(25);
    wait.mockRestore();
  });

  it('openRun() does not mind damaged runs beside it', () => {
    const root = temporaryFolder();
    for (const runId of ['forged', 'folder', 'state', 'whole', 'tags'])
      leaveDead(root, runId, DEAD);
    const runs = join(root, 'runs');
    writeFileSync(join(runs, 'forged', 'events.jsonl'), 'forged\n');
    rmSync(join(runs, 'folder', 'events.jsonl'));
    mkdirSync(join(runs, 'folder', 'events.jsonl'));
    writeFileSync(join(runs, 'state', 'run.json'), '{');
    writeFileSync(join(runs, 'tags', 'tags.json'), '{');
    mkdirSync(join(runs, 'file'));
    mkdirSync(join(runs, 'file', 'run.json'));
    openAnother(root);
    expect(statusIn(join(runs, 'whole'))).toBe('FAILED');
    const run = openExample(root);
    expect(run.runId).toBe('whole');
    run.fail(new Error('end'));
  });

  it('openRun() without an id passes over a damaged run, and says so', () => {
    const root = temporaryFolder();
    const directory = leaveDead(root, 'x', DEAD);
    writeFileSync(join(directory, 'events.jsonl'), 'forged\n');
    const run = openExample(root);
    expect(run).toMatchObject({ isResumed: false, passedOver: ['x'] });
    run.fail(new Error('end'));
  });

  it('openRun() that is refused marks no other run', () => {
    const root = temporaryFolder();
    openAnother(root);
    leaveDead(root, 'x', DEAD);
    const before = snapshot(root);
    expect(() => openExample(root, { runId: 'another' })).toThrow(/another configuration/);
    expect(snapshot(root)).toEqual(before);
  });
});
