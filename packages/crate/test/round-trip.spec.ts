import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ArtifactManager,
  LineageTracker,
  listRuns,
  openRun,
  type RunReference,
  validateManifest,
} from '@pixelis/artifacts';
import { sha256, sha256File, UsageError } from '@pixelis/core';
import type { LineageGraph } from '@pixelis/lineage';
import { openPromise } from 'yauzl';
import { exportExperiment, importExperiment } from '../src/index';
import { makeExperiment, record } from './example-experiment';
import { snapshot, useTemporaryFolder } from './temporary-folder';

const temporaryFolder = useTemporaryFolder();
const MODEL = 'model-training:1.0.0';
const DATASET = 'dataset-digits-1.0:1.0.0';
const EVALUATION = 'eval-model-training-on-dataset-digits-1.0:1.0.0';

let root = '';
let file = '';

beforeAll(async () => {
  root = temporaryFolder();
  await makeExperiment(root);
  file = join(temporaryFolder(), 'experiment.zip');
  await exportExperiment({ root, file, runIds: ['evaluation'], withDiff: true });
});

describe('exportExperiment() and importExperiment()', () => {
  it('bring an experiment with all that it came from into another store on another path', async () => {
    const other = join(temporaryFolder(), 'deep', 'other');
    expect(await importExperiment({ root: other, file })).toEqual({
      runs: [
        { runId: 'training', isNew: true },
        { runId: 'evaluation', isNew: true },
      ],
      artifacts: [DATASET, MODEL, EVALUATION].map((id) => ({ id, isNew: true })),
      keptAliases: [],
    });
    for (const { runId, directory, status } of listRuns(other)) {
      expect(status).toBe('COMPLETED');
      expect(await validateManifest(directory)).toEqual([]);
      expect(snapshot(directory)).toEqual(snapshot(join(root, 'runs', runId)));
    }
    const [here, there] = [managerOf(root), managerOf(other)];
    expect(await there.verify()).toMatchObject({ isIntact: true });
    for (const id of [DATASET, MODEL, EVALUATION, 'model-training:best'])
      expect(await contentOf(there, id)).toEqual(await contentOf(here, id));
    const [before, after] = [await graphOf(root), await graphOf(other)];
    expect(after.edges).toEqual(before.edges);
    expect(after.nodes.map(withoutTimes)).toEqual(before.nodes.map(withoutTimes));
    expect(after.validate()).toEqual([]);
    expect(readdirSync(other).sort()).toEqual(['runs', 'store']);
  });

  it('change nothing when the crate is imported again', async () => {
    const other = temporaryFolder();
    await importExperiment({ root: other, file });
    const before = snapshot(other);
    const again = await importExperiment({ root: other, file });
    expect([...again.runs, ...again.artifacts].map(({ isNew }) => isNew)).not.toContain(true);
    expect(again.keptAliases).toEqual([]);
    expect(snapshot(other)).toEqual(before);
  });

  it('change nothing when the crate is imported where it came from', async () => {
    const before = snapshot(root);
    await importExperiment({ root, file });
    expect(snapshot(root)).toEqual(before);
  });

  it('make the same bytes of the same experiment, wherever it lies and in any time zone', async () => {
    const copy = join(temporaryFolder(), 'copy');
    cpSync(root, copy, { recursive: true });
    const [second, third] = [join(copy, 'a.zip'), join(copy, 'b.zip')];
    await exportExperiment({ root: copy, file: second, runIds: ['evaluation'], withDiff: true });
    const zone = process.env.TZ;
    process.env.TZ = 'Pacific/Kiritimati';
    await exportExperiment({ root: copy, file: third, runIds: ['evaluation'], withDiff: true });
    process.env.TZ = zone;
    expect(await sha256File(second)).toBe(await sha256File(file));
    expect(await sha256File(third)).toBe(await sha256File(file));
  });

  it('leave the diff of the source code out unless it is asked for', async () => {
    const slim = join(temporaryFolder(), 'slim.zip');
    const { leftOut } = await exportExperiment({ root, file: slim, runIds: ['evaluation'] });
    expect(leftOut).toEqual(['training/environment.diff', 'evaluation/environment.diff']);
    expect(readFileSync(slim, 'latin1')).not.toContain('a change of');
    expect(readFileSync(file, 'latin1')).toContain('a change of');
    const other = temporaryFolder();
    await importExperiment({ root: other, file: slim });
    expect(existsSync(join(other, 'runs', 'training', 'environment.diff'))).toBe(false);
    // What came without the diff can go on, and comes back to where the diff is.
    const onward = join(temporaryFolder(), 'onward.zip');
    expect(
      await exportExperiment({ root: other, file: onward, runIds: ['training'] }),
    ).toMatchObject({ leftOut: ['training/environment.diff'] });
    expect(await importExperiment({ root, file: onward })).toMatchObject({
      runs: [{ runId: 'training', isNew: false }],
    });
  });

  it('carry runs that failed', async () => {
    const from = temporaryFolder();
    const run = openRun({ root: from, runId: 'broken', config: {}, rawConfig: {} });
    run.metrics(1, { 'loss/train': 1 });
    run.fail(new UsageError('no such thing', { code: 'NO_SUCH_THING', remedy: 'none' }));
    const crate = join(from, 'broken.zip');
    await exportExperiment({ root: from, file: crate, runIds: ['broken'] });
    const other = temporaryFolder();
    await importExperiment({ root: other, file: crate });
    expect(listRuns(other)).toMatchObject([
      { runId: 'broken', status: 'FAILED', error: { code: 'NO_SUCH_THING' } },
    ]);
  });

  it('carry the signature of a run', async () => {
    const from = join(temporaryFolder(), 'copy');
    cpSync(root, from, { recursive: true });
    writeFileSync(join(from, 'runs', 'training', 'model.sig'), '{"signed":true}');
    const crate = join(from, 'signed.zip');
    await exportExperiment({ root: from, file: crate, runIds: ['training'], withDiff: true });
    const other = temporaryFolder();
    await importExperiment({ root: other, file: crate });
    const run = join(other, 'runs', 'training');
    expect(readFileSync(join(run, 'model.sig'), 'utf8')).toBe('{"signed":true}');
    expect(await validateManifest(run)).toEqual([]);
  });

  it('carry two runs that made the same', async () => {
    const from = temporaryFolder();
    async function train(run: RunReference): Promise<void> {
      await managerOf(from).put(
        'tokens',
        { 'a.txt': Buffer.from('a'), b: Buffer.from('a') },
        { run },
      );
    }
    await record({ root: from, runId: 'first', job: 'train:sft' }, train);
    await record({ root: from, runId: 'again', job: 'train:sft' }, train);
    const crate = join(from, 'twice.zip');
    await exportExperiment({ root: from, file: crate, runIds: ['first', 'again'] });
    const other = temporaryFolder();
    await importExperiment({ root: other, file: crate });
    const { edges } = await graphOf(other);
    expect(edges.map(({ kind }) => kind)).toEqual(['produced', 'produced']);
    expect(edges).toEqual((await graphOf(from)).edges);
    const before = snapshot(other);
    await importExperiment({ root: other, file: crate });
    expect(snapshot(other)).toEqual(before);
  });

  it('bring latest back to where it was rolled back to', async () => {
    const from = temporaryFolder();
    const manager = managerOf(from);
    for (const text of ['a', 'b', 'c']) await manager.put('tokens', { 'a.txt': Buffer.from(text) });
    await manager.rollback('tokens', 'latest', 'v2');
    const crate = join(from, 'tokens.zip');
    const artifacts = ['tokens:v1', 'tokens:v2', 'tokens:v3'];
    await exportExperiment({ root: from, file: crate, artifacts });
    const other = temporaryFolder();
    await importExperiment({ root: other, file: crate });
    expect(managerOf(other).resolve('tokens').version).toBe('2.0.0');
    await managerOf(other).rollback('tokens', 'latest', 'v1');
    expect((await importExperiment({ root: other, file: crate })).keptAliases).toEqual([
      { name: 'tokens', alias: 'latest', here: '1.0.0', there: '2.0.0' },
    ]);
    expect(managerOf(other).resolve('tokens').version).toBe('1.0.0');
  });
});

