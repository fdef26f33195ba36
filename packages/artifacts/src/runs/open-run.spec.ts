import fs, {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DataError, UsageError } from '@pixelis/core';
import {
  completeExample,
  CONFIG,
  FACTS,
  openExample,
  OTHER_PROCESS,
  recordSteps,
} from '../../test/example-run';
import { snapshot, useTemporaryFolder } from '../../test/temporary-folder';
import { thrownBy } from '../../test/thrown-by';
import { readEvents } from './event-chain';
import { listRuns } from './list-runs';
import { openRun, type OpenRunOptions } from './open-run';
import { START_OFFSETS } from './step-files';

const temporaryFolder = useTemporaryFolder();
const OTHER_CONFIG = { ...CONFIG, training: { seed: 43, steps: 3 } };

/** A run that failed and can be resumed. */
function leaveUnfinished(root: string, runId: string, createdAt = '2026-01-01T00:00:00Z'): void {
  openExample(root, { runId, now: () => new Date(createdAt) }).fail(new Error('end'));
}

/** Expects a refusal with `code` that changes nothing. */
function expectRefusal(root: string, open: () => unknown, code: string): void {
  const before = snapshot(root);
  expect(open).toThrow(UsageError);
  expect(thrownBy(open)).toMatchObject({ code, exitCode: 2 });
  expect(snapshot(root)).toEqual(before);
}

