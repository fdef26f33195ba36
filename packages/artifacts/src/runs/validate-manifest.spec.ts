import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, DataError, sha256 } from '@pixelis/core';
import { completeExample, FACTS, openExample } from '../../test/example-run';
import { snapshot, useTemporaryFolder } from '../../test/temporary-folder';
import type { RunEvent } from './event';
import type { JsonObject } from './json-object';
import type { RunManifest } from './manifest';
import { validateManifest } from './validate-manifest';

const temporaryFolder = useTemporaryFolder();
const UNSEALED = {
  path: 'manifest.json',
  message: 'was changed: its fields are not those that the audit trail sealed',
};
let original: string;

beforeAll(async () => {
  original = (await completeExample(temporaryFolder(), 'x')).directory;
});

/** A copy of a complete run that a test may spoil. */
function copyOfRun(): string {
  const directory = join(temporaryFolder(), 'moved');
  cpSync(original, directory, { recursive: true });
  return directory;
}

function editManifest(directory: string, edit: (manifest: RunManifest) => object): void {
  const path = join(directory, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as RunManifest;
  writeFileSync(path, JSON.stringify(edit(manifest)));
}

describe('validateManifest', () => {
  it('validateManifest() accepts a run that was moved, by its folder or its manifest, and changes nothing', async () => {
    const directory = copyOfRun();
    const before = snapshot(directory);
    expect(await validateManifest(directory)).toEqual([]);
    expect(await validateManifest(join(directory, 'manifest.json'))).toEqual([]);
    expect(snapshot(directory)).toEqual(before);
  });

  it('validateManifest() bears a state that a killed process left, and no other', async () => {
    const root = temporaryFolder();
    const run = openExample(root, { runId: 'x' });
    const state = readFileSync(join(run.directory, 'run.json'), 'utf8');
    await run.complete(FACTS);
    const path = join(run.directory, 'run.json');
    writeFileSync(path, state);
    expect(await validateManifest(run.directory)).toEqual([]);
    const problem = { path: 'run.json', message: 'is there but not among the files' };
    const other = openExample(root, { runId: 'y' });
    cpSync(join(other.directory, 'run.json'), path);
    other.fail(new Error('end'));
    expect(await validateManifest(run.directory)).toEqual([problem]);
    writeFileSync(path, 'anything');
    expect(await validateManifest(run.directory)).toEqual([problem]);
  });

  it('validateManifest() lists every file that is missing, longer, changed or a link', async () => {
    const directory = copyOfRun();
    rmSync(join(directory, 'epochs.csv'));
    writeFileSync(join(directory, 'timings.jsonl'), 'x');
    const metrics = readFileSync(join(directory, 'metrics.jsonl'), 'utf8');
    writeFileSync(join(directory, 'metrics.jsonl'), metrics.replace('0.5', '0.4'));
    rmSync(join(directory, 'figures', 'loss.svg'));
    symlinkSync(directory, join(directory, 'figures', 'loss.svg'), 'junction');
    const problems = await validateManifest(directory);
    expect(problems.map(({ path, message }) => `${path} ${message}`)).toEqual([
      'epochs.csv is missing',
      'figures/loss.svg is not a file',
      'metrics.jsonl was changed: its SHA-256 differs',
      expect.stringMatching(/^timings.jsonl has 1 bytes, not \d+$/),
    ]);
  });

  it('validateManifest() lists files and links that were added', async () => {
    const directory = copyOfRun();
    writeFileSync(join(directory, 'checkpoints', 'added.bin'), 'x');
    symlinkSync(directory, join(directory, 'plots'), 'junction');
    expect(await validateManifest(directory)).toEqual([
      { path: 'checkpoints/added.bin', message: 'is there but not among the files' },
      { path: 'plots', message: 'is there but not among the files' },
    ]);
  });

  it('validateManifest() names the line of the audit trail that was changed', async () => {
    const directory = copyOfRun();
    const path = join(directory, 'events.jsonl');
    writeFileSync(path, readFileSync(path, 'utf8').replace('0.93', '0.99'));
    expect(await validateManifest(directory)).toEqual([
      { path: 'events.jsonl', message: 'was changed: its SHA-256 differs' },
      { path: 'events.jsonl', message: 'line 2: its hash is not the head of the chain' },
    ]);
  });

  it('validateManifest() compares the hash of the final weights', async () => {
    const directory = copyOfRun();
    editManifest(directory, (manifest) => ({
      ...manifest,
      results: { ...manifest.results, weights_sha256: '0'.repeat(64) },
    }));
    expect(await validateManifest(directory)).toEqual([
      UNSEALED,
      {
        path: 'results.weights_sha256',
        message: 'is not the SHA-256 of checkpoints/final.safetensors',
      },
    ]);
  });

  it.each<[string, (manifest: RunManifest) => object]>([
    ['the seed', (manifest) => ({ ...manifest, seed: 43 })],
    ['the commit', ({ git, ...rest }) => ({ ...rest, git: { ...git, commit: 'b'.repeat(40) } })],
    ['the backend', (manifest) => ({ ...manifest, backend: null })],
    ['the data set', (manifest) => ({ ...manifest, dataset: null })],
    ['a result', ({ results, ...rest }) => ({ ...rest, results: { ...results, 'loss/val': 0 } })],
    ['the checkpoints', (manifest) => ({ ...manifest, checkpoints: [] })],
  ])('validateManifest() finds that %s was changed in the manifest', async (_, edit) => {
    const directory = copyOfRun();
    editManifest(directory, edit);
    expect(await validateManifest(directory)).toEqual([UNSEALED]);
  });

  it('validateManifest() accepts a run of which the audit trail seals the files alone, as the first did', async () => {
    const directory = copyOfRun();
    resealEvents(directory, ({ files_sha256 = '', results = {} }) => ({ files_sha256, results }));
    expect(await validateManifest(directory)).toEqual([]);
    resealEvents(directory, ({ results = {} }) => ({ results }));
    expect(await validateManifest(directory)).toEqual([
      {
        path: 'events.jsonl',
        message: 'does not end with the digest of the files in the manifest',
      },
    ]);
    resealEvents(directory, (data) => ({ ...data, manifest_sha256: null }));
    expect(await validateManifest(directory)).toContainEqual(UNSEALED);
  });

  it('validateManifest() says that a later Pixelis wrote it, instead of what is wrong for this one', async () => {
    const directory = copyOfRun();
    editManifest(directory, (manifest) => ({ ...manifest, git: 1, manifest_version: 2 }));
    await expect(validateManifest(directory)).rejects.toMatchObject({
      code: 'MANIFEST_VERSION_LATER',
      exitCode: 3,
      message: expect.stringContaining('manifest.json is of version 2') as string,
      remedy: expect.stringContaining('Update Pixelis') as string,
    });
  });

  it('validateManifest() finds paths that are not among the files', async () => {
    const directory = copyOfRun();
    editManifest(directory, ({ files, ...manifest }) => {
      const left = Object.entries(files).filter(([path]) => !/^(events|config_raw)/.test(path));
      return { ...manifest, files: Object.fromEntries(left), checkpoints: ['checkpoints/other'] };
    });
    expect((await validateManifest(directory)).map(({ path }) => path)).toEqual([
      'checkpoints',
      'config_path',
      'config_raw.json',
      'events.jsonl',
      'events.jsonl',
    ]);
  });

  it('validateManifest() gives all faults of the fields at once', async () => {
    const directory = copyOfRun();
    editManifest(directory, (manifest) => ({
      ...manifest,
      node: undefined,
      seed: -1,
      more: true,
      files: { '../outside': { sha256: 'x', bytes: 1 } },
      results: { weights_sha256: null, loss: 'low' },
    }));
    const paths = (await validateManifest(directory)).map(({ path }) => path);
    expect(paths.sort()).toEqual(['files["../outside"]', 'more', 'node', 'results.loss', 'seed']);
  });

  it('validateManifest() finds a manifest that is no JSON', async () => {
    const directory = copyOfRun();
    writeFileSync(join(directory, 'manifest.json'), '{');
    expect(await validateManifest(directory)).toEqual([
      { path: 'manifest.json', message: 'is not JSON' },
    ]);
  });

  it('validateManifest() refuses a path where nothing is', async () => {
    await expect(validateManifest(join(temporaryFolder(), 'none'))).rejects.toThrow(DataError);
    await expect(validateManifest(temporaryFolder())).rejects.toMatchObject({ exitCode: 4 });
  });
});

// Helpers

/** Rewrites what the last event seals, and all that follows from that. */
function resealEvents(directory: string, edit: (data: JsonObject) => JsonObject): void {
  const path = join(directory, 'events.jsonl');
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const last = JSON.parse(lines.pop() ?? '') as RunEvent;
  const line = canonicalJson({ ...last, data: edit(last.data) });
  const text = `${[...lines, line].join('\n')}\n`;
  writeFileSync(path, text);
  editManifest(directory, (manifest) => ({
    ...manifest,
    files: {
      ...manifest.files,
      'events.jsonl': { sha256: sha256(text), bytes: Buffer.byteLength(text) },
    },
    events: { head: sha256(line), count: manifest.events.count },
  }));
}
