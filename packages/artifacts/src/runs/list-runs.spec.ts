import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { completeExample, CONFIG, FACTS, openExample, recordSteps } from '../../test/example-run';
import { snapshot, useTemporaryFolder } from '../../test/temporary-folder';
import { thrownBy } from '../../test/thrown-by';
import { listRuns } from './list-runs';
import type { RunFilter } from './run-filter';
import { resumeFingerprint } from './resume-fingerprint';

const temporaryFolder = useTemporaryFolder();

describe('listRuns', () => {
  it('listRuns() of a folder without runs, or that is missing, is empty', () => {
    expect(listRuns(temporaryFolder())).toEqual([]);
    expect(listRuns(join(temporaryFolder(), 'missing'))).toEqual([]);
  });

  it('listRuns() tells how each run stands, newest first, and changes nothing', async () => {
    const root = temporaryFolder();
    const now = () => new Date('2020-01-01T00:00:00Z');
    openExample(root, { runId: 'failed', now }).fail(new RangeError('too far'));
    await completeExample(root, 'complete');
    const before = snapshot(root);
    expect(listRuns(root)).toEqual([
      {
        runId: 'complete',
        directory: join(root, 'runs', 'complete'),
        status: 'COMPLETED',
        isHeld: false,
        createdAt: expect.stringMatching(/^20.*Z$/) as unknown,
        configFingerprint: null,
        error: null,
      },
      {
        runId: 'failed',
        directory: join(root, 'runs', 'failed'),
        status: 'FAILED',
        isHeld: false,
        createdAt: '2020-01-01T00:00:00.000Z',
        configFingerprint: resumeFingerprint(CONFIG),
        error: { code: 'DEFECT', message: 'too far' },
      },
    ]);
    expect(snapshot(root)).toEqual(before);
  });

  it('listRuns() counts a run with a damaged manifest as complete', async () => {
    const root = temporaryFolder();
    const { directory } = await completeExample(root, 'x');
    writeFileSync(join(directory, 'manifest.json'), '{');
    expect(listRuns(root)).toMatchObject([{ status: 'COMPLETED', createdAt: null }]);
  });

  it('listRuns() leaves out what is no run', () => {
    const root = temporaryFolder();
    for (const name of ['empty', '.hidden', 'renamed', 'damaged'])
      mkdirSync(join(root, 'runs', name), { recursive: true });
    writeFileSync(join(root, 'runs', 'damaged', 'run.json'), '[]');
    writeFileSync(join(root, 'runs', 'file'), '');
    expect(listRuns(root)).toEqual([]);
  });
});

describe('listRuns with a filter', () => {
  let root: string;

  beforeAll(async () => {
    root = temporaryFolder();
    const runs = [
      { runId: 'sft-1', day: 1, seed: 1, accuracy: 0.7, tags: { exp_name: 'first', team: 'a' } },
      { runId: 'sft-2', day: 2, seed: 2, accuracy: 0.9, tags: { exp_name: 'second', team: 'a' } },
      { runId: 'rl-3', day: 3, seed: 1, accuracy: 0.8, tags: { team: 'b' } },
    ];
    for (const { runId, day, seed, accuracy, tags } of runs) {
      const run = openExample(root, {
        runId,
        tags,
        config: { training: { seed, levels: ['easy'] } },
        now: () => new Date(`2026-01-0${day}T00:00:00Z`),
      });
      await run.complete({ ...FACTS, results: { 'accuracy/hard': accuracy } });
    }
    const config = { training: { seed: 9 } };
    const now = () => new Date('2026-01-04T00:00:00Z');
    const failed = openExample(root, { runId: 'failed', config, now });
    recordSteps(failed, 1, 4);
    failed.fail(new Error('end'));
  });

  it.each<[RunFilter, string[]]>([
    [{}, ['failed', 'rl-3', 'sft-2', 'sft-1']],
    [{ status: 'FAILED' }, ['failed']],
    [{ status: ['FAILED', 'RUNNING'] }, ['failed']],
    [{ tags: { team: 'a' } }, ['sft-2', 'sft-1']],
    [{ tags: { team: 'a', exp_name: 'first' } }, ['sft-1']],
    [{ tags: { toString: 'x' } }, []],
    [{ name: 'sft-*' }, ['sft-2', 'sft-1']],
    [{ name: 'sft-?' }, ['sft-2', 'sft-1']],
    [{ name: 'sft' }, []],
    [{ name: 'sec*d' }, ['sft-2']],
    [{ name: '*.*' }, []],
    [{ createdSince: '2026-01-03' }, ['failed', 'rl-3']],
    [{ createdBefore: new Date('2026-01-02T00:00:00Z') }, ['sft-1']],
    [{ createdSince: '2026-01-02', createdBefore: '2026-01-04' }, ['rl-3', 'sft-2']],
    [{ metrics: ['accuracy/hard>0.7'] }, ['rl-3', 'sft-2']],
    [{ metrics: ['accuracy/hard>=0.7', 'accuracy/hard<0.9'] }, ['rl-3', 'sft-1']],
    [{ metrics: ['loss/train=0.25'] }, ['failed']],
    [{ metrics: ['toString>0'] }, []],
    [{ config: ['training.seed=1'] }, ['rl-3', 'sft-1']],
    [{ config: ['training.seed!=1'] }, ['failed', 'sft-2']],
    [{ config: ['training.levels=["easy"]'], metrics: ['accuracy/hard>0.8'] }, ['sft-2']],
    [{ sort: 'created' }, ['sft-1', 'sft-2', 'rl-3', 'failed']],
    [{ sort: 'run_id' }, ['failed', 'rl-3', 'sft-1', 'sft-2']],
    [{ sort: '-run_id', limit: 2 }, ['sft-2', 'sft-1']],
    [{ sort: '-accuracy/hard' }, ['sft-2', 'rl-3', 'sft-1', 'failed']],
    [{ sort: 'accuracy/hard' }, ['sft-1', 'rl-3', 'sft-2', 'failed']],
    [{ sort: 'status' }, ['rl-3', 'sft-2', 'sft-1', 'failed']],
    [{ limit: 1 }, ['failed']],
  ])('listRuns() with %j', (filter, expected) => {
    const before = snapshot(root);
    expect(listRuns(root, filter).map(({ runId }) => runId)).toEqual(expected);
    expect(snapshot(root)).toEqual(before);
  });

  it.each<[object, string]>([
    [{ metrics: ['accuracy'] }, '"accuracy"'],
    [{ createdSince: 'yesterday' }, 'yesterday'],
    [{ status: ['DONE'] }, 'DONE'],
  ])('listRuns() refuses the filter %j', (filter, named) => {
    expect(thrownBy(() => listRuns(root, filter))).toMatchObject({
      code: 'RUN_FILTER_INVALID',
      exitCode: 2,
      message: expect.stringContaining(named) as unknown,
    });
  });

  it.each([0, -1, 1.5, NaN])('listRuns() refuses the limit %d', (limit) => {
    expect(() => listRuns(root, { limit })).toThrow(RangeError);
  });
});
