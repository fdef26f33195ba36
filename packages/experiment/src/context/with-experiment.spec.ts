import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ArtifactManager,
  LineageTracker,
  listRuns,
  readEvents,
  readMetrics,
  START_OFFSETS,
  validateManifest,
} from '@pixelis/artifacts';
import { UsageError } from '@pixelis/core';
import { quiet } from '../../test/quiet-options';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { currentExperiment } from './current-experiment';
import type { ExperimentContext } from './experiment-context';
import { openExperiment } from './open-experiment';
import { withExperiment } from './with-experiment';

// In parts, so that no search for secrets and paths takes this file for one.
const TOKEN_BODY = '0123456789abcdefghijABCDEFGHIJ012345';

const temporaryFolder = useTemporaryFolder();
const bytes = (...values: number[]) => ({ 'data.bin': new Uint8Array(values) });

function eventsOf(directory: string, ...types: string[]) {
  return readEvents(join(directory, 'events.jsonl')).filter(
    ({ type }) => types.length === 0 || types.includes(type),
  );
}

function readJson(...path: string[]): unknown {
  return JSON.parse(readFileSync(join(...path), 'utf8'));
}

function statuses(root: string) {
  return ArtifactManager.open({ root })
    .runFacts()
    .map(({ status }) => status);
}

