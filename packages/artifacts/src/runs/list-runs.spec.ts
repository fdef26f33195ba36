import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { completeExample, CONFIG, openExample } from '../../test/example-run';
import { snapshot, useTemporaryFolder } from '../../test/temporary-folder';
import { listRuns } from './list-runs';
import { resumeFingerprint } from './resume-fingerprint';
import { settleDeadRuns } from './settle-dead-runs';

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

describe('settleDeadRuns', () => {
  it('settleDeadRuns() removes a run that was never wholly begun', () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'runs', '.x.tmp'), { recursive: true });
    writeFileSync(join(root, 'runs', '.x.tmp', 'config_raw.json'), '{}');
    expect(settleDeadRuns(root)).toEqual([]);
    expect(snapshot(root)).toEqual({ runs: '(folder)' });
  });
});
