import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestParts, sha256 } from '@pixelis/core';
import { DIGESTS, WEIGHTS } from '../../test/digests';
import { completeExample, FACTS, openExample, recordSteps } from '../../test/example-run';
import { safetensors } from '../../test/safetensors';
import { snapshot, useTemporaryFolder } from '../../test/temporary-folder';
import { auditRun, auditRuns } from './audit-run';
import { FINAL_WEIGHTS_FILE, type RunManifest } from './manifest';
import type { Run } from './run';

const temporaryFolder = useTemporaryFolder();
let original: string;

beforeAll(async () => {
  original = (await completeExample(temporaryFolder(), 'x')).directory;
});

/** A copy of a complete run that a test may spoil. */
function copyOfRun(): string {
  const directory = join(temporaryFolder(), 'x');
  cpSync(original, directory, { recursive: true });
  return directory;
}

function read(run: Run, path: string): string {
  return readFileSync(join(run.directory, path), 'utf8');
}

/** A run that failed, by the name x. */
function failedRun(): string {
  const run = openExample(temporaryFolder(), { runId: 'x' });
  recordSteps(run, 1, 2);
  run.hardware({ cpu_percent: 1 });
  run.fail(new Error('end'));
  return run.directory;
}

const UNSIGNED = { code: 'UNSIGNED', message: 'unsigned: a whole rewrite cannot be detected' };
const NO_MANIFEST = {
  code: 'NO_MANIFEST',
  message: 'no manifest: a missing tail cannot be seen',
};

