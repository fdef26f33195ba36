import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type ConfigSetting, resolveSweepConfig, trainingConfigSchema } from '@pixelis/config';
import { acquireFileLock, DataError, sha256FileSync } from '@pixelis/core';
import { z } from 'zod';
import { runSweep, type RunSweepOptions, type SweepResult } from '../src/run-sweep';
import type { SweepEvent } from '../src/sweep-event';
import { planSweep } from '../src/sweep-plan';
import type { Launcher } from '../src/launchers/launcher';
import { digestsBelow } from './support/digests-below';
import { refusalOf } from './support/refusal-of';
import { useTemporaryFolder } from './support/temporary-folder';
import { createToyLauncher, DriverDeath } from './support/toy-launcher';
import { train } from './support/toy-train.cjs';
import { comparable, FOUR, startsOf, type ToySearch, toySweep } from './support/toy-sweep';

const fresh = useTemporaryFolder();

/** Trials of which the second fails. */
const FAILING: ToySearch = { space: { 'training.seed': { values: [1, 13, 2] } } };

const HALVING: ToySearch = {
  steps: 8,
  space: { 'training.seed': { values: [1, 2, 3, 4, 5, 6, 7, 8] } },
  halving: { minimum_steps: 2, reduction_factor: 2 },
};

describe('runSweep()', () => {
  it('runSweep() runs every combination of a grid, and says in its manifest which is the best', async () => {
    const { manifest, status } = await runSweep(toySweep(fresh(), FOUR));
    expect(status).toBe('COMPLETED');
    expect(manifest?.trials.map(({ parameters }) => Object.values(parameters))).toEqual([
      [0.001, 1],
      [0.001, 2],
      [0.01, 1],
      [0.01, 2],
    ]);
    expect(manifest).toMatchObject({
      best: 3,
      counts: { completed: 4, stopped: 0, failed: 0 },
      search: { metric: 'loss/val' },
    });
    expect(manifest?.trials[2]).toMatchObject({
      config_path: '0003.json',
      run_id: 'toy-0003',
      steps: 4,
      value: 0.01 + 1 / 4,
      results: { 'accuracy/toy': 1 },
    });
  });

  it('runSweep() writes complete configurations that say who set what', async () => {
    const { folder } = await runSweep(toySweep(fresh(), FOUR));
    const { $origins, ...config } = readJson(folder.configPath(2));
    expect(trainingConfigSchema.parse(config).training).toMatchObject({
      learning_rate: 0.001,
      seed: 2,
      steps: 4,
    });
    expect($origins).toEqual({
      'training.learning_rate': { layer: 'sweep', source: 'trial 0002' },
      'training.seed': { layer: 'sweep', source: 'trial 0002' },
      'training.evaluate_every': { layer: 'argument', source: 'training.evaluate_every' },
      'training.steps': { layer: 'argument', source: 'training.steps' },
    });
    expect(config['hardware']).not.toHaveProperty('threads');
  });

  it('runSweep() ends with the hash of every file but logs and what launchers leave', async () => {
    const { manifest, folder } = await runSweep(toySweep(fresh(), FAILING));
    const files = manifest?.files ?? {};
    expect(Object.keys(files)).toEqual([
      '0001.json',
      '0002.json',
      '0003.json',
      'figures/importance.svg',
      'figures/parallel-coordinates.svg',
      'outcomes/0001.json',
      'outcomes/0002.json',
      'outcomes/0003.json',
      'report.md',
      'sweep.json',
    ]);
    for (const [path, { sha256, bytes }] of Object.entries(files)) {
      expect(sha256FileSync(folder.path(path))).toBe(sha256);
      expect(statSync(folder.path(path)).size).toBe(bytes);
    }
  });

  it('runSweep() of a complete sweep changes nothing and gives its manifest again', async () => {
    const out = fresh();
    const { manifest } = await runSweep(toySweep(out, FOUR));
    const before = digestsBelow(out);
    expect((await runSweep(toySweep(out, FOUR))).manifest).toEqual(manifest);
    expect(digestsBelow(out)).toEqual(before);
  });

  it('runSweep() searches as random and tpe say, with the same trials every time', async () => {
    const space = {
      'training.learning_rate': { distribution: 'log_uniform', low: 1e-4, high: 1e-1 },
    };
    for (const strategy of ['random', 'tpe'] as const) {
      const search = { space, strategy, trials: 6 };
      const { manifest } = await runSweep(toySweep(fresh(), search));
      const again = await runSweep(toySweep(fresh(), search, { jobs: 3 }));
      expect(new Set(manifest?.trials.map(({ value }) => value)).size).toBe(6);
      expect(comparable(again.manifest)).toEqual(comparable(manifest));
    }
  });

  it('runSweep() halves: stops the worse trials, and lets the others go on where they stopped', async () => {
    const out = fresh();
    const { manifest } = await runSweep(toySweep(out, HALVING, { jobs: 3 }));
    expect(manifest?.trials.map(({ state, steps }) => `${state} ${steps}`)).toEqual([
      'COMPLETED 8',
      'COMPLETED 8',
      'STOPPED 4',
      'STOPPED 4',
      'STOPPED 2',
      'STOPPED 2',
      'STOPPED 2',
      'STOPPED 2',
    ]);
    expect(manifest?.trials[0]?.rungs.map(({ steps }) => steps)).toEqual([2, 4, 8]);
    expect(startsOf(out)['toy-0001']).toEqual({ start: 3, complete: 1 });
    expect(startsOf(out)['toy-0008']).toEqual({ start: 1, complete: 0 });
    expect(manifest?.best).toBe(1);
  });

  it('runSweep() that was killed while it halved compares trials with those that are decided', async () => {
    const out = fresh();
    const { manifest, folder } = await runSweep(toySweep(out, HALVING));
    const before = startsOf(out);
    for (const path of [folder.path('manifest.json'), ...[3, 4].map((n) => folder.outcomePath(n))])
      rmSync(path);
    const again = await runSweep(toySweep(out, HALVING));
    expect(comparable(again.manifest)).toEqual(comparable(manifest));
    expect(startsOf(out)).toEqual(before);
  });
});

