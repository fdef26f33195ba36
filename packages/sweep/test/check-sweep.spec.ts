import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSweep } from '../src/check-sweep';
import type { SweepManifest } from '../src/folder/sweep-manifest';
import { runSweep } from '../src/run-sweep';
import { useTemporaryFolder } from './support/temporary-folder';
import { FOUR, type ToySearch, toySweep } from './support/toy-sweep';

const fresh = useTemporaryFolder();

const HALVING: ToySearch = {
  steps: 8,
  space: { 'training.seed': { values: [1, 13, 2, 3] } },
  halving: { minimum_steps: 2, reduction_factor: 2 },
};

/** Of which some fit no configuration. */
const INVALID: ToySearch = {
  ...{ strategy: 'tpe', trials: 5, generation_size: 1, steps: 1 },
  space: { 'model.dim': { values: [7, 8] } },
};

/** Whose values the configuration completes by what is left out of them. */
const STAGES: ToySearch = {
  space: {
    'curriculum.stages': {
      values: [
        [{ name: 'simple', mixture: { simple: 1 } }],
        [{ name: 'hard', mixture: { hard: 1 } }],
      ],
    },
  },
};

/** A file of a trial's run, as the problems name it. */
function runFile(trial: number, file: string): string {
  return join('..', '..', 'runs', `toy-000${trial}`, file);
}

interface Finished {
  readonly out: string;
  readonly directory: string;
  readonly manifest: SweepManifest;
}

async function finished(search: ToySearch = FOUR): Promise<Finished> {
  const out = fresh();
  const { manifest, folder } = await runSweep(toySweep(out, search));
  if (manifest === null) throw new Error('the sweep has no manifest');
  return { out, directory: folder.directory, manifest };
}

function linesOf({ directory, manifest }: Finished): string[] {
  return checkSweep(directory, manifest).map(({ path, message }) => `${path}: ${message}`);
}

/** The manifest with other values of one of its trials. */
function withTrial(manifest: SweepManifest, index: number, changes: object): SweepManifest {
  const trials = manifest.trials.map((trial, at) =>
    at === index ? { ...trial, ...changes } : trial,
  );
  return { ...manifest, trials };
}

function replaceIn(path: string, search: string, by: string): void {
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(search);
  writeFileSync(path, text.replace(search, by));
}