describe('importExperiment()', () => {
  it('adds to what a store has, and lets its aliases stay', async () => {
    const other = temporaryFolder();
    const manager = managerOf(other);
    const bytes = Buffer.from('another model');
    await manager.put('model-training', { a: bytes }, { version: '2.0.0', aliases: ['best'] });
    expect((await importExperiment({ root: other, file })).keptAliases).toEqual([
      { name: 'model-training', alias: 'best', here: '2.0.0', there: '1.0.0' },
      { name: 'model-training', alias: 'latest', here: '2.0.0', there: '1.0.0' },
    ]);
    expect(manager.resolve('model-training:v1').digest).toBe(managerOf(root).resolve(MODEL).digest);
  });

  it.each<[string, string, (manager: ArtifactManager) => Promise<unknown>]>([
    [
      'a version with other content',
      'ARTIFACT_VERSION_TAKEN',
      (manager) => manager.put('model-training', { a: Buffer.from('other') }),
    ],
    [
      'its content under another version',
      'ARTIFACT_CONTENT_KNOWN',
      (manager) =>
        manager.put(
          'model-training',
          { 'model.safetensors': new Uint8Array([1, 2, 3]) },
          { version: '3.0.0' },
        ),
    ],
    [
      'a name that differs in case',
      'ARTIFACT_NAME_TAKEN',
      (manager) => manager.put('model-Training', { a: Buffer.from('other') }),
    ],
  ])('refuses a store that has %s, and changes nothing', async (_, code, prepare) => {
    const other = temporaryFolder();
    await prepare(managerOf(other));
    const before = snapshot(other);
    const refusal = await importExperiment({ root: other, file }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UsageError);
    expect(refusal).toMatchObject({ code });
    expect(snapshot(other)).toEqual(before);
  });

  it('refuses a store that has another run of that id, and changes nothing', async () => {
    const other = temporaryFolder();
    await record({ root: other, runId: 'training', job: 'train:sft' }, () => Promise.resolve());
    const before = snapshot(other);
    await expect(importExperiment({ root: other, file })).rejects.toMatchObject({
      code: 'RUN_ID_TAKEN',
    });
    expect(snapshot(other)).toEqual(before);
  });

  it('refuses a run that was changed since it was imported, but not one that was signed', async () => {
    const other = temporaryFolder();
    await importExperiment({ root: other, file });
    const run = join(other, 'runs', 'training');
    writeFileSync(join(run, 'model.sig'), '{}');
    await importExperiment({ root: other, file });
    writeFileSync(join(run, 'metrics.jsonl'), '');
    await expect(importExperiment({ root: other, file })).rejects.toMatchObject({
      code: 'RUN_ID_TAKEN',
    });
  });

  it('can run twice at once', async () => {
    const other = temporaryFolder();
    await Promise.all([1, 2, 3].map(() => importExperiment({ root: other, file })));
    expect(await managerOf(other).verify()).toMatchObject({ isIntact: true });
    expect((await graphOf(other)).edges).toEqual((await graphOf(root)).edges);
    expect(readdirSync(other).sort()).toEqual(['runs', 'store']);
  });

  it('removes what an import left that was killed, and nothing else', async () => {
    const other = temporaryFolder();
    const dead = '.import-01890a5d-ac96-774b-bcce-b302099a8057';
    mkdirSync(join(other, dead, 'runs'), { recursive: true });
    writeFileSync(join(other, `${dead}.lock`), '{"hostname":"x","pid":1}');
    mkdirSync(join(other, '.import-mine'));
    const ended = `${dead.slice(0, -1)}8`;
    mkdirSync(join(other, ended));
    await importExperiment({ root: other, file });
    // The first may still be at work on another machine; the second has no lock, so nobody is.
    expect(readdirSync(other).sort()).toEqual(
      ['.import-mine', dead, `${dead}.lock`, 'runs', 'store'].sort(),
    );
  });
});