describe('withExperiment()', () => {
  it('records, completes the run and hands the value through', async () => {
    const root = temporaryFolder();
    const options = quiet(root, {
      name: 'first',
      job: 'train:sft',
      config: { steps: 2 },
      rawConfig: { steps: '2' },
      seed: 7,
      tags: { team: 'a' },
      facts: { backend: { name: 'wasm', version: '4', threads: 1 } },
    });
    const directory = await withExperiment(options, (run) => {
      run.metrics(1, { 'loss/train': 0.5 });
      run.timings(1, { step_ms: 3 });
      run.epoch(1, { loss: 0.4 });
      run.event('noted', { what: 'this' });
      run.tag('stage', 'two');
      run.writeFile('figures/a.svg', '<svg/>');
      run.setFacts({ tfjs: '4.22.0' });
      run.setResults({ 'accuracy/hard': 0.5, 'loss/val': 1 });
      run.setResults({ 'accuracy/hard': 0.75 });
      expect([run.latest('loss/train'), run.latest('loss'), run.epochCount]).toEqual([0.5, 0.4, 1]);
      return run.directory;
    });
    expect(await validateManifest(directory)).toEqual([]);
    expect(readJson(directory, 'manifest.json')).toMatchObject({
      seed: 7,
      node: process.version,
      tfjs: '4.22.0',
      backend: { name: 'wasm', version: '4', threads: 1 },
      dataset: null,
      results: { 'accuracy/hard': 0.75, 'loss/val': 1 },
    });
    expect(readMetrics(directory)).toEqual([{ step: 1, 'loss/train': 0.5 }]);
    expect(readJson(directory, 'tags.json')).toEqual({
      job: 'train:sft',
      exp_name: 'first',
      stage: 'two',
      team: 'a',
    });
    expect(readJson(directory, 'config_raw.json')).toEqual({ steps: '2' });
    expect(readJson(directory, 'environment.json')).toMatchObject({ level: 'basic' });
    expect(existsSync(join(directory, 'environment.diff'))).toBe(false);
    expect(ArtifactManager.open({ root }).runFacts()).toMatchObject([
      { job: 'train:sft', name: 'first', status: 'COMPLETED', error: null },
    ]);
  });

  it('records an error with its stack, closes the run as failed, and throws it on', async () => {
    const root = temporaryFolder();
    const error = new UsageError(`no such thing: token=ghp_${TOKEN_BODY}`, {
      code: 'THING_UNKNOWN',
      remedy: 'Name another.',
    });
    const thrown = await withExperiment(quiet(root), () => {
      throw error;
    }).catch((reason: unknown) => reason);
    expect(thrown).toBe(error);
    const [run] = listRuns(root);
    expect(run).toMatchObject({
      status: 'FAILED',
      isHeld: false,
      error: { code: 'THING_UNKNOWN' },
    });
    const [failed] = eventsOf(run!.directory, 'failed');
    expect(failed!.data['stack']).toContain('with-experiment.spec.ts');
    expect(JSON.stringify(failed)).not.toContain('ghp_');
    const [fact] = ArtifactManager.open({ root }).runFacts();
    expect(fact).toMatchObject({ status: 'FAILED', error: { code: 'THING_UNKNOWN' } });
    expect(JSON.stringify(fact)).not.toContain('ghp_');
  });

  it('fails the run that cannot be completed, and says why', async () => {
    const root = temporaryFolder();
    await expect(
      withExperiment(quiet(root), (run) => run.setResults({ loss: NaN })),
    ).rejects.toThrow('results');
    expect(listRuns(root)).toMatchObject([{ status: 'FAILED' }]);
    expect(statuses(root)).toEqual(['FAILED']);
  });

  it('leaves a run alone that its callback has ended', async () => {
    const root = temporaryFolder();
    await withExperiment(quiet(root), async (run) => {
      const manifest = await run.complete();
      expect(await run.complete()).toBe(manifest);
      expect(run.isOpen).toBe(false);
      await run.fail(new Error('too late'));
    });
    await withExperiment(quiet(root), async (run) => {
      await run.fail(new Error('given up'));
      await expect(run.complete()).rejects.toThrow('has ended');
    });
    expect(statuses(root)).toEqual(['COMPLETED', 'FAILED']);
  });

  it('records what is used and made, in the catalog and in the audit trail, before the manifest', async () => {
    const root = temporaryFolder();
    await withExperiment(quiet(root), async (run) => {
      await run.logArtifact('dataset-a-1', bytes(1));
    });
    const directory = await withExperiment(quiet(root), async (run) => {
      const used = await run.useArtifact('dataset-a-1', { role: 'train_data' });
      expect(await used.readBytes('data.bin')).toEqual(new Uint8Array([1]));
      void run.logArtifact(`model-${run.runId}`, bytes(2), { aliases: ['best'] });
      return run.directory;
    });
    const [used, produced, completed] = eventsOf(directory).slice(-3);
    expect(used).toMatchObject({
      type: 'artifact_used',
      data: { name: 'dataset-a-1', version: '1.0.0', role: 'train_data', type: 'dataset' },
    });
    expect(produced).toMatchObject({
      type: 'artifact_produced',
      data: { version: '1.0.0', type: 'model', is_new: true },
    });
    expect(completed!.type).toBe('completed');
    const artifacts = ArtifactManager.open({ root });
    const [model] = artifacts.list({ type: 'model' });
    expect(model).toMatchObject({ aliases: expect.arrayContaining(['best']) as string[] });
    const tracker = new LineageTracker(artifacts);
    const graph = await tracker.graph();
    expect(graph.ancestors(`${model!.name}:1.0.0`).map(({ id }) => id)).toContain(
      'dataset-a-1:1.0.0',
    );
    expect(await tracker.validate()).toEqual([]);
  });

  it('refuses artifacts once it has ended', async () => {
    let kept: ExperimentContext | undefined;
    await withExperiment(quiet(temporaryFolder()), (run) => {
      kept = run;
    });
    await expect(kept!.logArtifact('dataset-a-1', bytes(1))).rejects.toThrow('has ended');
    await expect(kept!.useArtifact('dataset-a-1')).rejects.toThrow('has ended');
    expect(() => kept!.metrics(1, { loss: 1 })).toThrow('has ended');
  });

  it('begins a run each time, and resumes one that is named', async () => {
    const root = temporaryFolder();
    const attempt = (runId?: string) =>
      withExperiment(quiet(root, runId === undefined ? {} : { runId }), (run) => {
        if (run.isResumed) {
          run.rewind(START_OFFSETS);
          run.metrics(1, { loss: 2 });
          return run.runId;
        }
        run.metrics(1, { loss: 1 });
        throw new Error('the first time');
      });
    await expect(attempt()).rejects.toThrow('the first time');
    await expect(attempt()).rejects.toThrow('the first time');
    const [run] = listRuns(root);
    expect(await attempt(run!.runId)).toBe(run!.runId);
    expect(readMetrics(run!.directory)).toEqual([{ step: 1, loss: 2 }]);
    expect(statuses(root).sort()).toEqual(['COMPLETED', 'FAILED']);
    await expect(attempt(run!.runId)).rejects.toMatchObject({ code: 'RUN_COMPLETE' });
  });

  it('keeps the diff of a checkout with changes at level complete, and warns', async () => {
    const [root, folder, warn] = [temporaryFolder(), temporaryFolder(), jest.fn()];
    const git = (...args: string[]) => execFileSync('git', ['-C', folder, ...args]);
    git('init', '-q');
    writeFileSync(join(folder, 'a.txt'), 'before\n');
    git('add', '.');
    git('-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '-q', '-m', 'first');
    writeFileSync(join(folder, 'a.txt'), 'after\n');
    const options = quiet(root, { captureLevel: 'complete', folder, warn });
    const directory = await withExperiment(options, (run) => run.directory);
    expect(readFileSync(join(directory, 'environment.diff'), 'utf8')).toContain('+after');
    expect(readJson(directory, 'environment.json')).not.toHaveProperty('diff');
    expect(readJson(directory, 'manifest.json')).toMatchObject({ git: { is_dirty: true } });
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('changes that no commit holds'));
  });

  it('removes its listeners', async () => {
    const count = () => process.listenerCount('SIGINT') + process.listenerCount('SIGTERM');
    const before = count();
    await withExperiment(quiet(temporaryFolder()), () => {
      expect(count()).toBe(before + 2);
    });
    expect(count()).toBe(before);
    await withExperiment(quiet(temporaryFolder(), { signals: 'ignore' }), () => {
      expect(count()).toBe(before);
    });
  });

  it('samples the hardware, and sums it up in the audit trail', async () => {
    const directory = await withExperiment(
      quiet(temporaryFolder(), { hardwareIntervalMs: 600_000 }),
      (run) => run.directory,
    );
    const [line] = readFileSync(join(directory, 'hardware.jsonl'), 'utf8').split('\n');
    expect(JSON.parse(line!)).toMatchObject({ memory_bytes: expect.any(Number) as number });
    const [summary] = eventsOf(directory, 'hardware');
    expect(summary!.data).toMatchObject({ sample_count: 1, error: null });
    expect(await validateManifest(directory)).toEqual([]);
  });

  it('tells the catalog before the callback is called', async () => {
    const root = temporaryFolder();
    await withExperiment(quiet(root), () => expect(statuses(root)).toEqual(['RUNNING']));
  });

  it('warns, and does not fail, if the catalog cannot be told of the end', async () => {
    const root = temporaryFolder();
    const artifacts = ArtifactManager.open({ root });
    const warn = jest.fn();
    const directory = await withExperiment(quiet(root, { warn }), (run) => {
      jest.spyOn(artifacts, 'recordRun').mockRejectedValue(new Error('no space left'));
      return run.directory;
    });
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('no space left'));
    expect(await validateManifest(directory)).toEqual([]);
    jest.restoreAllMocks();
    await withExperiment(quiet(root), () => undefined);
    expect(statuses(root)).toEqual(['COMPLETED', 'COMPLETED']);
  });

  it('closes the run if it cannot tell the catalog that it runs', async () => {
    const root = temporaryFolder();
    const artifacts = ArtifactManager.open({ root });
    jest.spyOn(artifacts, 'recordRun').mockRejectedValue(new Error('no space left'));
    await expect(withExperiment(quiet(root), () => undefined)).rejects.toThrow('no space left');
    jest.restoreAllMocks();
    expect(listRuns(root)).toMatchObject([{ status: 'FAILED', isHeld: false }]);
  });
});