describe('checkSweep()', () => {
  it.each<[string, ToySearch]>([
    ['a grid', FOUR],
    ['halving with a failure', HALVING],
    ['tpe with trials that fit no configuration', INVALID],
    ['values with members that were not given', STAGES],
  ])('checkSweep() finds nothing wrong with %s', async (_, search) => {
    expect(linesOf(await finished(search))).toEqual([]);
  });

  it('checkSweep() names each field that the files contradict, with the file', async () => {
    const sweep = await finished();
    const { manifest } = sweep;
    const best = manifest.trials[2]?.value;
    const cases: [SweepManifest, string[]][] = [
      [
        withTrial(manifest, 2, { value: 0.5 }),
        ['outcomes/0003.json', runFile(3, 'metrics.jsonl')].map(
          (source) => `trials[2].value: is 0.5, but ${source} says ${best}`,
        ),
      ],
      [
        withTrial(manifest, 0, { state: 'STOPPED' }),
        ['trials[0].state: is "STOPPED", but outcomes/0001.json says "COMPLETED"'],
      ],
      [
        withTrial(manifest, 1, { parameters: { 'training.learning_rate': 0.001 } }),
        ['trials[1].parameters.training.seed: is missing, but 0002.json says 2'],
      ],
      [
        withTrial(manifest, 1, { run_id: 'other-0002' }),
        [
          'trials[1].run_id: is "other-0002", but outcomes/0002.json says "toy-0002"',
          'trials[1].run_id: the run other-0002 is missing',
        ],
      ],
      [{ ...manifest, best: 1 }, ['best: is 1, but outcomes/ says 3']],
      [{ ...manifest, tag: 'tag' }, ['tag: is "tag", but outcomes/0001.json says "toy"']],
      [{ ...manifest, seed: 7 }, [`seed: is 7, but sweep.json says ${manifest.seed}`]],
      [
        { ...manifest, counts: { completed: 3, stopped: 0, failed: 1 } },
        [
          'counts.completed: is 3, but outcomes/ says 4',
          'counts.failed: is 1, but outcomes/ says 0',
        ],
      ],
      [
        { ...manifest, search: { ...manifest.search, metric: 'loss/train', direction: 'max' } },
        [
          'search.metric: is "loss/train", but sweep.json says "loss/val"',
          'search.direction: is "max", but sweep.json says "min"',
        ],
      ],
      [
        { ...manifest, fingerprint: 'a'.repeat(64) },
        [`fingerprint: is "${'a'.repeat(64)}", but sweep.json says "${manifest.fingerprint}"`],
      ],
    ];
    for (const [changed, lines] of cases)
      expect(linesOf({ ...sweep, manifest: changed })).toEqual(lines);
  });

  it('checkSweep() counts and compares by the outcomes, not by what the manifest says of them', async () => {
    const sweep = await finished();
    const { manifest, directory } = sweep;
    replaceIn(join(directory, 'outcomes', '0003.json'), '"COMPLETED"', '"STOPPED"');
    expect(linesOf({ directory, manifest, out: sweep.out })).toEqual([
      'counts.completed: is 4, but outcomes/ says 3',
      'counts.stopped: is 0, but outcomes/ says 1',
      'best: is 3, but outcomes/ says 1',
      'trials[2].state: is "COMPLETED", but outcomes/0003.json says "STOPPED"',
    ]);
  });

  it('checkSweep() says that trials are missing, and that a search is not the one of its fingerprint', async () => {
    const sweep = await finished();
    const { manifest, directory } = sweep;
    const trials = manifest.trials.slice(0, 3);
    expect(linesOf({ ...sweep, manifest: { ...manifest, trials } })).toEqual([
      'trials: are 3, but sweep.json says 4',
      'counts.completed: is 4, but outcomes/ says 3',
    ]);
    replaceIn(join(directory, 'sweep.json'), '"steps": 4', '"steps": 5');
    expect(linesOf(sweep)).toEqual([
      expect.stringMatching(
        /^sweep\.json: its fingerprint is [0-9a-f]{64}, but that of what it holds is [0-9a-f]{64}$/,
      ),
    ]);
  });

  it.each([
    ['sweep.json', '{'],
    ['sweep.json', '{"sweep_version":1}'],
    ['outcomes/0002.json', '{}'],
    ['0002.json', '\0\0'],
  ])('checkSweep() names %s if it holds %j', async (file, text) => {
    const sweep = await finished();
    writeFileSync(join(sweep.directory, file), text);
    expect(linesOf(sweep)).toEqual([`${file}: is not what Pixelis writes`]);
  });

  it('checkSweep() names a search that no sweep can have, and files that the manifest does not list', async () => {
    const sweep = await finished();
    replaceIn(join(sweep.directory, 'sweep.json'), '"mode": "sft"', '"mode": "none"');
    const { 'outcomes/0004.json': outcome, ...files } = sweep.manifest.files;
    expect(outcome).toBeDefined();
    expect(linesOf({ ...sweep, manifest: { ...sweep.manifest, files } })).toEqual([
      'outcomes/0004.json: is not among the files',
      'sweep.json: holds no search that a sweep can have',
    ]);
  });

  it('checkSweep() compares the results of a completed trial with the manifest of its run, if that is there', async () => {
    const sweep = await finished();
    const { out, manifest } = sweep;
    const results = manifest.trials[1]?.results;
    const weights_sha256 = 'f'.repeat(64);
    const changed = withTrial(manifest, 1, { results: { ...results, weights_sha256 } });
    const run = runFile(2, 'manifest.json');
    const said = [
      `is "${weights_sha256}", but outcomes/0002.json says "${results?.['weights_sha256']}"`,
      `is "${weights_sha256}", but ${run} says "${results?.['weights_sha256']}"`,
    ].map((line) => `trials[1].results.weights_sha256: ${line}`);
    expect(linesOf({ ...sweep, manifest: changed })).toEqual(said);

    writeFileSync(join(out, 'runs', 'toy-0002', 'manifest.json'), '{}');
    expect(linesOf(sweep)).toEqual([
      expect.stringMatching(/^trials\[1\]\.run_id: .*manifest\.json/),
    ]);
  });

  it.each([
    ['metrics.jsonl', 'was changed'],
    ['metrics.jsonl', 'is missing'],
    ['checkpoints/final.safetensors', 'was changed'],
    ['events.jsonl', 'is missing'],
  ])('checkSweep() names %s of a completed trial if it %s', async (file, damage) => {
    const sweep = await finished();
    const path = join(sweep.out, 'runs', 'toy-0001', file);
    if (damage === 'is missing') rmSync(path);
    else writeFileSync(path, readFileSync(path, 'utf8').replace(/\d/, '7'));
    const lines = linesOf(sweep);
    expect(lines).toEqual([expect.stringMatching(/^trials\[0\]\.run_id: /)]);
    expect(lines[0]).toContain(join('toy-0001', file));
  });

  it('checkSweep() compares the value of a stopped trial with what its run came to until then', async () => {
    const sweep = await finished(HALVING);
    const [stopped] = sweep.manifest.trials.filter(({ state }) => state === 'STOPPED');
    if (stopped === undefined) throw new Error('no trial was stopped');
    const metrics = join(sweep.out, 'runs', stopped.run_id, 'metrics.jsonl');
    const text = readFileSync(metrics, 'utf8');
    const later = JSON.stringify({ 'loss/val': 99, step: stopped.steps + 1 });
    writeFileSync(metrics, `${text}${later}\n`);
    expect(linesOf(sweep)).toEqual([]);
    writeFileSync(metrics, text.replace(`"step":${stopped.steps}`, `"step":99`));
    expect(linesOf(sweep)).toHaveLength(1);
    rmSync(metrics);
    expect(linesOf(sweep)).toEqual([
      expect.stringMatching(`^trials\\[${stopped.trial - 1}\\]\\.run_id: .*metrics\\.jsonl`),
    ]);
  });

  it('checkSweep() says that a run is missing, but not of the folder of a sweep that was moved alone', async () => {
    const sweep = await finished(HALVING);
    for (const name of ['toy-0001', 'toy-0002'])
      rmSync(join(sweep.out, 'runs', name), { recursive: true });
    expect(linesOf(sweep)).toEqual([
      'trials[0].run_id: the run toy-0001 is missing',
      'trials[1].run_id: the run toy-0002 is missing',
    ]);
    for (const directory of [join(fresh(), 'toy'), join(sweep.out, 'archive', 'toy')]) {
      cpSync(sweep.directory, directory, { recursive: true });
      expect(linesOf({ ...sweep, directory })).toEqual([]);
    }
    rmSync(join(sweep.out, 'runs'), { recursive: true });
    expect(linesOf(sweep)).toEqual([]);
  });
});
