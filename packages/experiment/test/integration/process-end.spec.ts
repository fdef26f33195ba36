import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ArtifactManager, listRuns, validateManifest } from '@pixelis/artifacts';
import { withExperiment } from '../../src/context/with-experiment';
import { quiet } from '../quiet-options';
import { useTemporaryFolder } from '../temporary-folder';
import { ExperimentProcess } from './experiment-process';

const temporaryFolder = useTemporaryFolder();
const interrupted = (signal: string) => ({
  code: 'INTERRUPTED',
  message: expect.stringContaining(`interrupted by ${signal}`) as string,
});

/** What the catalog says of the runs, by their ids. */
function recorded(root: string) {
  return ArtifactManager.open({ root })
    .runFacts()
    .map(({ run, status, error }) => ({ runId: run.runId, status, error }));
}

describe('withExperiment() when a signal comes', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'closes the run as failed on %s, and ends the process with %d',
    async (signal, code) => {
      const root = temporaryFolder();
      const child = new ExperimentProcess(root, 'busy');
      const [runId] = await child.said('open');
      child.send(signal);
      expect(await child.ended).toEqual({ code, signal: null });
      expect(listRuns(root)).toMatchObject([{ status: 'FAILED', error: interrupted(signal) }]);
      expect(recorded(root)).toEqual([
        { runId, status: 'FAILED', error: expect.objectContaining(interrupted(signal)) as object },
      ]);
      expect(child.lines).not.toContain('done');
    },
  );

  it('closes a run that is being recorded, and reports nothing but the signal', async () => {
    const root = temporaryFolder();
    const child = new ExperimentProcess(root, 'recording');
    await child.said('open');
    child.send('SIGINT');
    expect(await child.ended).toEqual({ code: 130, signal: null });
    expect(listRuns(root)).toMatchObject([{ status: 'FAILED', error: interrupted('SIGINT') }]);
    expect(recorded(root)).toMatchObject([{ status: 'FAILED' }]);
  });

  it('lets a callback that watches complete its run', async () => {
    const root = temporaryFolder();
    const child = new ExperimentProcess(root, 'completing');
    await child.said('open');
    child.send('SIGINT');
    expect((await child.ended).signal).toBeNull();
    expect(child.lines).toContain('done');
    expect(listRuns(root)).toMatchObject([{ status: 'COMPLETED' }]);
  });

  it('leaves a callback that watches the time to end, and rejects with the interruption', async () => {
    const root = temporaryFolder();
    const child = new ExperimentProcess(root, 'watching');
    await child.said('open');
    child.send('SIGTERM');
    expect(await child.ended).toEqual({ code: 143, signal: null });
    expect(listRuns(root)).toMatchObject([{ status: 'FAILED', error: interrupted('SIGTERM') }]);
  });

  it('ends at once on a second signal; the run is then found dead', async () => {
    const root = temporaryFolder();
    const child = new ExperimentProcess(root, 'stuck');
    const [runId] = await child.said('open');
    child.send('SIGINT');
    await child.said('aborted');
    child.send('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 1100));
    child.send('SIGTERM');
    expect(await child.ended).toEqual({ code: 143, signal: null });
    expect(listRuns(root)).toMatchObject([{ status: 'FAILED', error: { code: 'RUN_CRASHED' } }]);
    expect(recorded(root)).toEqual([{ runId, status: 'RUNNING', error: null }]);
  });

  it('closes all runs of the process', async () => {
    const root = temporaryFolder();
    const child = new ExperimentProcess(root, 'two');
    await child.said('open', 2);
    child.send('SIGINT');
    expect(await child.ended).toEqual({ code: 130, signal: null });
    expect(recorded(root)).toMatchObject([{ status: 'FAILED' }, { status: 'FAILED' }]);
    expect(listRuns(root)).toMatchObject([
      { status: 'FAILED', error: interrupted('SIGINT') },
      { status: 'FAILED', error: interrupted('SIGINT') },
    ]);
  });

  it('leaves signals to the program if it is to ignore them', async () => {
    const root = temporaryFolder();
    const child = new ExperimentProcess(root, 'ignoring');
    await child.said('open');
    child.send('SIGTERM');
    await child.said('told');
    child.release();
    expect(await child.ended).toEqual({ code: 0, signal: null });
    expect(listRuns(root)).toMatchObject([{ status: 'COMPLETED' }]);
  });
});

describe('an experiment whose process ends without a word', () => {
  it.each(['killed', 'exited'])(
    'is recorded as failed by the next one if it was %s',
    async (how) => {
      const root = temporaryFolder();
      const child = new ExperimentProcess(root, how === 'killed' ? 'busy' : 'exit');
      const [runId] = await child.said('open');
      if (how === 'killed') child.send('SIGKILL');
      await child.ended;
      expect(recorded(root)).toEqual([{ runId, status: 'RUNNING', error: null }]);
      await withExperiment(quiet(root), () => undefined);
      expect(recorded(root)).toMatchObject([
        { runId, status: 'FAILED', error: { code: 'RUN_CRASHED' } },
        { status: 'COMPLETED', error: null },
      ]);
    },
  );

  it('stays complete if it was killed between its manifest and the catalog', async () => {
    const root = temporaryFolder();
    const child = new ExperimentProcess(root, 'complete');
    const [runId] = await child.said('open');
    await child.ended;
    const directory = join(root, 'runs', runId!);
    expect(existsSync(join(directory, 'manifest.json'))).toBe(true);
    expect(recorded(root)).toEqual([{ runId, status: 'RUNNING', error: null }]);
    await withExperiment(quiet(root), () => undefined);
    expect(recorded(root)).toMatchObject([
      { runId, status: 'COMPLETED', error: null },
      { status: 'COMPLETED' },
    ]);
    expect(await validateManifest(directory)).toEqual([]);
  });

  it('does not make the next one touch a run that is alive', async () => {
    const root = temporaryFolder();
    const child = new ExperimentProcess(root, 'busy');
    const [runId] = await child.said('open');
    await withExperiment(quiet(root), () => undefined);
    expect(recorded(root)).toMatchObject([{ runId, status: 'RUNNING' }, { status: 'COMPLETED' }]);
    child.release();
    expect(await child.ended).toEqual({ code: 0, signal: null });
    expect(recorded(root)).toMatchObject([{ runId, status: 'COMPLETED' }, {}]);
  });
});
