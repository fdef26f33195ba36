import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@pixelis/core';
import { CONFIG, FACTS, openExample, recordSteps } from '../../test/example-run';
import { snapshot, useTemporaryFolder } from '../../test/temporary-folder';
import { thrownBy } from '../../test/thrown-by';
import { compareRuns } from './compare-runs';
import { showRun } from './show-run';

const temporaryFolder = useTemporaryFolder();

/** A clock that goes on by a second with each look. */
function clock(): () => Date {
  let ms = Date.parse('2026-01-01T00:00:00Z') - 1000;
  return () => new Date((ms += 1000));
}

describe('showRun', () => {
  it('showRun() tells everything of a complete run, and changes nothing', async () => {
    const root = temporaryFolder();
    const run = openExample(root, {
      runId: 'x',
      now: clock(),
      tags: { exp_name: 'first' },
      environment: { node: '20' },
      resolvedConfig: {
        config: CONFIG,
        origins: { 'training.seed': { layer: 'argument', source: '--seed' } },
      },
    });
    recordSteps(run, 1, 4);
    run.hardware({ cpu_percent: 50 });
    run.writeFile('checkpoints/final.safetensors', 'weights');
    await run.complete(FACTS);
    const before = snapshot(root);
    const { results, ...facts } = FACTS;
    const shown = showRun(root, 'latest');
    expect(shown).toEqual({
      runId: 'x',
      runUuid: run.runUuid,
      directory: run.directory,
      status: 'COMPLETED',
      isHeld: false,
      createdAt: '2026-01-01T00:00:00.000Z',
      endedAt: '2026-01-01T00:00:02.000Z',
      durationS: 2,
      resumedCount: 0,
      configFingerprint: null,
      tags: { exp_name: 'first' },
      config: { 'training.seed': 42, 'training.steps': 3, 'hardware.threads': 2 },
      changedConfig: { 'training.seed': 42 },
      lastMetrics: { 'loss/train': { step: 4, value: 0.25 } },
      results: { ...results, weights_sha256: sha256('weights') },
      error: null,
      files: expect.arrayContaining([
        { path: 'checkpoints/final.safetensors', bytes: 7 },
        { path: 'hardware.jsonl', bytes: 30 },
        { path: 'manifest.json', bytes: readFileSync(join(run.directory, 'manifest.json')).length },
      ]) as unknown,
      environment: { node: '20' },
      facts,
    });
    expect(shown.files).toHaveLength(12);
    expect(snapshot(root)).toEqual(before);
  });

  it('showRun() tells why a run failed, with the stack', () => {
    const root = temporaryFolder();
    const run = openExample(root, { runId: 'x' });
    expect(showRun(root, 'x')).toMatchObject({ status: 'RUNNING', endedAt: null, durationS: null });
    run.fail(new RangeError('too far'));
    openExample(root, { runId: 'x' }).fail(new RangeError('again'));
    expect(showRun(root, 'x')).toMatchObject({
      status: 'FAILED',
      resumedCount: 1,
      results: {},
      changedConfig: null,
      environment: null,
      facts: null,
      error: {
        code: 'DEFECT',
        message: 'again',
        stack: expect.stringMatching(/^RangeError: again\n +at .*show-run\.spec\.ts/) as unknown,
      },
    });
  });

  it('showRun() reports a damaged state', () => {
    const root = temporaryFolder();
    const run = openExample(root, { runId: 'x' });
    run.fail(new Error('end'));
    writeFileSync(join(run.directory, 'run.json'), '{');
    expect(thrownBy(() => showRun(root, 'x'))).toMatchObject({ code: 'RUN_STATE_BROKEN' });
  });
});

describe('compareRuns', () => {
  it('compareRuns() gives the values that differ, and all of them on demand', async () => {
    const root = temporaryFolder();
    for (const seed of [1, 2]) {
      const config = { training: { seed, steps: 3 } };
      const run = openExample(root, {
        runId: `seed-${seed}`,
        config,
        tags: { [`only_${seed}`]: 'a' },
      });
      recordSteps(run, 1, seed);
      await run.complete({ ...FACTS, seed, results: { 'accuracy/hard': seed / 10, same: 1 } });
    }
    const { runIds, rows } = compareRuns(root, ['seed-2', 'seed-1']);
    expect(runIds).toEqual(['seed-2', 'seed-1']);
    expect(rows).toEqual([
      { section: 'config', key: 'training.seed', values: [2, 1], isEqual: false },
      { section: 'tags', key: 'only_1', values: [null, 'a'], isEqual: false },
      { section: 'tags', key: 'only_2', values: ['a', null], isEqual: false },
      { section: 'results', key: 'accuracy/hard', values: [0.2, 0.1], isEqual: false },
      { section: 'last_metrics', key: 'loss/train', values: [0.5, 1], isEqual: false },
      { section: 'environment', key: 'seed', values: [2, 1], isEqual: false },
    ]);
    const all = compareRuns(root, ['seed-2', 'seed-1'], { hasEqual: true }).rows;
    expect(all).toContainEqual({ section: 'results', key: 'same', values: [1, 1], isEqual: true });
    expect(all.length).toBeGreaterThan(rows.length);
    expect(() => compareRuns(root, ['seed-1', 'seed-3'])).toThrow(/no run "seed-3"/);
    expect(() => compareRuns(root, ['seed-1'])).toThrow(TypeError);
  });
});