describe('auditRun', () => {
  it('auditRun() of a complete run finds nothing, says what it cannot know and changes nothing', async () => {
    const directory = copyOfRun();
    const before = snapshot(directory);
    expect(await auditRun(directory)).toEqual({
      runId: 'x',
      directory,
      isIntact: true,
      events: { count: 2, head: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown },
      problems: [],
      limits: [UNSIGNED],
    });
    expect(snapshot(directory)).toEqual(before);
  });

  it('auditRun() of a run whose diff an export left out says so, and finds nothing wrong', async () => {
    const run = openExample(temporaryFolder(), { runId: 'x' });
    run.writeFile('environment.diff', '--- a\n+++ b\n');
    await run.complete(FACTS);
    rmSync(join(run.directory, 'environment.diff'));
    const { isIntact, limits } = await auditRun(run.directory);
    expect([isIntact, limits.map(({ code }) => code)]).toEqual([
      true,
      ['DIFF_MISSING', 'UNSIGNED'],
    ]);
    writeFileSync(join(run.directory, 'environment.diff'), 'other');
    expect((await auditRun(run.directory)).problems).toMatchObject([{ path: 'environment.diff' }]);
  });

  it('auditRun() finds a file that was changed together with its hash in the manifest', async () => {
    const directory = copyOfRun();
    const path = join(directory, 'manifest.json');
    const text = readFileSync(join(directory, 'metrics.jsonl'), 'utf8').replace('0.', '1.');
    writeFileSync(join(directory, 'metrics.jsonl'), text);
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as RunManifest;
    manifest.files['metrics.jsonl'] = { sha256: sha256(text), bytes: Buffer.byteLength(text) };
    writeFileSync(path, JSON.stringify(manifest));
    expect((await auditRun(directory)).problems).toEqual([
      {
        path: 'events.jsonl',
        message: 'does not end with the digest of the files in the manifest',
      },
    ]);
  });

  it('auditRun() finds a chain of training that does not end in the final weights', async () => {
    const run = openExample(temporaryFolder(), { runId: 'x' });
    const tensors = { b: Float32Array.of(1, 2), a: Float32Array.of(3) };
    const { digest, parts } = digestParts([tensors.a, tensors.b]);
    run.chain(0, WEIGHTS);
    run.chain(1, { ...DIGESTS, weights: digest, weight_tensors: parts });
    run.writeFile(FINAL_WEIGHTS_FILE, safetensors(tensors));
    await run.complete(FACTS);
    expect(await auditRun(run.directory)).toMatchObject({ isIntact: true });

    const others: [string, Uint8Array | string, string][] = [
      [FINAL_WEIGHTS_FILE, safetensors({ ...tensors, a: Float32Array.of(4) }), 'does not end in the weights of checkpoints/final.safetensors'],
      [FINAL_WEIGHTS_FILE, 'no tensors', 'does not end in the weights of checkpoints/final.safetensors'],
      ['chain.jsonl', read(run, 'chain.jsonl').replace(DIGESTS.loss ?? '', '3fe0000000000001'), 'line 2: its chain does not follow from the line before and its own content'],
      ['chain.jsonl', read(run, 'chain.jsonl').split('\n').slice(0, 1).join('') + '\n', 'does not end in the weights of checkpoints/final.safetensors'],
    ]; // prettier-ignore
    for (const [path, content, message] of others) {
      const whole = readFileSync(join(run.directory, path));
      writeFileSync(join(run.directory, path), content);
      const { problems } = await auditRun(run.directory);
      expect(problems).toContainEqual({ path: 'chain.jsonl', message });
      writeFileSync(join(run.directory, path), whole);
    }
  });

  it('auditRun() finds a changed link in a run that is not complete', async () => {
    const run = openExample(temporaryFolder(), { runId: 'x' });
    run.chain(0, WEIGHTS);
    run.fail(new Error('end'));
    const path = join(run.directory, 'chain.jsonl');
    writeFileSync(path, readFileSync(path, 'utf8').replace(WEIGHTS.weight_tensors, '11234567'));
    expect((await auditRun(run.directory)).problems).toMatchObject([
      { path: 'chain.jsonl', message: expect.stringMatching(/^line 1: /) as string },
    ]);
  });

  it('auditRun() of a signed run leaves its signature to the caller', async () => {
    const directory = copyOfRun();
    writeFileSync(join(directory, 'model.sig'), 'signature');
    const { isIntact, limits } = await auditRun(directory);
    expect([isIntact, limits.map(({ code }) => code)]).toEqual([true, ['SIGNATURE_UNCHECKED']]);
    expect(await auditRun(directory, { hasSignature: true })).toMatchObject({
      isIntact: true,
      limits: [],
    });
  });

  it('auditRun() of a run that is not complete says that a missing tail cannot be seen', async () => {
    const directory = failedRun();
    expect(await auditRun(directory)).toMatchObject({
      isIntact: true,
      problems: [],
      limits: [NO_MANIFEST, UNSIGNED],
    });
    const path = join(directory, 'events.jsonl');
    const [first] = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, `${first}\n`);
    expect((await auditRun(directory)).isIntact).toBe(true);
  });

  it('auditRun() finds a changed file of a complete run', async () => {
    const directory = copyOfRun();
    appendFileSync(join(directory, 'metrics.jsonl'), '{"step":9}\n');
    const { isIntact, problems } = await auditRun(directory);
    expect(isIntact).toBe(false);
    expect(problems.map(({ path }) => path)).toEqual(['metrics.jsonl']);
  });

  it('auditRun() finds results in the manifest that the audit trail does not tell', async () => {
    const directory = copyOfRun();
    const path = join(directory, 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as RunManifest;
    manifest.results['accuracy/simple'] = 0.99;
    writeFileSync(path, JSON.stringify(manifest));
    expect((await auditRun(directory)).problems).toEqual([
      {
        path: 'manifest.json',
        message: 'was changed: its fields are not those that the audit trail sealed',
      },
      { path: 'events.jsonl', message: 'line 2: its results are not those of the manifest' },
    ]);
  });

  it('auditRun() finds the audit trail of another run', async () => {
    const directory = failedRun();
    cpSync(join(failedRun(), 'events.jsonl'), join(directory, 'events.jsonl'));
    expect((await auditRun(directory)).problems).toEqual([
      { path: 'events.jsonl', message: "line 1: its run_uuid is not the run's" },
    ]);
  });

  it.each([
    ['metrics.jsonl', '{"torn', 'its last line is torn, which a resumption mends'],
    ['hardware.jsonl', '{', 'its last line is torn, which a resumption mends'],
    ['epochs.csv', '1,', 'its last line is torn, which a resumption mends'],
    ['events.jsonl', '{"data', 'line 3: it does not end in a newline'],
    ['run.json', 'x', 'is damaged'],
    ['tags.json', '[', 'is damaged'],
  ])('auditRun() finds that %s of a dead run is torn', async (path, tail, message) => {
    const directory = failedRun();
    appendFileSync(join(directory, path), tail);
    expect((await auditRun(directory)).problems).toEqual([{ path, message }]);
  });

  it('auditRun() of a live run bears a line that is being written', async () => {
    const run = openExample(temporaryFolder(), { runId: 'x' });
    for (const name of ['events.jsonl', 'metrics.jsonl'])
      appendFileSync(join(run.directory, name), '{"half');
    expect(await auditRun(run.directory)).toMatchObject({ isIntact: true });
    run.fail(new Error('end'));
  });

  it('auditRun() finds an audit trail that is missing or begins in the middle', async () => {
    const directory = failedRun();
    const path = join(directory, 'events.jsonl');
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, '');
    expect((await auditRun(directory)).problems).toEqual([
      { path: 'events.jsonl', message: 'line 1: missing' },
    ]);
    writeFileSync(path, lines.slice(1).join('\n'));
    expect((await auditRun(directory)).isIntact).toBe(false);
    rmSync(path);
    expect((await auditRun(directory)).problems).toEqual([
      { path: 'events.jsonl', message: 'is missing' },
    ]);
  });

  it('auditRun() finds that a run stands in the place of another, and lets a copy elsewhere have any name', async () => {
    const runs = join(temporaryFolder(), 'runs');
    mkdirSync(runs);
    cpSync(original, join(runs, 'y'), { recursive: true });
    expect((await auditRun(join(runs, 'y'))).problems).toEqual([
      { path: 'manifest.json', message: 'is of the run x, not of y' },
    ]);
    cpSync(failedRun(), join(runs, 'z'), { recursive: true });
    expect((await auditRun(join(runs, 'z'))).problems).toEqual([
      { path: 'run.json', message: 'is of the run x, not of z' },
    ]);
    cpSync(original, join(runs, '..', 'copy'), { recursive: true });
    expect((await auditRun(join(runs, '..', 'copy'))).isIntact).toBe(true);
  });

  it('auditRun() finds that a run has lost what says how it stands', async () => {
    const directory = copyOfRun();
    rmSync(join(directory, 'manifest.json'));
    expect(await auditRun(directory)).toMatchObject({
      isIntact: false,
      problems: [{ path: 'manifest.json', message: 'is missing, and so is run.json' }],
      limits: [NO_MANIFEST, UNSIGNED],
    });
  });

  it('auditRun() refuses a folder that is no run', async () => {
    await expect(auditRun(temporaryFolder())).rejects.toMatchObject({
      code: 'RUN_MISSING',
      exitCode: 4,
    });
  });
});

describe('auditRuns', () => {
  it('auditRuns() audits every run of a folder and nothing else', async () => {
    const root = temporaryFolder();
    await completeExample(root, 'b');
    openExample(root, { runId: 'a' }).fail(new Error('end'));
    mkdirSync(join(root, 'runs', 'no-run'));
    await completeExample(root, 'robbed');
    rmSync(join(root, 'runs', 'robbed', 'manifest.json'));
    writeFileSync(join(root, 'runs', 'a', 'run.json'), '{');
    const audits = await auditRuns(root);
    expect(audits.map(({ runId, isIntact }) => [runId, isIntact])).toEqual([
      ['a', false],
      ['b', true],
      ['robbed', false],
    ]);
    expect(await auditRuns(temporaryFolder())).toEqual([]);
  });
});