describe('exportExperiment()', () => {
  it('takes only what was asked for without ancestors', async () => {
    const slim = join(temporaryFolder(), 'slim.zip');
    const options = { root, file: slim, ancestors: false };
    expect(await exportExperiment({ ...options, runIds: ['training'] })).toMatchObject({
      runs: ['training'],
      artifacts: [DATASET, MODEL],
    });
    const model = join(temporaryFolder(), 'model.zip');
    expect(
      await exportExperiment({ ...options, file: model, artifacts: ['model-training:best'] }),
    ).toMatchObject({ runs: [], artifacts: [MODEL] });
    const other = temporaryFolder();
    await importExperiment({ root: other, file: model });
    expect(managerOf(other).resolve(MODEL)).toMatchObject({
      producer: { runId: 'training' },
      parents: [{ name: 'dataset-digits-1.0' }],
    });
  });

  it('takes what an artifact came from', async () => {
    const crate = join(temporaryFolder(), 'model.zip');
    expect(
      await exportExperiment({ root, file: crate, artifacts: ['model-training'] }),
    ).toMatchObject({ runs: ['training'], artifacts: [DATASET, MODEL] });
  });

  it('holds each content of artifacts once, and none that a run file holds', async () => {
    const names: string[] = [];
    for await (const { fileName } of (await openPromise(file)).eachEntry()) names.push(fileName);
    expect(names.slice(0, 2)).toEqual(['pixelis-crate.json', 'ro-crate-metadata.json']);
    expect(names.slice(2)).toEqual(names.slice(2).sort());
    // Not the empty licence, which is any empty file of a run, nor the model, which is a checkpoint.
    const contents = ['images', '{"accuracy":0.93}'].map((text) => `contents/${sha256(text)}`);
    expect(names.filter((name) => name.startsWith('contents/'))).toEqual(contents.sort());
  });

  it.each<[string, object, string]>([
    ['nothing', {}, 'EXPORT_NOTHING'],
    ['an unknown run', { runIds: ['trainin'] }, 'RUN_UNKNOWN'],
    ['an unknown artifact', { artifacts: ['model-trainin'] }, 'ARTIFACT_UNKNOWN'],
  ])('refuses %s', async (_, request, code) => {
    const crate = join(temporaryFolder(), 'none.zip');
    await expect(exportExperiment({ root, file: crate, ...request })).rejects.toMatchObject({
      code,
    });
    expect(existsSync(crate)).toBe(false);
  });

  it('refuses a file that exists, and a run that is at work', async () => {
    await expect(exportExperiment({ root, file, runIds: ['training'] })).rejects.toMatchObject({
      code: 'CRATE_FILE_TAKEN',
    });
    const from = temporaryFolder();
    const run = openRun({ root: from, runId: 'busy', config: {}, rawConfig: {} });
    const crate = join(from, 'busy.zip');
    await expect(
      exportExperiment({ root: from, file: crate, runIds: ['busy'] }),
    ).rejects.toMatchObject({ code: 'RUN_HELD' });
    run.fail(new Error('stopped'));
  });

  it('lets no secret out that somebody wrote into a name, a description or metadata', async () => {
    const from = temporaryFolder();
    const secret = `ghp_${'aB3dE6gH9'.repeat(4)}`;
    const reference = await record({ root: from, runId: 'secret', job: 'train:sft' }, (run) =>
      managerOf(from)
        .put(
          'tokens',
          { 'a.txt': Buffer.from('a') },
          { run, description: `by ${secret}`, metadata: { api_key: 'hunter2-hunter2', n: 3 } },
        )
        .then(() => undefined),
    );
    await managerOf(from).recordRun({
      run: reference,
      job: 'train:sft',
      status: 'FAILED',
      name: secret,
      error: { code: 'X', message: `with ${secret}` },
    });
    const crate = join(from, 'secret.zip');
    await exportExperiment({ root: from, file: crate, runIds: ['secret'] });
    const bytes = readFileSync(crate, 'latin1');
    expect(bytes).toContain('by [redacted]');
    expect(bytes).not.toMatch(/ghp_|hunter2/);
    const other = temporaryFolder();
    await importExperiment({ root: other, file: crate });
    expect(managerOf(other).resolve('tokens').metadata).toEqual({ api_key: '[redacted]', n: 3 });
  });

  it('lets nothing out that is not as it was recorded, and leaves no file', async () => {
    const from = join(temporaryFolder(), 'copy');
    cpSync(root, from, { recursive: true });
    const crate = join(from, 'crate.zip');
    const scores = managerOf(from).resolve(EVALUATION);
    const [content] = await managerOf(from).files(scores);
    damageContent(from, content?.sha256 ?? '');
    const options = { root: from, file: crate, runIds: ['evaluation'] };
    await expect(exportExperiment(options)).rejects.toMatchObject({ code: 'CONTENT_DAMAGED' });
    writeFileSync(join(from, 'runs', 'training', 'metrics.jsonl'), '{}\n');
    await expect(exportExperiment(options)).rejects.toMatchObject({ code: 'RUN_DAMAGED' });
    expect(readdirSync(from).sort()).toEqual(['runs', 'store', 'latest'].sort());
  });
});

function managerOf(folder: string): ArtifactManager {
  return ArtifactManager.open({ root: folder, rank: 0 });
}

async function graphOf(folder: string): Promise<LineageGraph> {
  return new LineageTracker(managerOf(folder)).graph();
}

async function contentOf(manager: ArtifactManager, spec: string): Promise<unknown> {
  const { createdAt, ...version } = manager.resolve(spec);
  expect(createdAt).toMatch(/Z$/);
  const files = await manager.files(version);
  const bytes = await Promise.all(files.map((one) => manager.store.readBytes(one.sha256)));
  return { version, files, bytes };
}

/** The catalog tells when it recorded something: here, when it was imported. */
function withoutTimes(node: LineageGraph['nodes'][number]): unknown {
  return { ...node, createdAt: null, startedAt: null, endedAt: null };
}

function damageContent(folder: string, address: string): void {
  const blobs = join(folder, 'store', 'v1', 'blobs');
  for (const name of readdirSync(blobs, { recursive: true, encoding: 'utf8' }))
    if (name.includes(address)) writeFileSync(join(blobs, name), '{"accuracy":0.99}');
}