describe('openRun', () => {
  afterEach(() => jest.restoreAllMocks());

  it('openRun() begins a run with what was asked and what it came to', () => {
    const root = temporaryFolder();
    const run = openExample(root, {
      runId: 'x',
      rawConfig: { seed: 42 },
      resolvedConfig: { 'training.seed': { value: 42, layer: 'argument' } },
      environment: { node: '20' },
    });
    const read = (name: string) =>
      JSON.parse(readFileSync(join(run.directory, name), 'utf8')) as unknown;
    expect(run).toMatchObject({ runId: 'x', isResumed: false, directory: join(root, 'runs', 'x') });
    expect(read('config_raw.json')).toEqual({ seed: 42 });
    expect(read('config_resolved.json')).toEqual({
      'training.seed': { value: 42, layer: 'argument' },
    });
    expect(read('environment.json')).toEqual({ node: '20' });
    expect(listRuns(root)).toMatchObject([{ runId: 'x', status: 'RUNNING', isHeld: true }]);
    run.fail(new Error('end'));
  });

  it('openRun() makes a new id of the present time if there is nothing to resume', () => {
    const run = openExample(temporaryFolder(), { now: () => new Date('2026-03-04T05:06:07Z') });
    expect(run.runId).toMatch(/^20260304T050607-[0-9a-f]{6}$/);
    expect(run.isResumed).toBe(false);
    run.fail(new Error('end'));
  });

  it('openRun() resumes a run by its id, under more threads and in another folder of data', () => {
    const root = temporaryFolder();
    leaveUnfinished(root, 'x');
    const uuid = readEvents(join(root, 'runs', 'x', 'events.jsonl'))[0]?.data['run_uuid'];
    const config = { ...CONFIG, hardware: { threads: 8 }, data: {} };
    const run = openExample(root, {
      runId: 'x',
      config: { ...CONFIG, hardware: { threads: 8 } },
      environment: { node: '22' },
    });
    expect(run).toMatchObject({ isResumed: true, runUuid: uuid });
    expect(readEvents(join(run.directory, 'events.jsonl')).at(-1)).toMatchObject({
      type: 'resumed',
      data: { after: 'DEFECT', environment: { node: '22' } },
    });
    run.fail(new Error('end'));
    expectRefusal(root, () => openExample(root, { runId: 'x', config }), 'RUN_CONFIG_DIFFERS');
  });

  it('openRun() refuses a run that is complete', async () => {
    const root = temporaryFolder();
    await completeExample(root, 'x');
    expectRefusal(root, () => openExample(root, { runId: 'x' }), 'RUN_COMPLETE');
    expectRefusal(root, () => openExample(root, { runId: 'x', isNew: true }), 'RUN_COMPLETE');
  });

  it('openRun() refuses a run that a live process holds', () => {
    const root = temporaryFolder();
    const run = openExample(root, { runId: 'x' });
    expectRefusal(root, () => openExample(root, { runId: 'x' }), 'RUN_HELD');
    expectRefusal(root, () => openExample(root, { runId: 'x', config: OTHER_CONFIG }), 'RUN_HELD');
    run.fail(new Error('end'));
  });

  it('openRun() refuses a run of another configuration', () => {
    const root = temporaryFolder();
    leaveUnfinished(root, 'x');
    expectRefusal(
      root,
      () => openExample(root, { runId: 'x', config: OTHER_CONFIG }),
      'RUN_CONFIG_DIFFERS',
    );
  });

  it('openRun() refuses to begin a run whose id is taken', () => {
    const root = temporaryFolder();
    leaveUnfinished(root, 'x');
    expectRefusal(root, () => openExample(root, { runId: 'x', isNew: true }), 'RUN_ID_TAKEN');
  });

  it('openRun() refuses a folder, a file and a link that are no run', () => {
    const root = temporaryFolder();
    leaveUnfinished(root, 'x');
    mkdirSync(join(root, 'runs', 'folder'));
    writeFileSync(join(root, 'runs', 'file'), '');
    symlinkSync(join(root, 'runs', 'x'), join(root, 'runs', 'linked'), 'junction');
    for (const runId of ['folder', 'file', 'linked'])
      expectRefusal(root, () => openExample(root, { runId }), 'RUN_ID_TAKEN');
  });

  it.each<[unknown, string]>([
    [undefined, 'options must be an object: current value is undefined'],
    ['out', 'options must be an object: current value is "out"'],
    [{}, 'config must be a JSON value: current value is undefined'],
    [{ config: {} }, 'rawConfig must be a JSON value: current value is undefined'],
    [{ config: {}, rawConfig: {}, root: 7 }, 'root must be a text: current value is 7'],
    [{ config: {}, rawConfig: {}, runId: null }, 'runId must be a text: current value is null'],
  ])('openRun(%j) names the argument that is wrong', (options, problem) => {
    expect(() => openRun(options as OpenRunOptions)).toThrow(
      new TypeError(`Cannot open a run: ${problem}`),
    );
  });

  it('openRun() refuses an id with a path in it before anything is made', () => {
    const root = temporaryFolder();
    expectRefusal(root, () => openExample(root, { runId: '../x' }), 'RUN_ID_INVALID');
  });

  it('openRun() without an id resumes the newest unfinished run of the same configuration', async () => {
    const root = temporaryFolder();
    leaveUnfinished(root, 'a', '2026-01-02T00:00:00Z');
    leaveUnfinished(root, 'b', '2026-01-03T00:00:00Z');
    leaveUnfinished(root, 'c', '2026-01-01T00:00:00Z');
    openExample(root, { runId: 'other', config: OTHER_CONFIG }).fail(new Error('end'));
    await completeExample(root, 'complete');
    const held = openExample(root, { runId: 'held' });
    mkdirSync(join(root, 'runs', 'no-run'));
    mkdirSync(join(root, 'runs', 'broken'));
    writeFileSync(join(root, 'runs', 'broken', 'run.json'), '{');
    const runs = [1, 2, 3, 4].map(() => openExample(root));
    expect(runs.map(({ runId, isResumed }) => (isResumed ? runId : 'new'))).toEqual([
      'b',
      'a',
      'c',
      'new',
    ]);
    for (const run of [...runs, held]) run.fail(new Error('end'));
  });

  it('openRun() tells which newer runs it passed over that may belong to a dead process', () => {
    const root = temporaryFolder();
    for (const [index, runId] of ['oldest', 'old', 'lost', 'alive', 'newest'].entries())
      leaveUnfinished(root, runId, `2026-01-0${index + 1}T00:00:00Z`);
    for (const runId of ['oldest', 'lost', 'newest'])
      writeFileSync(join(root, 'runs', `.${runId}.lock`), JSON.stringify(OTHER_PROCESS));
    const alive = openExample(root, { runId: 'alive' });
    const other = openExample(root, { config: OTHER_CONFIG });
    const [resumed, begun] = [openExample(root), openExample(root)];
    expect(resumed).toMatchObject({ runId: 'old', passedOver: ['newest', 'lost'] });
    expect(begun).toMatchObject({ isResumed: false, passedOver: ['newest', 'lost', 'oldest'] });
    expect([alive.passedOver, other.passedOver]).toEqual([[], []]);
    for (const run of [alive, other, resumed, begun]) run.fail(new Error('end'));
  });

  it('openRun() with isNew begins a run although one could be resumed', () => {
    const root = temporaryFolder();
    leaveUnfinished(root, 'x');
    const run = openExample(root, { isNew: true });
    expect(run.isResumed).toBe(false);
    run.fail(new Error('end'));
  });

  it('openRun() reports a damaged state of the run that was asked for', () => {
    const root = temporaryFolder();
    leaveUnfinished(root, 'x');
    writeFileSync(join(root, 'runs', 'x', 'run.json'), '{}');
    expect(thrownBy(() => openExample(root, { runId: 'x' }))).toMatchObject({
      code: 'RUN_STATE_BROKEN',
      exitCode: 5,
    });
    expect(readdirSync(join(root, 'runs'))).toEqual(['x']);
  });

  it('openRun() gives the lock back if the audit trail was tampered with', () => {
    const root = temporaryFolder();
    leaveUnfinished(root, 'x');
    const path = join(root, 'runs', 'x', 'events.jsonl');
    writeFileSync(path, readFileSync(path, 'utf8').replace('DEFECT', 'HARMLESS'));
    const events = readFileSync(path, 'utf8').split('\n').slice(1).join('\n');
    writeFileSync(path, events);
    expect(thrownBy(() => openExample(root, { runId: 'x' }))).toMatchObject({
      code: 'EVENT_CHAIN_BROKEN',
      exitCode: 5,
    });
    expect(readdirSync(join(root, 'runs'))).toEqual(['x']);
    expect(readFileSync(path, 'utf8')).toBe(events);
  });

  it('openRun() removes the temporary files of a killed writer when it resumes', async () => {
    const root = temporaryFolder();
    const run = openExample(root, { runId: 'x' });
    run.writeFile('checkpoints/a', 'a');
    run.fail(new Error('end'));
    writeFileSync(join(run.directory, 'checkpoints', '.pixelis-12-0123456789ab.tmp'), 'half');
    const resumed = openExample(root, { runId: 'x' });
    resumed.rewind(START_OFFSETS);
    const { checkpoints } = await resumed.complete(FACTS);
    expect(checkpoints).toEqual(['checkpoints/a']);
    expect(readdirSync(join(run.directory, 'checkpoints'))).toEqual(['a']);
  });

  it('openRun() in a folder whose runs are a file fails with exit code 4', () => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'runs'), 'kept');
    for (const options of [{}, { runId: 'x' }, { isNew: true }])
      expect(thrownBy(() => openExample(root, options))).toMatchObject({ exitCode: 4 });
    expect(snapshot(root)).toEqual({ runs: 'kept' });
  });

  it('openRun() in a place that cannot be written fails with exit code 4 and leaves nothing', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), 'kept');
    const before = snapshot(folder);
    for (const options of [{}, { runId: 'x' }, { isNew: true }]) {
      const open = () => openExample(join(folder, 'file', 'out'), options);
      expect(open).toThrow(DataError);
      expect(thrownBy(open)).toMatchObject({ exitCode: 4 });
    }
    expect(snapshot(folder)).toEqual(before);
  });

  it.each([1, 2, 3, 4, 5, 6])(
    'openRun() on a disk that is full at write %d leaves no run',
    (failing) => {
      const root = temporaryFolder();
      const write = fs.writeSync;
      let writes = 0;
      jest.spyOn(fs, 'writeSync').mockImplementation((...call: unknown[]) => {
        writes += 1;
        if (writes < failing) return Reflect.apply(write, fs, call) as number;
        throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', errno: -28, syscall: 'write' });
      });
      const environment = { node: '20' };
      expect(thrownBy(() => openExample(root, { runId: 'x', environment }))).toMatchObject({
        code: 'DISK_FULL',
        exitCode: 4,
      });
      jest.restoreAllMocks();
      expect(readdirSync(join(root, 'runs'))).toEqual([]);
    },
  );

  it('openRun() works below a symbolic link to the output folder', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'out'), 'junction');
    const run = openExample(join(folder, 'out'), { runId: 'x' });
    recordSteps(run, 1, 2);
    await run.complete(FACTS);
    expect(existsSync(join(folder, 'real', 'runs', 'x', 'manifest.json'))).toBe(true);
  });
});