describe('currentExperiment()', () => {
  it('is the innermost of nested ones, and none outside', async () => {
    const root = temporaryFolder();
    expect(currentExperiment()).toBeUndefined();
    await withExperiment(quiet(root), async (outer) => {
      expect(currentExperiment()).toBe(outer);
      await withExperiment(quiet(root), async (inner) => {
        await new Promise((resolve) => setImmediate(resolve));
        expect(currentExperiment()).toBe(inner);
      });
      expect(currentExperiment()).toBe(outer);
    });
    expect(currentExperiment()).toBeUndefined();
  });

  it('links a nested run to its parent by tag and audit trails', async () => {
    const root = temporaryFolder();
    const [outer, inner] = await withExperiment(quiet(root), async (run) => [
      run,
      await withExperiment(quiet(root, { tags: { a: 'b' } }), (nested) => nested),
    ]);
    expect(readJson(inner.directory, 'tags.json')).toEqual({
      job: 'experiment',
      a: 'b',
      parent_run_id: outer.runId,
    });
    expect(eventsOf(inner.directory, 'parent_run')[0]!.data).toEqual({
      run_id: outer.runId,
      run_uuid: outer.runUuid,
    });
    expect(eventsOf(outer.directory, 'child_run')[0]!.data).toEqual({
      run_id: inner.runId,
      run_uuid: inner.runUuid,
    });
  });

  it('never mixes runs that go on at the same time', async () => {
    const root = temporaryFolder();
    const record = (index: number) =>
      withExperiment(quiet(root, { name: `run ${index}` }), async (run) => {
        for (let step = 1; step <= 5; step++) {
          await new Promise((resolve) => setTimeout(resolve, (index * step) % 4));
          currentExperiment()!.metrics(step, { index });
        }
        await currentExperiment()!.logArtifact(`model-${run.runId}`, bytes(index));
        return { run, index };
      });
    const runs = await Promise.all(Array.from({ length: 12 }, (_, index) => record(index)));
    const artifacts = ArtifactManager.open({ root });
    for (const { run, index } of runs) {
      expect(readMetrics(run.directory).map((line) => line['index'])).toEqual(Array(5).fill(index));
      expect(artifacts.resolve(`model-${run.runId}`).producer).toEqual(run.reference);
    }
  });
});