describe('a failing trial', () => {
  it('runSweep() that finds the process of an earlier rung still ending starts the trial again', async () => {
    const uninterrupted = await runSweep(toySweep(fresh(), HALVING));
    const out = fresh();
    const launcher = createToyLauncher();
    let launches = 0;
    const adopting: Launcher = {
      name: 'local',
      run: async (tasks, launch) => {
        launches += 1;
        const adopted = launches === 2 ? tasks.slice(0, 1) : [];
        for (const { trial } of adopted) launch.onEnd(trial, { exitCode: 0, signal: null });
        await launcher.run(
          tasks.filter((task) => !adopted.includes(task)),
          launch,
        );
      },
    };
    const { manifest } = await runSweep({
      ...toySweep(out, HALVING),
      launcher: () => ({ launcher: adopting, options: [] }),
    });
    expect(comparable(manifest)).toEqual(comparable(uninterrupted.manifest));
  });

  it.each([
    ['ENVIRONMENT_DIFFERS', 3],
    ['DISK_FULL', 4],
    ['RUN_HELD', 2],
  ])(
    'runSweep() stops where no trial can run for %s, and goes on once they can',
    async (code, exitCode) => {
      const out = fresh();
      const launcher = failingLauncher({ code, exitCode });
      const foreign = { ...toySweep(out, FOUR), launcher: () => ({ launcher, options: [] }) };
      await expect(runSweep(foreign)).rejects.toMatchObject({ code, exitCode });
      await expect(runSweep(foreign)).rejects.toMatchObject({ code, exitCode });
      const { manifest } = await runSweep(toySweep(out, FOUR));
      expect(manifest?.counts).toEqual({ completed: 4, stopped: 0, failed: 0 });
    },
  );

  it.each([
    ['ENVIRONMENT_DIFFERS', 4],
    ['DISK_FULL', 1],
    ['RUN_HELD', 3],
  ])(
    'runSweep() counts a trial as failed whose program says %s but ends with %i, which is no such end',
    async (code, exitCode) => {
      const { manifest } = await runSweep({
        ...toySweep(fresh(), FOUR),
        launcher: () => ({ launcher: failingLauncher({ code, exitCode }), options: [] }),
      });
      expect(manifest?.counts.failed).toBe(4);
      expect(manifest?.trials[3]?.error).toEqual({
        code,
        message: 'it is so',
        exit_code: exitCode,
      });
    },
  );

  it.each([
    ['RUN_CRASHED', 'TRIAL_UNFINISHED'],
    ['STOPPED_AS_ASKED', 'TRIAL_UNFINISHED'],
    ['INTERRUPTED', 'TRIAL_UNFINISHED'],
    ['DATA_BROKEN', 'DATA_BROKEN'],
  ])(
    'runSweep() of a trial that fails without a word after its run had ended by %s says %s',
    async (code, expected) => {
      const out = fresh();
      const dying = new DataError('it is so', { code, remedy: '' });
      const launcher: Launcher = {
        name: 'local',
        run: async (tasks, { onEnd }) => {
          for (const { argv, trial } of tasks) {
            const run = train(argv, () => Promise.reject(dying));
            await expect(run).rejects.toBe(dying);
            onEnd(trial, { exitCode: 1, signal: null });
          }
        },
      };
      const { manifest } = await runSweep({
        ...toySweep(out, FOUR),
        launcher: () => ({ launcher, options: [] }),
      });
      expect(manifest?.trials[0]?.error).toMatchObject({ code: expected, exit_code: 1 });
    },
  );

  it('runSweep() records a trial as failed whose program ends well without having come to its end', async () => {
    const ends = { exitCode: 0, signal: null };
    const launcher: Launcher = {
      name: 'local',
      run: (tasks, { onEnd }) => {
        tasks.forEach(({ trial }) => onEnd(trial, ends));
        return Promise.resolve();
      },
    };
    const { manifest } = await runSweep({
      ...toySweep(fresh(), FOUR),
      launcher: () => ({ launcher, options: [] }),
    });
    expect(manifest?.trials[0]).toMatchObject({
      state: 'FAILED',
      error: { code: 'TRIAL_UNFINISHED', exit_code: 0 },
    });
  });

  it('runSweep() records a trial that fails with its error, and runs the others', async () => {
    const { manifest } = await runSweep(toySweep(fresh(), FAILING));
    const states = manifest?.trials.map(({ state }) => state);
    expect(states).toEqual(['COMPLETED', 'FAILED', 'COMPLETED']);
    expect(manifest?.trials[1]).toMatchObject({
      value: null,
      steps: 2,
      error: { code: 'TOY_BROKEN', message: 'cannot read the toy data', exit_code: 4 },
    });
    expect(manifest).toMatchObject({ best: 1, counts: { completed: 2, stopped: 0, failed: 1 } });
  });

  it('runSweep() has no best trial where all fail', async () => {
    const search = { space: { 'training.seed': { values: [13] } } };
    const { manifest } = await runSweep(toySweep(fresh(), search));
    expect(manifest).toMatchObject({ best: null, counts: { failed: 1 } });
  });

  it('runSweep() with isRetryingFailed runs what failed again, and nothing else', async () => {
    const out = fresh();
    await runSweep(toySweep(out, FAILING));
    const { manifest } = await runSweep({ ...toySweep(out, FAILING), isRetryingFailed: true });
    expect(manifest?.counts).toEqual({ completed: 2, stopped: 0, failed: 1 });
    expect(startsOf(out)).toEqual({
      'toy-0001': { start: 1, complete: 1 },
      'toy-0002': { start: 2, complete: 0 },
      'toy-0003': { start: 1, complete: 1 },
    });
  });

  it('runSweep() with isRetryingFailed changes nothing of a sweep without failures', async () => {
    const out = fresh();
    await runSweep(toySweep(out, FOUR));
    const before = digestsBelow(out);
    await runSweep({ ...toySweep(out, FOUR), isRetryingFailed: true });
    expect(digestsBelow(out)).toEqual(before);
  });

  it('runSweep() never retries what decided the fate of other trials', async () => {
    for (const search of [HALVING, { ...FOUR, strategy: 'tpe' as const, trials: 2 }]) {
      const retried = runSweep({ ...toySweep(fresh(), search), isRetryingFailed: true });
      await expect(retried).rejects.toMatchObject({ code: 'SWEEP_RETRY_IMPOSSIBLE', exitCode: 2 });
    }
  });

  it('runSweep() counts a trial of tpe as failed whose values fit no configuration', async () => {
    const search: ToySearch = {
      ...{ strategy: 'tpe', trials: 6, generation_size: 1, steps: 1 },
      space: { 'model.dim': { values: [7, 8] } },
    };
    const { manifest, folder } = await runSweep(toySweep(fresh(), search));
    const dims = manifest?.trials.map(({ parameters }) => parameters['model.dim']);
    expect(new Set(dims)).toEqual(new Set([7, 8]));
    for (const { trial, state, parameters, error, config_path } of manifest?.trials ?? []) {
      const isInvalid = parameters['model.dim'] === 7;
      expect(state).toBe(isInvalid ? 'FAILED' : 'COMPLETED');
      expect(error?.code).toBe(isInvalid ? 'TRIAL_INVALID' : undefined);
      expect(config_path === null).toBe(isInvalid);
      expect(existsSync(folder.configPath(trial))).toBe(!isInvalid);
    }
  });

  it('runSweep() starts a trial whose process vanished twice more, then records it as lost', async () => {
    const out = fresh();
    let vanished = 0;
    const fate = () => ((vanished += 1) <= 3 ? ('vanish' as const) : undefined);
    const search = { space: { 'training.seed': { values: [1, 2] } } };
    const { manifest } = await runSweep(toySweep(out, search, { fate }));
    // The first pass loses both, the second the first of them, which then comes through.
    expect(manifest?.counts.completed).toBe(2);
    expect(startsOf(out)).toMatchObject({ 'toy-0001': { start: 3 }, 'toy-0002': { start: 2 } });

    const always = () => 'vanish' as const;
    const lost = await runSweep({ ...toySweep(fresh(), search, { fate: always }) });
    expect(lost.manifest?.trials[0]?.error).toMatchObject({ code: 'TRIAL_LOST', exit_code: null });
  });
});

