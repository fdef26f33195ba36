import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runSweep } from '../src/run-sweep';
import { digestsBelow } from './support/digests-below';
import { refusalOf } from './support/refusal-of';
import { useTemporaryFolder } from './support/temporary-folder';
import { createToyLauncher } from './support/toy-launcher';
import { comparable, FOUR, startsOf, type ToySearch, toySweep } from './support/toy-sweep';

const fresh = useTemporaryFolder();

const SHA256 = 'a'.repeat(64);

const WEIGHTS = join('checkpoints', 'final.safetensors');

function replaceIn(path: string, search: string | RegExp, by: string): void {
  const text = readFileSync(path, 'utf8');
  expect(text).toMatch(search);
  writeFileSync(path, text.replace(search, by));
}

describe('a complete sweep', () => {
  it.each<[string, (path: string) => void, string]>([
    [
      '0001.json',
      (path) => replaceIn(path, '"steps": 4', '"steps": 5'),
      'was changed: its SHA-256 differs',
    ],
    ['0002.json', (path) => appendFileSync(path, '\n'), 'has '],
    [
      'outcomes/0003.json',
      (path) => replaceIn(path, '0.26', '0.25'),
      'was changed: its SHA-256 differs',
    ],
    ['report.md', (path) => rmSync(path), 'is missing'],
    ['figures/importance.svg', (path) => writeFileSync(path, ''), 'has 0 bytes'],
    [
      'sweep.json',
      (path) => replaceIn(path, '"trials": 4', '"trials": 3'),
      'was changed: its SHA-256 differs',
    ],
  ])(
    'runSweep() refuses one whose %s is not as it was, and names it',
    async (name, hurt, problem) => {
      const out = fresh();
      const { folder } = await runSweep(toySweep(out, FOUR));
      hurt(folder.path(name));
      const before = digestsBelow(out);
      const refusal = await refusalOf(toySweep(out, FOUR));
      expect(refusal).toMatchObject({ code: 'SWEEP_FILE_CHANGED', exitCode: 5 });
      expect(refusal.message).toContain(`${folder.path(name)} ${problem}`);
      expect(digestsBelow(out)).toEqual(before);
    },
  );

  it('runSweep() makes a changed file again as its error says', async () => {
    const out = fresh();
    const { folder, manifest } = await runSweep(toySweep(out, FOUR));
    for (const name of ['0001.json', 'outcomes/0001.json', 'report.md']) {
      appendFileSync(folder.path(name), 'x');
      const { remedy } = await refusalOf(toySweep(out, FOUR));
      expect(remedy).toContain('or remove it and manifest.json');
      rmSync(folder.path(name));
      rmSync(folder.path('manifest.json'));
      const again = await runSweep(toySweep(out, FOUR));
      expect(comparable(again.manifest)).toEqual(comparable(manifest));
    }
    expect(startsOf(out)['toy-0001']).toEqual({ start: 1, complete: 1 });
  });
});

describe('a complete run that is damaged', () => {
  const TWO: ToySearch = { space: { 'training.seed': { values: [1, 2] } } };
  const HALVING: ToySearch = { ...TWO, halving: { minimum_steps: 2, reduction_factor: 2 } };

  const DAMAGES: readonly [string, string, (path: string) => void, string][] = [
    [
      'was changed',
      WEIGHTS,
      (path) => replaceIn(path, '"steps":4', '"steps":5'),
      'TRIAL_RUN_DAMAGED',
    ],
    ['is missing', WEIGHTS, (path) => rmSync(path), 'TRIAL_RUN_DAMAGED'],
    [
      'was changed',
      'metrics.jsonl',
      (path) => replaceIn(path, '"step":4', '"step":5'),
      'TRIAL_RUN_DAMAGED',
    ],
    [
      'holds no JSON',
      'metrics.jsonl',
      (path) => writeFileSync(path, 'no json\n'),
      'TRIAL_RUN_DAMAGED',
    ],
    [
      'tells of another result',
      'manifest.json',
      (path) => replaceIn(path, /"accuracy\/toy": ?[\d.]+/, '"accuracy/toy": 0.5'),
      'TRIAL_RUN_DAMAGED',
    ],
    [
      'tells of other weights',
      'manifest.json',
      (path) => replaceIn(path, /"weights_sha256": ?"\w+"/, `"weights_sha256": "${SHA256}"`),
      'TRIAL_RUN_DAMAGED',
    ],
    [
      'lists another hash',
      'manifest.json',
      (path) => replaceIn(path, /(final\.safetensors": \{\s*"sha256": ?)"\w+"/, `$1"${SHA256}"`),
      'TRIAL_RUN_DAMAGED',
    ],
    ['is empty', 'manifest.json', (path) => writeFileSync(path, '{}'), 'MANIFEST_BROKEN'],
    ['is missing', 'events.jsonl', (path) => rmSync(path), 'TRIAL_RUN_DAMAGED'],
    [
      'was changed',
      'events.jsonl',
      (path) => replaceIn(path, 'completed', 'compIeted'),
      'EVENT_CHAIN_BROKEN',
    ],
  ];

  it.each([
    ...DAMAGES.map((damage) => [...damage, TWO] as const),
    ...DAMAGES.slice(0, 1).map((damage) => [...damage, HALVING] as const),
  ])(
    'runSweep() takes no outcome from a run of which this file %s: %s',
    async (_, name, hurt, code, search) => {
      const out = fresh();
      const { folder, manifest } = await runSweep(toySweep(out, search));
      const path = join(folder.runDirectory(1), name);
      const text = readFileSync(path);
      for (const one of [folder.path('manifest.json'), folder.outcomePath(1)]) rmSync(one);
      hurt(path);
      const before = digestsBelow(out);
      const refusal = await refusalOf(toySweep(out, search));
      expect(refusal).toMatchObject({ code, exitCode: 5 });
      expect(refusal.message).toContain(path);
      expect(digestsBelow(out)).toEqual(before);

      writeFileSync(path, text);
      const again = await runSweep(toySweep(out, search));
      expect(comparable(again.manifest)).toEqual(comparable(manifest));
      expect(startsOf(out)['toy-0001']?.complete).toBe(1);
    },
  );

  it('runSweep() stops where the run of a trial is damaged as it ends, and trains it again once it is removed', async () => {
    const out = fresh();
    const toys = createToyLauncher();
    const sweep = toySweep(out, FOUR);
    const damaging = {
      ...sweep,
      launcher: ({ folder }: Parameters<typeof sweep.launcher>[0]) => ({
        options: [],
        launcher: {
          ...toys,
          run: (tasks, launch) =>
            toys.run(tasks, {
              ...launch,
              onEnd: (trial, end) => {
                if (trial === 2) appendFileSync(join(folder.runDirectory(2), WEIGHTS), 'x');
                launch.onEnd(trial, end);
              },
            }),
        } satisfies typeof toys,
      }),
    };
    const folder = join(out, 'sweeps', 'toy');
    await expect(runSweep(damaging)).rejects.toMatchObject({ code: 'TRIAL_RUN_DAMAGED' });
    const decided = [1, 2].map((trial) => existsSync(join(folder, 'outcomes', `000${trial}.json`)));
    expect(decided).toEqual([true, false]);
    rmSync(join(out, 'runs', 'toy-0002'), { recursive: true });
    const { manifest } = await runSweep(sweep);
    const reference = await runSweep(toySweep(fresh(), FOUR));
    expect(comparable(manifest)).toEqual(comparable(reference.manifest));
  });
});
