import { mkdirSync, writeFileSync } from 'node:fs';
import { SweepFolder } from '../folder/sweep-folder';
import type { TrialEnd } from '../launchers/launcher';
import { useTemporaryFolder } from '../../test/support/temporary-folder';
import { judgeTrial } from './trial-verdict';
import { valueOf } from './trial-run';

const fresh = useTemporaryFolder();

function folderWith({ metrics, state, log }: { metrics?: string; state?: object; log?: string }) {
  const folder = new SweepFolder({ out: fresh(), tag: 'lr' });
  mkdirSync(folder.path('logs'), { recursive: true });
  if (log !== undefined) writeFileSync(folder.logPath(1), log);
  if (metrics === undefined) return folder;
  const directory = folder.runDirectory(1);
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${directory}/metrics.jsonl`, metrics);
  const run = {
    run_version: 1,
    run_id: 'lr-0001',
    run_uuid: '01919d3e-9a3b-7c00-8a4e-6f1d2b3c4d5e',
    created_at: '2026-01-02T03:04:05.678Z',
    config_fingerprint: 'a'.repeat(64),
    status: 'FAILED',
    error: { code: 'STOPPED_AS_ASKED', message: 'stopped' },
    ...state,
  };
  writeFileSync(`${directory}/run.json`, JSON.stringify(run));
  return folder;
}

const THREE_STEPS = '{"loss/val":3,"step":1}\n{"loss/val":2,"step":2}\n{"step":3}\n{"torn';

function verdictOf(folder: SweepFolder, end: TrialEnd | null, stopAfter?: number) {
  return judgeTrial(folder, { trial: 1, stopAfter, end });
}

describe('judgeTrial()', () => {
  it('judgeTrial() lets the run in the store speak before the end of its process', () => {
    const folder = folderWith({ metrics: THREE_STEPS });
    const killed = { exitCode: null, signal: 'SIGKILL' };
    expect(verdictOf(folder, killed, 3)).toMatchObject({ kind: 'reached', run: { steps: 3 } });
    expect(verdictOf(folder, killed, 4)).toEqual({ kind: 'open' });
    expect(verdictOf(folder, killed)).toEqual({ kind: 'open' });
  });

  it.each([
    null,
    { exitCode: 130, signal: null },
    { exitCode: 143, signal: null },
    { exitCode: null, signal: 'SIGTERM' },
    { exitCode: null, signal: 'SIGKILL' },
  ])('judgeTrial() starts a trial again whose process ended with %j', (end) => {
    expect(verdictOf(folderWith({}), end)).toEqual({ kind: 'open' });
  });

  it('judgeTrial() takes the error of a failed trial from its log, whose end is of the latest attempt, or else from its run', () => {
    const end = { exitCode: 4, signal: null };
    const log =
      '{"level":"INFO"}\n{"error":{"code":"CONFIG_INVALID","message":"m","remedy":"r"}}\n';
    const error = { code: 'DATA_BROKEN', message: 'broken' };
    const silent = folderWith({ metrics: '', state: { error } });
    expect(verdictOf(silent, end)).toMatchObject({ error: { ...error, exit_code: 4 } });
    const failed = folderWith({ metrics: '', state: { error }, log });
    expect(verdictOf(failed, end)).toMatchObject({ error: { code: 'CONFIG_INVALID' } });
    const refused = folderWith({ log });
    expect(verdictOf(refused, { exitCode: 2, signal: null })).toMatchObject({
      kind: 'failed',
      error: { code: 'CONFIG_INVALID', message: 'm', exit_code: 2 },
    });
    const resumedInVain = folderWith({ metrics: THREE_STEPS, log });
    expect(verdictOf(resumedInVain, end, 4)).toMatchObject({
      error: { code: 'CONFIG_INVALID' },
      steps: 3,
    });
    expect(verdictOf(folderWith({}), { exitCode: 0, signal: null })).toMatchObject({
      error: { code: 'TRIAL_UNFINISHED', exit_code: 0 },
    });
    expect(verdictOf(folderWith({}), { exitCode: null, signal: 'SIGSEGV' })).toMatchObject({
      error: { code: 'TRIAL_CRASHED', message: 'its process was ended by SIGSEGV' },
    });
  });

  it('judgeTrial() counts a damaged run as failed', () => {
    const folder = folderWith({ metrics: 'no json\n' });
    expect(verdictOf(folder, null)).toMatchObject({
      kind: 'failed',
      error: { code: 'METRICS_BROKEN', exit_code: 5 },
    });
  });
});

describe('valueOf()', () => {
  const run = {
    metrics: [
      { step: 1, 'loss/val': 3 },
      { step: 2, 'loss/val': 2 },
      { step: 3, 'loss/train': 1 },
    ],
    results: { 'accuracy/hard': 0.5, 'loss/val': 9, weights_sha256: 'x' },
  };

  it('valueOf() gives the last value of a metric, up to a step where one is given', () => {
    expect(valueOf(run, { metric: 'loss/val' })).toBe(2);
    expect(valueOf(run, { metric: 'loss/val', steps: 1 })).toBe(3);
    expect(valueOf(run, { metric: 'loss/train', steps: 2 })).toBeUndefined();
  });

  it('valueOf() never takes what only the final test measured', () => {
    expect(valueOf(run, { metric: 'accuracy/hard' })).toBeUndefined();
    expect(valueOf(run, { metric: 'toString' })).toBeUndefined();
  });
});