describe('the metric', () => {
  it('runSweep() names the metrics of the trials if none has the one that is wanted, and keeps all runs', async () => {
    const out = fresh();
    const events: SweepEvent[] = [];
    const wrong = { ...toySweep(out, { ...FOUR, metric: 'accuracy/hard' }) };
    const refusal = await refusalOf({ ...wrong, onEvent: (event) => void events.push(event) });
    expect(refusal).toMatchObject({ code: 'SWEEP_METRIC_MISSING', exitCode: 2 });
    expect(refusal.message).toBe('no trial has the metric accuracy/hard so far');
    expect(refusal.remedy).toContain('--metric: loss/train, loss/val');
    const names = events.map((event) => (event.kind === 'warning' ? event.message : ''));
    expect(names.filter((message) => message.startsWith('no trial has'))).toHaveLength(1);

    const { manifest } = await runSweep(toySweep(out, FOUR));
    expect(manifest?.counts.completed).toBe(4);
    expect(Object.values(startsOf(out)).map(({ start }) => start)).toEqual([1, 1, 1, 1]);
  });

  it.each([
    ['loss/vall', ': did you mean loss/val?'],
    ['los/val', ': did you mean loss/val?'],
    ['perplexity', ''],
  ])(
    'runSweep() refuses %s, which training never records, before anything is written',
    async (metric, hint) => {
      const out = fresh();
      const refusal = await refusalOf(toySweep(out, { ...FOUR, metric }));
      expect(refusal).toMatchObject({ code: 'SWEEP_METRIC_MISSING', exitCode: 2 });
      expect(refusal.message).toBe(`No trial will have the metric ${metric}${hint}`);
      expect(refusal.remedy).toContain('loss/train, loss/val, accuracy/simple');
      expect(readdirSync(out)).toEqual([]);
    },
  );

  it.each([
    ['loss/train', 'max', 'loss/train with --direction max'],
    ['loss/train', 'min', undefined],
    ['accuracy/hard', 'min', 'accuracy/hard with --direction min'],
    ['accuracy/hard', 'max', undefined],
    ['stage', 'max', undefined],
  ] as const)(
    'runSweep() by %s looks for the %s, and warns: %s',
    async (metric, direction, start) => {
      const sweep = toySweep(fresh(), { ...FOUR, metric, direction });
      const { warnings } = await runWithWarnings({ ...sweep, isWriteOnly: true });
      expect(warnings).toEqual(start === undefined ? [] : [expect.stringContaining(start)]);
    },
  );

  it.each([
    [10, 1, true],
    [11, 1, false],
    [12, 4, true],
    [13, 4, false],
  ])(
    'runSweep() by tpe with %i trials in generations of %i is pure random search: %s',
    (trials, size, isRandom) => {
      const { resolved } = toySweep('out', {
        ...{ strategy: 'tpe', trials, generation_size: size },
        space: { 'training.seed': { distribution: 'int', low: 1, high: 99 } },
      });
      const { warnings } = planSweep({ resolved });
      expect(warnings).toHaveLength(isRandom ? 1 : 0);
      if (isRandom) expect(warnings[0]).toContain(`${trials} trials in generations of ${size}`);
    },
  );

  it('runSweep() looks at another metric of the same runs in a sweep that has not ended', async () => {
    const out = fresh();
    await runSweep({ ...toySweep(out, FOUR), isWriteOnly: true });
    const search: ToySearch = { ...FOUR, metric: 'loss/train', direction: 'max' };
    const { manifest } = await runSweep(toySweep(out, search));
    const values = manifest?.trials.map(({ value }) => value ?? 0) ?? [];
    expect(manifest?.search.metric).toBe('loss/train');
    expect(manifest?.best).toBe(1 + values.indexOf(Math.max(...values)));
    expect(new Set(values).size).toBeGreaterThan(1);
  });

  it('runSweep() counts a trial as failed that alone has no such metric', async () => {
    const search = { space: { 'training.seed': { values: [14, 1] } } };
    const { manifest } = await runSweep(toySweep(fresh(), search));
    expect(manifest?.trials[0]).toMatchObject({
      state: 'FAILED',
      error: { code: 'TRIAL_METRIC_MISSING', exit_code: 0 },
    });
    expect(manifest?.best).toBe(2);
  });
});

