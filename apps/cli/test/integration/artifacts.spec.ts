import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonOf } from '../support/expect-json';
import { folderState } from '../support/folder-state';
import { copyRuns, recordRuns } from '../support/record-runs';
import { runPixelis } from '../support/run-pixelis';
import { useTemporaryFolder } from '../support/temporary-folder';

const temporaryFolder = useTemporaryFolder();
const cwd = temporaryFolder();

beforeAll(async () => {
  await recordRuns(cwd);
});

describe('pixelis artifacts list', () => {
  it('lists the versions, filtered by name and type', async () => {
    const { code, stdout } = await runPixelis(['artifacts', 'list'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^NAME +VERSION +TYPE +SIZE +ALIASES +CREATED$/m);
    expect(stdout).toMatch(/^model-cats +v1 +model +22 B +latest +\d{4}-\d\d-\d\d \d\d:\d\d$/m);
    const models = jsonOf(await runPixelis(['artifacts', 'list', '--type', 'model', '--json'], { cwd }));
    expect(models).toMatchObject([
      { name: 'model-cats', version: '1.0.0', file_count: 1, is_external: false, producer: { run_id: 'a-train' } },
    ]);
    const cats = jsonOf(await runPixelis(['artifacts', 'list', '*-cats*', '--json'], { cwd }));
    expect(cats).toHaveLength(3);
  }); // prettier-ignore

  it('says that there are none', async () => {
    const { stdout } = await runPixelis(['artifacts', 'list', 'nope'], { cwd });
    expect(stdout).toBe('There are no such artifacts in out.\n');
  });

  it('fits a terminal of 80 columns with most of a long name', async () => {
    const { stdout } = await runPixelis(['artifacts', 'list'], { cwd, columns: 80 });
    const lines = stdout.trimEnd().split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(/^eval-model-cats-on-dataset-\S* +v1 /m);
  });
});

describe('pixelis artifacts show', () => {
  it('shows what a version holds, where it came from and what happened to its name', async () => {
    const { stdout } = await runPixelis(['artifacts', 'show', 'model-cats'], { cwd });
    expect(stdout).toMatch(/^artifact +model-cats:v1$/m);
    expect(stdout).toMatch(/^size +22 B in 1 file$/m);
    expect(stdout).toMatch(/^made by +run a-train$/m);
    expect(stdout).toMatch(/^made from +dataset-cats-v1:v1$/m);
    expect(stdout).toMatch(/^ {2}model\.bin +22 B {2}[0-9a-f]{64}$/m);
    expect(stdout).toMatch(/version v1; latest: → v1$/m);
    const shown = jsonOf(await runPixelis(['artifacts', 'show', 'model-cats:v1', '--json'], { cwd }));
    expect(shown).toMatchObject({ files: [{ path: 'model.bin', bytes: 22 }], history: [{ kind: 'version' }] });
  }); // prettier-ignore
});

describe('pixelis artifacts put, alias, rollback, get', () => {
  const folder = temporaryFolder();
  const put = (content: string, ...args: string[]) => {
    writeFileSync(join(folder, 'words.txt'), content);
    return runPixelis(['artifacts', 'put', 'tokenizer-a', 'words.txt', ...args], { cwd: folder });
  };

  it('makes a version of new content only', async () => {
    const first = await put('one', '--type', 'tokenizer', '--alias', 'best', '--metadata', 'n=1');
    expect(first.stdout).toMatch(/^new version\nartifact +tokenizer-a:v1\ntype +tokenizer$/m);
    expect(first.stdout).toMatch(/^metadata +\{"n":1\}$/m);
    const again = await put('one');
    expect(again.stdout).toMatch(/^this content was there already\nartifact +tokenizer-a:v1$/m);
    const second = jsonOf(await put('two', '--bump', 'minor', '--description', 'more', '--json'));
    expect(second).toMatchObject({ version: '1.1.0', is_new: true, description: 'more' });
    const third = jsonOf(await put('three', '--version', '3.0.0', '--json'));
    expect(third).toMatchObject({ version: '3.0.0', aliases: ['latest'], is_external: true });
  });

  it('moves aliases, and removes them', async () => {
    const alias = (...args: string[]) =>
      runPixelis(['artifacts', 'alias', 'tokenizer-a', ...args], { cwd: folder });
    expect((await alias('best', 'v3')).stdout).toBe('tokenizer-a: best → v3\n');
    expect(jsonOf(await alias('good', 'best', '--json'))).toMatchObject({
      version: '3.0.0',
      aliases: ['latest', 'best', 'good'],
    });
    expect(jsonOf(await alias('good', '--remove', '--json'))).toEqual({
      name: 'tokenizer-a',
      alias: 'good',
      version: null,
    });
  });

  it('rolls back, and records that', async () => {
    const args = ['artifacts', 'rollback', 'tokenizer-a', 'v1'];
    const back = await runPixelis(args, { cwd: folder });
    expect(back.stdout).toBe('tokenizer-a: latest rolled back to v1\n');
    const best = [...args, '--alias', 'best', '--json'];
    expect(jsonOf(await runPixelis(best, { cwd: folder }))).toMatchObject({
      aliases: ['latest', 'best'],
    });
    const shown = await runPixelis(['artifacts', 'show', 'tokenizer-a'], { cwd: folder });
    expect(shown.stdout).toMatch(/rollback; latest: v3 → v1$/m);
  });

  it('writes a version into a new folder', async () => {
    const args = ['artifacts', 'get', 'tokenizer-a:1.1.0', 'here'];
    const got = await runPixelis(args, { cwd: folder });
    expect(got.stdout).toBe('tokenizer-a:1.1.0: 1 file, 3 B, in here\n');
    expect(readFileSync(join(folder, 'here', 'words.txt'), 'utf8')).toBe('two');
    const json = ['artifacts', 'get', 'tokenizer-a', 'there', '--json'];
    expect(jsonOf(await runPixelis(json, { cwd: folder }))).toMatchObject({ folder: 'there' });
  });
});

describe('pixelis artifacts verify', () => {
  it('finds a whole store intact, and changes nothing', async () => {
    const before = folderState(cwd);
    const { code, stdout } = await runPixelis(['artifacts', 'verify'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^intact: \d+ contents, .* read\n$/);
    const found = jsonOf(await runPixelis(['artifacts', 'verify', '--json'], { cwd }));
    expect(found).toMatchObject({ is_intact: true, hurt: [], store: { damaged: [] } });
    expect(folderState(cwd)).toEqual(before);
  });

  it('finds a flipped bit and names the artifact hurt; putting the content again heals it', async () => {
    const copy = copyRuns(cwd, temporaryFolder());
    const blob = flipBit(join(copy, 'out'), 'the weights of a model');

    const dry = await runPixelis(['artifacts', 'verify', '--dry-run'], { cwd: copy });
    expect(dry.code).toBe(5);
    expect(dry.stdout).toMatch(/^model-cats:v1: model\.bin is damaged$/m);
    expect(existsSync(blob)).toBe(true);

    const found = await runPixelis(['artifacts', 'verify', '--json'], { cwd: copy });
    expect(found.code).toBe(5);
    expect(jsonOf(found)).toMatchObject({
      is_intact: false,
      hurt: [{ artifact: { name: 'model-cats', version: '1.0.0' }, path: 'model.bin' }],
    });
    expect(existsSync(blob)).toBe(false);
    const missing = await runPixelis(['artifacts', 'get', 'model-cats', 'x'], { cwd: copy });
    expect(missing.code).toBe(5);
    expect(existsSync(join(copy, 'x'))).toBe(false);

    writeFileSync(join(copy, 'model.bin'), 'the weights of a model');
    const put = ['artifacts', 'put', 'model-cats', 'model.bin', '--json'];
    expect(jsonOf(await runPixelis(put, { cwd: copy }))).toMatchObject({ is_new: false });
    expect((await runPixelis(['artifacts', 'verify'], { cwd: copy })).code).toBe(0);
  });
});

describe('pixelis artifacts gc', () => {
  it('changes nothing without --apply, and then takes what nothing holds in two runs', async () => {
    const folder = temporaryFolder();
    for (const content of ['first', 'second', 'third']) {
      writeFileSync(join(folder, 'a.txt'), content);
      await runPixelis(['artifacts', 'put', 'notes', 'a.txt'], { cwd: folder });
    }
    const args = ['artifacts', 'gc', 'notes', '--keep-last', '1', '--grace', '0s'];
    const before = folderState(folder);
    const dry = await runPixelis(args, { cwd: folder });
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout.split('\n')).toEqual([
      'would be given up: notes:v1',
      'would be given up: notes:v2',
      '2 versions would be given up',
      expect.stringMatching(/^4 contents, .*, would be marked: a later run takes them$/),
      '0 contents, 0 B, would be taken',
      'nothing was changed: a dry run; --apply does it',
      '',
    ]);
    expect(folderState(folder)).toEqual(before);

    const marked = await runPixelis([...args, '--apply'], { cwd: folder });
    expect(marked.stdout).toMatch(
      /^2 versions given up\n4 contents, .*, marked: a later run takes/m,
    );
    const taken = jsonOf(await runPixelis([...args, '--apply', '--json'], { cwd: folder }));
    expect(taken).toMatchObject({ is_applied: true, content: { taken: { length: 4 } } });
    expect((await runPixelis(['artifacts', 'verify'], { cwd: folder })).code).toBe(0);
    const got = await runPixelis(['artifacts', 'get', 'notes', 'kept'], { cwd: folder });
    expect(got.code).toBe(0);
    expect(readFileSync(join(folder, 'kept', 'a.txt'), 'utf8')).toBe('third');
  });

  it('keeps what has an alias unless --drop-aliased, and what is young', async () => {
    const folder = temporaryFolder();
    for (const content of ['first', 'second']) {
      writeFileSync(join(folder, 'a.txt'), content);
      await runPixelis(['artifacts', 'put', 'notes', 'a.txt', '--alias', content], { cwd: folder });
    }
    const removed = async (...args: string[]) => {
      const all = ['artifacts', 'gc', '--keep-last', '1', ...args, '--json'];
      const { removed } = jsonOf(await runPixelis(all, { cwd: folder })) as { removed: unknown[] };
      return removed.length;
    };
    expect(await removed()).toBe(0);
    expect(await removed('--drop-aliased')).toBe(1);
    expect(await removed('--drop-aliased', '--keep-younger-than', '1d')).toBe(0);
    expect(await removed('--drop-aliased', '--type', 'model')).toBe(0);
    expect(await removed('--drop-aliased', 'other-*')).toBe(0);
  });
});

// Helpers

/** Flips a bit of the blob of a content. @returns Its path. */
function flipBit(root: string, content: string): string {
  const blobs = join(root, 'store', 'v1', 'blobs');
  const paths = readdirSync(blobs, { recursive: true, encoding: 'utf8' }).map((path) => join(blobs, path));
  const path = paths.find((one) => /[0-9a-f]{64}$/.test(one) && readFileSync(one, 'utf8') === content);
  if (path === undefined) throw new Error('There is no such blob');
  const bytes = readFileSync(path);
  bytes[3] = (bytes[3] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  return path;
} // prettier-ignore
