import fs, {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DataError, sha256 } from '@pixelis/core';
import {
  completeExample,
  FACTS,
  openExample,
  OTHER_PROCESS,
  recordSteps,
} from '../../test/example-run';
import { snapshot, useTemporaryFolder } from '../../test/temporary-folder';
import { thrownBy } from '../../test/thrown-by';
import { auditRun } from './audit-run';
import { readEvents } from './event-chain';
import { listRuns } from './list-runs';
import type { Run } from './run';
import { START_OFFSETS } from './step-files';
import { validateManifest } from './validate-manifest';

const temporaryFolder = useTemporaryFolder();

function eventTypes(directory: string): string[] {
  return readEvents(join(directory, 'events.jsonl')).map(({ type }) => type);
}

describe('Run', () => {
  afterEach(() => jest.restoreAllMocks());

  it('writeFile() makes folders and keeps the bytes of a typed array', () => {
    const run = openExample(temporaryFolder());
    run.writeFile('a/b/c.bin', new Uint8Array([0, 255, 10]));
    expect([...readFileSync(join(run.directory, 'a', 'b', 'c.bin'))]).toEqual([0, 255, 10]);
    run.fail(new Error('end'));
  });

  it.each([
    '../x',
    '/x',
    'a/../../x',
    'a\\b',
    'manifest.json',
    'run.json',
    'EVENTS.jsonl',
    'metrics.jsonl',
    '',
  ])('writeFile() refuses %j', (path) => {
    const run = openExample(temporaryFolder());
    expect(() => run.writeFile(path, 'x')).toThrow(RangeError);
    run.fail(new Error('end'));
  });

  it('writeFile() does not follow a symbolic link out of the run', () => {
    const outside = temporaryFolder();
    const run = openExample(temporaryFolder());
    symlinkSync(outside, join(run.directory, 'figures'), 'junction');
    expect(() => run.writeFile('figures/x.svg', 'x')).toThrow(DataError);
    expect(readdirSync(outside)).toEqual([]);
    run.fail(new Error('end'));
  });

  it('tag() keeps tags in a file of the run, through a resumption', async () => {
    const root = temporaryFolder();
    const run = openExample(root, { runId: 'x', tags: { exp_name: 'first' } });
    run.tag('team', 'vision');
    run.tag('team', 'language');
    expect(run.tags).toEqual({ exp_name: 'first', team: 'language' });
    expect(() => run.tag('', 'x')).toThrow(RangeError);
    run.fail(new Error('end'));
    expect(() => run.tag('late', 'x')).toThrow(/it has ended/);
    const resumed = openExample(root, { runId: 'x', tags: { exp_name: 'second' } });
    expect(resumed.tags).toEqual({ exp_name: 'second', team: 'language' });
    resumed.rewind(START_OFFSETS);
    const { files } = await resumed.complete(FACTS);
    const text = readFileSync(join(run.directory, 'tags.json'), 'utf8');
    expect(JSON.parse(text)).toEqual(resumed.tags);
    expect(files['tags.json']).toEqual({ sha256: sha256(text), bytes: text.length });
  });

  it('hardware() goes on through a rewind and a resumption', async () => {
    const root = temporaryFolder();
    let ms = Date.parse('2026-01-01T00:00:00Z');
    const now = () => new Date(ms);
    const run = openExample(root, { runId: 'x', now });
    ms += 2000;
    run.hardware({ cpu_percent: 10 });
    expect(Object.keys(run.offsets())).toEqual(Object.keys(START_OFFSETS));
    run.fail(new Error('end'));
    ms += 3_600_000;
    const resumed = openExample(root, { runId: 'x', now });
    resumed.rewind(START_OFFSETS);
    resumed.hardware({ cpu_percent: 20 });
    const { files } = await resumed.complete(FACTS);
    const text = readFileSync(join(run.directory, 'hardware.jsonl'), 'utf8');
    expect(text).toBe('{"cpu_percent":10,"time_s":2}\n{"cpu_percent":20,"time_s":3602}\n');
    expect(files['hardware.jsonl']?.sha256).toBe(sha256(text));
  });

  it('flushed() resolves when all that was recorded is in the files', async () => {
    const run = openExample(temporaryFolder());
    recordSteps(run, 1, 2);
    run.hardware({ cpu_percent: 1 });
    const flushed = run.flushed();
    run.metrics(3, { late: 1 });
    run.fail(new Error('end'));
    await flushed;
    for (const name of ['metrics.jsonl', 'timings.jsonl', 'epochs.csv', 'hardware.jsonl'])
      expect(readFileSync(join(run.directory, name)).length).toBeGreaterThan(0);
    await expect(run.flushed()).rejects.toThrow(/it has ended/);
  });

  it('Run writes no secret of a known shape', () => {
    const root = temporaryFolder();
    const token = `ghp_${'a1'.repeat(18)}`;
    const run = openExample(root, {
      runId: 'x',
      config: { url: `https://me:${token}@example.org`, training: { api_key: 'hunter2hunter2' } },
      rawConfig: { argv: ['--token', 'hunter2hunter2'] },
      environment: { note: token },
      tags: { note: token },
    });
    run.event(`note ${token}`, { text: token, password: 'hunter2hunter2' });
    run.tag('more', `--api-key=hunter2hunter2`);
    run.fail(new Error(`refused ${token}`, { cause: new Error('password=hunter2hunter2') }));
    const written = JSON.stringify(snapshot(root));
    expect(written).not.toContain(token);
    expect(written).not.toContain('hunter2');
    const resumed = openExample(root, {
      runId: 'x',
      config: { url: `https://me:${token}@example.org`, training: { api_key: 'hunter2hunter2' } },
    });
    expect(resumed.isResumed).toBe(true);
    resumed.fail(new Error('end'));
  });

  it.each<[string, unknown]>([
    ['facts', undefined],
    ['facts.seed', { ...FACTS, seed: -1 }],
    ['facts.results.loss', { ...FACTS, results: { loss: NaN } }],
    ['facts', { ...FACTS, more: 1 }],
  ])('complete() names %s where it is wrong, and the run goes on', async (named, facts) => {
    const run = openExample(temporaryFolder());
    const completion = run.complete(facts as typeof FACTS);
    await expect(completion).rejects.toThrow(TypeError);
    await expect(completion).rejects.toThrow(`Cannot complete a run: ${named}: `);
    await run.complete({ ...FACTS, backend: null, dataset: null, encoder: null, transforms: null });
    expect(eventTypes(run.directory)).toEqual(['created', 'completed']);
    expect(await auditRun(run.directory)).toMatchObject({ isIntact: true });
  });

  it('complete() writes a manifest that says everything, last', async () => {
    const root = temporaryFolder();
    const { directory, runId, runUuid } = await completeExample(root, 'whole');
    const manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as unknown;
    const events = readEvents(join(directory, 'events.jsonl'));
    const lines = readFileSync(join(directory, 'events.jsonl'), 'utf8').split('\n');
    expect(manifest).toEqual({
      ...FACTS,
      manifest_version: 1,
      run_id: runId,
      run_uuid: runUuid,
      created_at: events[0]?.time,
      status: 'COMPLETED',
      checkpoints: ['checkpoints/final.safetensors'],
      config_path: 'config_raw.json',
      config_resolved_path: 'config_resolved.json',
      artifacts: {
        metrics: ['chain.jsonl', 'epochs.csv', 'metrics.jsonl', 'timings.jsonl'],
        figures: ['figures/loss.svg'],
        plots: [],
      },
      files: Object.fromEntries(
        [
          'chain.jsonl', 'checkpoints/final.safetensors', 'config_raw.json', 'config_resolved.json', 'epochs.csv',
          'events.jsonl', 'figures/loss.svg', 'metrics.jsonl', 'timings.jsonl',
        ].map((path) => {
          const bytes = readFileSync(join(directory, path));
          return [path, { sha256: sha256(bytes), bytes: bytes.length }];
        }),
      ),
      events: { head: sha256(lines.at(-2)!), count: 2 },
      results: { ...FACTS.results, weights_sha256: sha256(new Uint8Array([1, 2, 3])) },
    }); // prettier-ignore
    expect(events.map(({ type }) => type)).toEqual(['created', 'completed']);
    expect(existsSync(join(directory, 'run.json'))).toBe(false);
    expect(readdirSync(join(root, 'runs'))).toEqual(['whole']);
    expect(await validateManifest(directory)).toEqual([]);
  });

  it('complete() names the run in latest, which the next complete run replaces', async () => {
    const root = temporaryFolder();
    await completeExample(root, 'first');
    expect(readFileSync(join(root, 'latest'), 'utf8')).toBe('first\n');
    openExample(root, { runId: 'second' }).fail(new Error('end'));
    expect(readFileSync(join(root, 'latest'), 'utf8')).toBe('first\n');
    await completeExample(root, 'third');
    expect(readFileSync(join(root, 'latest'), 'utf8')).toBe('third\n');
  });

  it('complete() of a run without weights has no hash of them', async () => {
    const run = openExample(temporaryFolder());
    expect((await run.complete(FACTS)).results.weights_sha256).toBeNull();
  });

  it('complete() leaves user and password out of the remote', async () => {
    const run = openExample(temporaryFolder());
    const git = { ...FACTS.git, remote: 'https://me:secret@example.org/x.git' };
    const manifest = await run.complete({ ...FACTS, git });
    expect(manifest.git.remote).toBe('https://example.org/x.git');
  });

  it('complete() refuses a symbolic link among the files, and the run resumes', async () => {
    const root = temporaryFolder();
    const run = openExample(root, { runId: 'x' });
    const outside = temporaryFolder();
    mkdirSync(join(run.directory, 'figures'));
    symlinkSync(outside, join(run.directory, 'figures', 'linked'), 'junction');
    await expect(run.complete(FACTS)).rejects.toMatchObject({ code: 'PATH_LINKED' });
    run.fail(new Error('end'));
    fs.unlinkSync(join(run.directory, 'figures', 'linked'));
    const resumed = openExample(root, { runId: 'x' });
    resumed.rewind(START_OFFSETS);
    await resumed.complete(FACTS);
    expect(await validateManifest(run.directory)).toEqual([]);
  });

  it('complete() of a resumed run needs to know where the run stood', async () => {
    const root = temporaryFolder();
    openExample(root, { runId: 'x' }).fail(new Error('end'));
    const resumed = openExample(root, { runId: 'x' });
    await expect(resumed.complete(FACTS)).rejects.toThrow(TypeError);
    resumed.fail(new Error('end'));
  });

  it('fail() records what happened, without secrets, and gives the run free', () => {
    const root = temporaryFolder();
    const run = openExample(root, { runId: 'x' });
    recordSteps(run, 1, 2);
    const remedy = 'Wait.';
    run.fail(new DataError('no answer from https://me:secret@example.org/', { code: 'X', remedy }));
    const error = { code: 'X', message: 'no answer from https://[redacted]@example.org/' };
    expect(listRuns(root)).toEqual([
      expect.objectContaining({ runId: 'x', status: 'FAILED', isHeld: false, error }),
    ]);
    expect(readEvents(join(run.directory, 'events.jsonl')).at(-1)).toMatchObject({
      type: 'failed',
      data: error,
    });
    expect(readFileSync(join(run.directory, 'metrics.jsonl'), 'utf8')).toBe(
      '{"loss/train":1,"step":1}\n{"loss/train":0.5,"step":2}\n',
    );
    expect(existsSync(join(root, 'latest'))).toBe(false);
    expect(existsSync(join(run.directory, 'manifest.json'))).toBe(false);
  });

  it('fail() does not hide an error by another on a full disk, and the run resumes', async () => {
    const root = temporaryFolder();
    const run = openExample(root, { runId: 'x' });
    recordSteps(run, 1, 2);
    const offsets = run.offsets();
    recordSteps(run, 3, 4);
    jest.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', errno: -28, syscall: 'write' });
    });
    expect(thrownBy(() => run.offsets())).toMatchObject({ code: 'DISK_FULL', exitCode: 4 });
    await expect(run.complete(FACTS)).rejects.toMatchObject({ code: 'DISK_FULL' });
    run.fail(new Error('disk full'));
    jest.restoreAllMocks();
    const resumed = openExample(root, { runId: 'x' });
    resumed.rewind(offsets);
    recordSteps(resumed, 3, 4);
    await resumed.complete(FACTS);
    expect(await validateManifest(run.directory)).toEqual([]);
    expect(readFileSync(join(run.directory, 'metrics.jsonl'), 'utf8').split('\n')).toHaveLength(5);
    expect(eventTypes(run.directory)).toEqual(['created', 'resumed', 'rewound', 'completed']);
  });

  it('Run records nothing once it completes, and fail() then changes nothing', async () => {
    const run = openExample(temporaryFolder());
    const completion = run.complete(FACTS);
    for (const record of [
      () => run.event('late'),
      () => run.metrics(9, { late: 1 }),
      () => run.timings(9, { late: 1 }),
      () => run.epoch(9, { late: 1 }),
      () => run.writeFile('late', ''),
      () => run.rewind(START_OFFSETS),
    ])
      expect(record).toThrow(/it has ended/);
    await completion;
    run.fail(new Error('late'));
    await expect(run.complete(FACTS)).rejects.toThrow(TypeError);
    expect(await validateManifest(run.directory)).toEqual([]);
    expect(existsSync(join(run.directory, 'run.json'))).toBe(false);
  });

  it('complete() writes no manifest of a run that a signal ended meanwhile', async () => {
    const root = temporaryFolder();
    const run = openExample(root, { runId: 'x' });
    const completion = run.complete(FACTS);
    run.fail(new Error('interrupted'));
    await expect(completion).rejects.toThrow(/it has ended/);
    expect(listRuns(root)).toMatchObject([{ status: 'FAILED', isHeld: false }]);
    expect(existsSync(join(run.directory, 'manifest.json'))).toBe(false);
  });

  it.each<[string, (run: Run) => unknown]>([
    ['event()', (run) => run.event('late')],
    ['offsets()', (run) => run.offsets()],
    ['writeFile()', (run) => run.writeFile('late', 'x')],
    ['rewind()', (run) => run.rewind(START_OFFSETS)],
    ['flush()', (run) => run.flush()],
    ['complete()', (run) => run.complete(FACTS)],
  ])('%s of a run that another process took over writes nothing', async (_, write) => {
    const root = temporaryFolder();
    const run = openExample(root, { runId: 'x' });
    recordSteps(run, 1, 2);
    writeFileSync(
      join(root, 'runs', '.x.lock'),
      JSON.stringify({ ...OTHER_PROCESS, hostname: 'elsewhere', pid: 7 }),
    );
    const before = snapshot(root);
    const refusal = { code: 'RUN_TAKEN_OVER', exitCode: 5 };
    await expect(Promise.resolve(run).then(write)).rejects.toMatchObject(refusal);
    expect(thrownBy(() => run.metrics(3, { late: 1 }))).toMatchObject({
      ...refusal,
      message: 'Run x was taken over by process 7 on elsewhere',
    });
    run.fail(new Error('end'));
    expect(snapshot(root)).toEqual(before);
  });

  it('fail() of a run that another process took over writes nothing', () => {
    const root = temporaryFolder();
    const run = openExample(root, { runId: 'x' });
    recordSteps(run, 1, 2);
    writeFileSync(join(root, 'runs', '.x.lock'), JSON.stringify(OTHER_PROCESS));
    const before = snapshot(root);
    run.fail(new Error('end'));
    expect(snapshot(root)).toEqual(before);
  });

  it('complete() writes no manifest of a run that was taken over while it was hashed', async () => {
    const root = temporaryFolder();
    const run = openExample(root, { runId: 'x' });
    const completion = run.complete(FACTS);
    writeFileSync(join(root, 'runs', '.x.lock'), JSON.stringify(OTHER_PROCESS));
    await expect(completion).rejects.toMatchObject({ code: 'RUN_TAKEN_OVER' });
    expect(existsSync(join(run.directory, 'manifest.json'))).toBe(false);
  });

  it('complete() lets go of a complete run even if latest cannot be written', async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'latest', 'folder'), { recursive: true });
    const run = openExample(root, { runId: 'x' });
    await expect(run.complete(FACTS)).rejects.toMatchObject({
      code: 'PATH_UNWRITABLE',
      exitCode: 4,
    });
    run.fail(new Error('end'));
    expect(await validateManifest(run.directory)).toEqual([]);
    expect(listRuns(root)).toMatchObject([{ status: 'COMPLETED', isHeld: false }]);
  });
});