describe('what is refused', () => {
  it.each([
    ['nothing to vary', { space: {} }, /varies nothing/],
    [
      'a combination that no model can have',
      { space: { 'model.dim': { values: [8, 7] } } },
      /model\.dim=7/,
    ],
    [
      'halving of trials of unequal length',
      { ...HALVING, space: { 'training.steps': { values: [4, 8] } } },
      /training\.steps is varied/,
    ],
  ])('runSweep() refuses %s before anything is written', async (_, search, message) => {
    const out = fresh();
    const refusal = await refusalOf(toySweep(out, search));
    expect(refusal.exitCode).toBe(2);
    expect(refusal.message).toMatch(message);
    expect(readdirSync(out)).toEqual([]);
  });

  it('runSweep() refuses a tag that belongs to another search, and says what differs', async () => {
    const out = fresh();
    await runSweep({ ...toySweep(out, FOUR), isWriteOnly: true });
    const before = digestsBelow(out);
    const other = { ...FOUR, steps: 5, metric: 'loss/train' };
    const refusal = await refusalOf(toySweep(out, other));
    expect(refusal).toMatchObject({ code: 'SWEEP_TAG_TAKEN', exitCode: 2 });
    expect(refusal.message).toContain(
      'it differs in sweep.metric ("loss/val" there, "loss/train" here), training.steps (4 there, 5 here)',
    );
    await expect(runSweep({ ...toySweep(out, FOUR), isNew: true })).rejects.toMatchObject({
      code: 'SWEEP_TAG_TAKEN',
    });
    expect(digestsBelow(out)).toEqual(before);
  });

  it.each(['../x', '', 'a'.repeat(91), '.hidden', 'a/b'])(
    'runSweep() refuses the tag %j',
    async (tag) => {
      const out = fresh();
      await expect(runSweep({ ...toySweep(out, FOUR), tag })).rejects.toMatchObject({
        code: 'SWEEP_TAG_INVALID',
      });
      expect(readdirSync(out)).toEqual([]);
    },
  );

  it('runSweep() shortens the values that differ, and says which search has none', async () => {
    const out = fresh();
    await runSweep({ ...toySweep(out, FOUR), isWriteOnly: true });
    const values = Array.from({ length: 40 }, (_, index) => index);
    const space = { 'training.seed': { values }, 'training.learning_rate': { values: [0.001] } };
    const { message } = await refusalOf(
      toySweep(out, { space: { ...space, 'model.dim': { values: [8] } } }),
    );
    expect(message).toContain('sweep.space.model.dim.values (nothing there, [8] here)');
    expect(message).toMatch(/seed\.values \(\[1,2\] there, \[0,1,2,[\d,]*… here\)$/);
    expect(message.length).toBeLessThan(300);
  });

  it('runSweep() refuses a sweep that another process runs', async () => {
    const out = fresh();
    mkdirSync(join(out, 'sweeps'));
    const lock = acquireFileLock(join(out, 'sweeps', '.toy.lock'));
    const refusal = await refusalOf(toySweep(out, FOUR));
    expect(refusal.code).toBe('SWEEP_HELD');
    expect(refusal.message).toContain(String(process.pid));
    lock?.release();
    expect(existsSync(join(out, 'sweeps', 'toy'))).toBe(false);
  });

  it('runSweep() refuses to take runs for its own that stand there without a sweep', async () => {
    const out = fresh();
    mkdirSync(join(out, 'runs', 'toy-0002'), { recursive: true });
    await expect(runSweep(toySweep(out, FOUR))).rejects.toMatchObject({ code: 'SWEEP_RUNS_EXIST' });
    expect(readdirSync(out)).toEqual(['runs']);
  });

  it('runSweep() refuses to go on with a configuration that somebody changed', async () => {
    const out = fresh();
    const { folder } = await runSweep({ ...toySweep(out, FOUR), isWriteOnly: true });
    const text = readFileSync(folder.configPath(2), 'utf8');
    writeFileSync(folder.configPath(2), text.replace('"steps": 4', '"steps": 3'));
    await expect(runSweep(toySweep(out, FOUR))).rejects.toMatchObject({
      code: 'SWEEP_CONFIG_CHANGED',
      exitCode: 5,
    });
  });

  it('runSweep() names an output folder that is none', async () => {
    const out = join(fresh(), 'file');
    writeFileSync(out, '');
    await expect(runSweep(toySweep(out, FOUR))).rejects.toMatchObject({ exitCode: 4 });
  });
});

describe('a power cut', () => {
  const LOST: readonly [string, (text: string) => string][] = [
    ['empty', () => ''],
    ['cut off', (text) => text.slice(0, 100)],
    ['cut off before its last byte', (text) => text.slice(0, -1)],
    ['full of zero bytes', (text) => '\0'.repeat(text.length)],
    ['partly full of zero bytes', (text) => text.slice(0, 64) + '\0'.repeat(text.length - 64)],
  ];

  it.each(LOST)(
    'runSweep() writes a configuration again that is %s, with a warning, and trains what it said',
    async (_, damage) => {
      const out = fresh();
      const { folder } = await runSweep({ ...toySweep(out, FOUR), isWriteOnly: true });
      const text = readFileSync(folder.configPath(2), 'utf8');
      writeFileSync(folder.configPath(2), damage(text));
      writeFileSync(folder.searchPath, '');
      const { manifest, warnings } = await runWithWarnings(toySweep(out, FOUR));
      expect(manifest?.counts.completed).toBe(4);
      expect(readFileSync(folder.configPath(2), 'utf8')).toBe(text);
      expect(warnings).toEqual([expect.stringMatching(/0002\.json was damaged.*written again/)]);
    },
  );

  it.each(LOST)(
    'runSweep() with isWriteOnly writes a configuration again that is %s, with a warning',
    async (_, damage) => {
      const out = fresh();
      const written = { ...toySweep(out, FOUR), isWriteOnly: true };
      const { folder } = await runSweep(written);
      const before = digestsBelow(out);
      const path = folder.configPath(2);
      writeFileSync(path, damage(readFileSync(path, 'utf8')));
      rmSync(folder.configPath(3));
      const { warnings, status } = await runWithWarnings(written);
      expect({ warnings, status }).toEqual({
        warnings: [expect.stringMatching(/0002\.json was damaged.*written again/)],
        status: 'WRITTEN',
      });
      expect(digestsBelow(out)).toEqual(before);
      writeFileSync(path, '{}');
      await expect(runSweep(written)).rejects.toMatchObject({ code: 'SWEEP_CONFIG_CHANGED' });
    },
  );

  it('runSweep() goes on with the run of a trial whose configuration was lost after it had begun', async () => {
    const out = fresh();
    const lives = toySweep(out, FOUR, { fate: dyingAfter(6) });
    await expect(runSweep(lives)).rejects.toThrow(DriverDeath);
    const path = join(out, 'sweeps', 'toy', '0002.json');
    expect(existsSync(join(out, 'runs', 'toy-0002'))).toBe(true);
    writeFileSync(path, '\0'.repeat(statSync(path).size));
    const { manifest, warnings } = await runWithWarnings(toySweep(out, FOUR));
    const reference = await runSweep(toySweep(fresh(), FOUR));
    expect(comparable(manifest)).toEqual(comparable(reference.manifest));
    expect(startsOf(out)['toy-0002']).toEqual({ start: 2, complete: 1 });
    expect(warnings).toHaveLength(1);
  });
});

describe('a driver that was killed while it wrote', () => {
  it('runSweep() removes what that left', async () => {
    const out = fresh();
    const { folder } = await runSweep({ ...toySweep(out, FOUR), isWriteOnly: true });
    const left = ['', 'outcomes'].map((name) => folder.path(name, '.pixelis-1-0123456789ab.tmp'));
    for (const path of left) writeFileSync(path, 'half');
    await runSweep(toySweep(out, FOUR));
    expect(left.filter((path) => existsSync(path))).toEqual([]);
  });
});

describe('a driver that was killed while it made a sweep', () => {
  it('runSweep() removes what that left with the next sweep that is made, but not what another process makes', async () => {
    const out = fresh();
    const sweeps = join(out, 'sweeps');
    for (const tag of ['20260102T030405-abcdef', 'held'])
      mkdirSync(join(sweeps, `.${tag}.tmp`, 'outcomes'), { recursive: true });
    writeFileSync(join(sweeps, '.pixelis-1-0123456789ab.tmp'), 'a lock that is being taken');
    const lock = acquireFileLock(join(sweeps, '.held.lock'));
    await runSweep({ ...toySweep(out, FOUR), isWriteOnly: true });
    lock?.release();
    const left = readdirSync(sweeps).filter((name) => !name.endsWith('.lock'));
    expect(left.sort()).toEqual(['.held.tmp', '.pixelis-1-0123456789ab.tmp', 'toy']);
  });
});

describe('a half-made sweep that cannot be removed', () => {
  it('runSweep() lets it be and makes its own', async () => {
    const out = fresh();
    // A folder for the lock, so that nobody can take it.
    for (const name of ['.odd.tmp', '.odd.lock'])
      mkdirSync(join(out, 'sweeps', name), { recursive: true });
    const { status } = await runSweep({ ...toySweep(out, FOUR), isWriteOnly: true });
    expect(status).toBe('WRITTEN');
    expect(existsSync(join(out, 'sweeps', '.odd.tmp'))).toBe(true);
  });
});

describe('trials that are the same', () => {
  const ONE = { 'training.seed': { values: [1] } };

  it.each(['random', 'tpe'] as const)(
    'runSweep() refuses %s of one configuration, unless it is to be tried once',
    async (strategy) => {
      const out = fresh();
      const refusal = await refusalOf(toySweep(out, { strategy, trials: 2, space: ONE }));
      expect(refusal).toMatchObject({ code: 'SWEEP_TRIALS_EQUAL', exitCode: 2 });
      expect(readdirSync(out)).toEqual([]);
      const { warnings } = await runWithWarnings(
        toySweep(out, { strategy, trials: 1, space: ONE }),
      );
      expect(warnings.filter((message) => message.includes('the same'))).toEqual([]);
    },
  );

  it('runSweep() warns once if there are fewer configurations than trials, also with each continuation', async () => {
    const space = {
      'training.seed': { distribution: 'int', low: 1, high: 3 },
      'training.learning_rate': { distribution: 'uniform', low: 0.01, high: 0.01 },
    };
    const out = fresh();
    const search: ToySearch = { strategy: 'random', trials: 4, space };
    const message =
      'the space has only 3 different configurations, so that some of the 4 trials are the same';
    const written = await runWithWarnings({ ...toySweep(out, search), isWriteOnly: true });
    const run = await runWithWarnings(toySweep(out, search));
    expect([written.warnings, run.warnings]).toEqual([[message], [message]]);
    const enough = await runWithWarnings(toySweep(fresh(), { ...search, trials: 3 }));
    expect(enough.warnings).toEqual([]);
    expect((await runWithWarnings(toySweep(fresh(), FOUR))).warnings).toEqual([]);
  });
});

describe('a metric that is measured too late', () => {
  const SEEDS = { 'training.seed': { values: [1, 2] } };
  const EVERY = (values: number[]) => ({ 'training.evaluate_every': { values } });
  const halving = { minimum_steps: 4 };

  it.each<[string, ToySearch]>([
    ['the first comparison', { space: SEEDS, steps: 20, halving, evaluate_every: 5 }],
    ['the end', { space: SEEDS, steps: 4, evaluate_every: 5 }],
    ['every comparison', { space: EVERY([5, 6]), steps: 20, halving }],
    [
      'the end of the longest trial',
      { space: { 'training.steps': { values: [2, 4] } }, evaluate_every: 5 },
    ],
    [
      'the comparison of accuracies',
      { space: SEEDS, steps: 20, halving, evaluate_every: 5, metric: 'accuracy/easy' },
    ],
  ])('runSweep() refuses what is measured only after %s', async (_, search) => {
    const out = fresh();
    const refusal = await refusalOf(toySweep(out, search));
    expect(refusal).toMatchObject({ code: 'SWEEP_METRIC_TOO_LATE', exitCode: 2 });
    expect(refusal.message).toContain('is measured at step 5 for the first time, but trials ');
    expect(refusal.remedy).toContain('set training.evaluate_every to 4 or less');
    expect(readdirSync(out)).toEqual([]);
  });

  it.each<[string, ToySearch]>([
    ['just in time', { space: SEEDS, steps: 20, halving, evaluate_every: 4 }],
    ['at a step before the rung', { space: SEEDS, steps: 20, halving, evaluate_every: 3 }],
    [
      'at every step',
      { space: SEEDS, steps: 20, halving, evaluate_every: 9, metric: 'loss/train' },
    ],
    ['in time by one of the trials', { space: EVERY([4, 9]), steps: 20, halving }],
  ])('runSweep() compares by what is measured %s', async (_, search) => {
    expect((await runSweep(toySweep(fresh(), search))).status).toBe('COMPLETED');
  });
});

describe('which sweep is meant', () => {
  it('runSweep() that is resumed leaves to its defaults what another varied value decides', async () => {
    const search: ConfigSetting[] = [
      { path: ['hardware', 'backend'], value: 'cpu', source: '--backend' },
      { path: ['training', 'steps'], value: 4, source: 'training.steps' },
      { path: ['training', 'evaluate_every'], value: 4, source: 'training.evaluate_every' },
      {
        path: ['sweep', 'space', 'hardware.backend'],
        value: { values: ['cpu', 'wasm'] },
        source: '--grid',
      },
    ];
    const sweep = {
      ...toySweep(fresh(), FOUR),
      resolved: resolveSweepConfig({ options: search }),
    };
    const { folder } = await runSweep({ ...sweep, isWriteOnly: true });
    const shards = [1, 2].map((trial) => readJson(folder.configPath(trial))['training']);
    expect(shards).toMatchObject([{ shards: 1 }, { shards: 8 }]);
    const { manifest } = await runSweep(sweep);
    expect(manifest?.counts.completed).toBe(2);
  });

  it('runSweep() without a tag resumes the newest unfinished sweep of the same search', async () => {
    const out = fresh();
    const anonymous = { ...toySweep(out, FOUR), tag: undefined };
    const { folder } = await runSweep({ ...anonymous, isWriteOnly: true });
    expect(folder.tag).toMatch(/^\d{8}T\d{6}-[0-9a-f]{6}$/);
    const other = { ...toySweep(out, { ...FOUR, steps: 5 }), tag: undefined, isWriteOnly: true };
    expect((await runSweep(other)).folder.tag).not.toBe(folder.tag);
    expect((await runSweep(anonymous)).folder.tag).toBe(folder.tag);
    expect((await runSweep(anonymous)).folder.tag).not.toBe(folder.tag);
    expect((await runSweep({ ...anonymous, isNew: true })).folder.tag).not.toBe(folder.tag);
  });

  it('runSweep() without a tag warns if another process runs the same search, and begins its own', async () => {
    const out = fresh();
    const anonymous = { ...toySweep(out, FOUR), tag: undefined, isWriteOnly: true };
    const { folder } = await runSweep(anonymous);
    const lock = acquireFileLock(join(out, 'sweeps', `.${folder.tag}.lock`));
    const second = await runWithWarnings(anonymous);
    expect(second.folder.tag).not.toBe(folder.tag);
    expect(second.warnings).toEqual([
      expect.stringMatching(
        `^the sweep ${folder.tag} of the same search is run by process ${process.pid} on .*: this begins another one`,
      ),
    ]);
    const deliberate = await runWithWarnings({ ...anonymous, isNew: true });
    const resumed = await runWithWarnings(anonymous);
    const other = await runWithWarnings({
      ...toySweep(out, { ...FOUR, steps: 5 }),
      tag: undefined,
    });
    lock?.release();
    expect([deliberate, resumed, other].map(({ warnings }) => warnings)).toEqual([[], [], []]);
  });

  it('runSweep() says when it is opened of how many trials it is known what came of them', async () => {
    const out = fresh();
    const decided: unknown[] = [];
    const onEvent = (event: SweepEvent): void => {
      if (event.kind === 'opened') decided.push(event.decided);
    };
    const { folder } = await runSweep({ ...toySweep(out, FOUR), onEvent });
    for (const path of [folder.path('manifest.json'), folder.outcomePath(2)]) rmSync(path);
    await runSweep({ ...toySweep(out, FOUR), onEvent });
    expect(decided).toEqual([0, 3]);
  });

  it('runSweep() with isWriteOnly writes the configurations and runs none', async () => {
    const out = fresh();
    const { status, folder, manifest } = await runSweep({
      ...toySweep(out, FOUR),
      isWriteOnly: true,
    });
    expect({ status, manifest }).toEqual({ status: 'WRITTEN', manifest: null });
    expect(readdirSync(folder.directory).sort()).toEqual([
      '0001.json',
      '0002.json',
      '0003.json',
      '0004.json',
      'launcher',
      'logs',
      'outcomes',
      'sweep.json',
    ]);
    expect(startsOf(out)).toEqual({});
    const tpe: ToySearch = { ...FOUR, strategy: 'tpe', trials: 8 };
    await expect(runSweep({ ...toySweep(fresh(), tpe), isWriteOnly: true })).rejects.toMatchObject({
      code: 'SWEEP_TRIALS_UNKNOWN',
    });
  });

  it('runSweep() that is asked to stop keeps what it has, and the same command goes on', async () => {
    const out = fresh();
    const controller = new AbortController();
    let steps = 0;
    const fate = () => {
      if ((steps += 1) === 6) controller.abort('SIGTERM');
      return undefined;
    };
    const options = { ...toySweep(out, FOUR, { fate, jobs: 2 }), signal: controller.signal };
    const refusal = await refusalOf(options);
    expect(refusal).toMatchObject({ code: 'INTERRUPTED', exitCode: 143 });
    expect(refusal.remedy).toContain('--tag toy');
    expect(existsSync(join(out, 'sweeps', 'toy', 'manifest.json'))).toBe(false);
    const { manifest } = await runSweep(toySweep(out, FOUR));
    const reference = await runSweep(toySweep(fresh(), FOUR));
    expect(comparable(manifest)).toEqual(comparable(reference.manifest));
  });
});

/** Ends every trial with an error in its log; the sweep may stop it after the first. */
function failingLauncher({ code, exitCode }: { code: string; exitCode: number }): Launcher {
  const end = { exitCode, signal: null };
  return {
    name: 'local',
    run: (tasks, { onEnd, signal }) => {
      for (const { logPath, endPath, trial } of tasks) {
        if (signal.aborted) break;
        const error = { code, message: 'it is so' };
        appendFileSync(logPath, `${JSON.stringify({ error })}\n`);
        writeFileSync(endPath, JSON.stringify({ exit_code: exitCode, signal: null }));
        onEnd(trial, end);
      }
      return Promise.resolve();
    },
  };
}

/** Runs a sweep and keeps what it warns of. */
async function runWithWarnings(
  options: RunSweepOptions,
): Promise<SweepResult & { warnings: string[] }> {
  const warnings: string[] = [];
  const onEvent = (event: SweepEvent): void => {
    if (event.kind === 'warning') warnings.push(event.message);
  };
  return { ...(await runSweep({ ...options, onEvent })), warnings };
}

/** A driver that dies before the step with this number, of all trials together. */
function dyingAfter(steps: number): () => 'driver-dies' | undefined {
  let made = 0;
  return () => ((made += 1) > steps ? 'driver-dies' : undefined);
}

function readJson(path: string): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, 'utf8')));
}