describe('openExperiment()', () => {
  it('closes a run as failed that its scope neither completed nor failed', async () => {
    const root = temporaryFolder();
    {
      await using run = await openExperiment(quiet(root));
      run.metrics(1, { loss: 1 });
    }
    expect(listRuns(root)).toMatchObject([{ status: 'FAILED', error: { code: 'NOT_COMPLETED' } }]);
    expect(statuses(root)).toEqual(['FAILED']);
  });

  it('leaves a run alone that its scope completed or failed', async () => {
    const root = temporaryFolder();
    {
      await using run = await openExperiment(quiet(root));
      await run.complete();
    }
    {
      await using run = await openExperiment(quiet(root));
      await run.fail(new Error('by itself'));
    }
    expect(statuses(root)).toEqual(['COMPLETED', 'FAILED']);
    expect(listRuns(root, { status: 'FAILED' })).toMatchObject([
      { error: { message: 'by itself' } },
    ]);
  });

  it('is current within within() alone', async () => {
    await using run = await openExperiment(quiet(temporaryFolder()));
    expect(currentExperiment()).toBeUndefined();
    expect(await run.within(async () => Promise.resolve(currentExperiment()))).toBe(run);
  });

  it('refuses a wrong seed before it writes anything', async () => {
    const root = temporaryFolder();
    await expect(openExperiment(quiet(root, { seed: -1 }))).rejects.toMatchObject({
      code: 'SEED_INVALID',
    });
    expect(existsSync(join(root, 'runs'))).toBe(false);
  });
});
