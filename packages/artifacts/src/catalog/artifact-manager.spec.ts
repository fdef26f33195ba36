import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, DataError, sha256 } from '@pixelis/core';
import { snapshot, useTemporaryFolder } from '../../test/temporary-folder';
import { thrownBy } from '../../test/thrown-by';
import { uuidV7 } from '../runs/uuid-v7';
import { ArtifactManager } from './artifact-manager';
import type { RunReference } from './history-entry';

const temporaryFolder = useTemporaryFolder();

function open(root = temporaryFolder()): ArtifactManager {
  return ArtifactManager.open({ root, rank: 0 });
}

function content(text: string): Record<string, Uint8Array> {
  return { 'a.txt': Buffer.from(text) };
}

function aRun(runId = 'run-a'): RunReference {
  return { runId, runUuid: uuidV7() };
}

describe('ArtifactManager.open()', () => {
  it('gives one manager for a folder in a process, however the folder is written', () => {
    const root = temporaryFolder();
    expect(open(join(root, 'x', '..'))).toBe(open(root));
    expect(ArtifactManager.open({ root, rank: 1 })).not.toBe(open(root));
    expect(() => ArtifactManager.open({ root, rank: 0, now: () => new Date() })).toThrow(TypeError);
  });

  it('makes nothing, and neither does any reader', async () => {
    const root = temporaryFolder();
    const manager = open(root);
    expect(manager.list()).toEqual([]);
    expect(manager.runFacts()).toEqual([]);
    expect(thrownBy(() => manager.resolve('x'))).toMatchObject({ code: 'ARTIFACT_UNKNOWN' });
    expect(await manager.verify()).toMatchObject({ isIntact: true });
    await manager.collect({ keepLast: 1 });
    expect(readdirSync(root)).toEqual([]);
  });
});

describe('put()', () => {
  it('begins at 1.0.0, and raises the major part unless minor or patch is asked for', async () => {
    const manager = open();
    const versions: string[] = [];
    for (const [index, bump] of (
      [undefined, undefined, 'minor', 'patch', 'major'] as const
    ).entries()) {
      const put = await manager.put('x', content(`${index}`), bump === undefined ? {} : { bump });
      versions.push(put.version);
      expect(put).toMatchObject({ isNew: true, aliases: ['latest'] });
    }
    expect(versions).toEqual(['1.0.0', '2.0.0', '2.1.0', '2.1.1', '3.0.0']);
  });

  it('gives the version that has the content already, moves latest to it, and records that', async () => {
    const manager = open();
    await manager.put('x', content('1'));
    await manager.put('x', content('2'));
    expect(await manager.put('x', content('2'))).toMatchObject({ version: '2.0.0', isNew: false });
    expect(manager.history('x')).toHaveLength(2);
    const again = await manager.put('x', content('1'), { description: 'other', aliases: ['best'] });
    expect(again).toMatchObject({ version: '1.0.0', isNew: false, description: null });
    expect(again.aliases).toEqual(['latest', 'best']);
    expect(manager.history('x').at(-1)).toMatchObject({
      kind: 'alias',
      change: 'moved',
      moves: [
        { alias: 'latest', from: '2.0.0', to: '1.0.0' },
        { alias: 'best', from: null, to: '1.0.0' },
      ],
    });
  });

  it('takes a version that is asked for, and leaves latest where that is not the highest', async () => {
    const manager = open();
    await manager.put('x', content('2'), { version: 'v2' });
    expect(await manager.put('x', content('1'), { version: '1.5.0' })).toMatchObject({
      version: '1.5.0',
      aliases: [],
    });
    expect(await manager.put('x', content('1'), { version: '1.5.0' })).toMatchObject({
      isNew: false,
      aliases: [],
    });
    expect(manager.resolve('x').version).toBe('2.0.0');
    expect((await manager.put('x', content('3'))).version).toBe('3.0.0');
  });

  it('leaves latest where it is when content that is there is put under its version', async () => {
    const manager = open();
    await manager.put('x', { a: Buffer.from('1') });
    await manager.put('x', { a: Buffer.from('2') });
    await manager.rollback('x', 'latest', 'v1');
    const again = await manager.put('x', { a: Buffer.from('2') }, { version: '2.0.0' });
    expect(again).toMatchObject({ version: '2.0.0', isNew: false });
    expect(manager.resolve('x').version).toBe('1.0.0');
  });

  it('keeps all that it is told, and stores a tree that any program can read', async () => {
    const manager = open();
    const run = aRun();
    const parent = await manager.put('dataset-x-1', content('data'), { isExternal: true });
    const put = await manager.put(
      'model-a',
      { 'b/w.bin': Buffer.from('ww'), 'a.json': Buffer.from('{}') },
      {
        run,
        parents: [parent],
        metadata: { accuracy: 0.5, list: [1, { a: null }] },
        description: 'first',
      },
    );
    const files = [
      { bytes: 2, path: 'a.json', sha256: sha256('{}') },
      { bytes: 2, path: 'b/w.bin', sha256: sha256('ww') },
    ];
    expect(put.digest).toBe(sha256(canonicalJson({ files, tree_version: 1 })));
    expect(await manager.files(put)).toEqual(files);
    const { name, version, digest } = parent;
    expect(manager.resolve('model-a')).toMatchObject({
      type: 'model',
      bytes: 4,
      fileCount: 2,
      description: 'first',
      metadata: { accuracy: 0.5, list: [1, { a: null }] },
      producer: run,
      parents: [{ name, version, digest }],
      isExternal: false,
    });
  });

  it('puts a file, or all files of a folder, alike', async () => {
    const manager = open();
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'a.txt'), 'a');
    writeFileSync(join(folder, 'sub', 'b.txt'), 'b');
    const whole = await manager.put('x', folder);
    expect((await manager.files(whole)).map(({ path }) => path)).toEqual(['a.txt', 'sub/b.txt']);
    const single = await manager.put('y', join(folder, 'a.txt'));
    expect(single.digest).toBe((await manager.put('z', { 'a.txt': Buffer.from('a') })).digest);
    expect(
      (
        await manager.put('x', {
          'a.txt': { file: join(folder, 'a.txt') },
          'sub/b.txt': Buffer.from('b'),
        })
      ).isNew,
    ).toBe(false);
  });

  it('gives every version once and equal content one version, however many are under way at once', async () => {
    const manager = open();
    const puts = await Promise.all(
      Array.from({ length: 12 }, (_, index) => manager.put('x', content(`${index % 4}`))),
    );
    expect(puts.filter(({ isNew }) => isNew)).toHaveLength(4);
    expect(new Set(puts.map(({ version, digest }) => `${version} ${digest}`)).size).toBe(4);
    const versions = manager.list().map(({ version }) => version);
    expect(versions).toEqual(['4.0.0', '3.0.0', '2.0.0', '1.0.0']);
  });

  it('takes the type from the artifact, else from its name, and refuses another one', async () => {
    const manager = open();
    expect((await manager.put('tokenizer', content('1'), { type: 'vocabulary' })).type).toBe(
      'vocabulary',
    );
    expect((await manager.put('tokenizer', content('2'))).type).toBe('vocabulary');
    expect((await manager.put('sft_metrics_1', content('2'))).type).toBe('metrics');
    expect((await manager.put('thing', content('2'))).type).toBe('other');
    await expect(
      manager.put('tokenizer', content('3'), { type: 'model_part' }),
    ).rejects.toMatchObject({ code: 'ARTIFACT_TYPE_DIFFERS' });
  });

  it('records no secret of a user', async () => {
    const manager = open();
    const secret = `ghp_${'a'.repeat(36)}`;
    await manager.put('x', content('1'), {
      description: `from ${secret}`,
      metadata: { note: secret, token: 'abc' },
    });
    await manager.use('x', { run: aRun(), role: `role ${secret}` });
    await manager.recordRun({
      run: aRun(),
      job: `train ${secret}`,
      status: 'FAILED',
      name: secret,
      error: { code: 'X', message: secret },
    });
    const text = JSON.stringify(snapshot(manager.root));
    expect(text).toContain('[redacted]');
    expect(text).not.toContain(secret);
    expect(text).not.toContain('abc"');
  });

  it.each([
    ['a bad name', 'a b', content('1'), {}, 'ARTIFACT_NAME_INVALID'],
    [
      'a name that breaks its convention',
      'dataset-x',
      content('1'),
      {},
      'ARTIFACT_NAME_UNCONVENTIONAL',
    ],
    ['no file', 'x', {}, {}, 'ARTIFACT_EMPTY'],
    [
      'a path that leaves the artifact',
      'x',
      { '../a': new Uint8Array() },
      {},
      'ARTIFACT_PATH_INVALID',
    ],
    [
      'a path with a name that no file system holds',
      'x',
      { [`a/${'ä'.repeat(128)}`]: new Uint8Array() },
      {},
      'ARTIFACT_PATH_INVALID',
    ],
    ['a path of broken Unicode', 'x', { '\ud800': new Uint8Array() }, {}, 'ARTIFACT_PATH_INVALID'],
    ['an absolute path', 'x', { '/a': new Uint8Array() }, {}, 'ARTIFACT_PATH_INVALID'],
    [
      'a file below a file',
      'x',
      { a: new Uint8Array(), 'a/b': new Uint8Array() },
      {},
      'ARTIFACT_PATH_INVALID',
    ],
    ['no version', 'x', content('1'), { version: '1' }, 'ARTIFACT_VERSION_INVALID'],
    [
      'a version that is taken',
      'known',
      content('2'),
      { version: '1.0.0' },
      'ARTIFACT_VERSION_TAKEN',
    ],
    [
      'known content as another version',
      'known',
      content('1'),
      { version: '2.0.0' },
      'ARTIFACT_CONTENT_KNOWN',
    ],
    ['an alias like a version', 'x', content('1'), { aliases: ['v1'] }, 'ALIAS_INVALID'],
    ['a name that differs in case', 'KNOWN', content('1'), {}, 'ARTIFACT_NAME_TAKEN'],
  ])('refuses %s and records nothing', async (_, name, source, options, code) => {
    const manager = open();
    await manager.put('known', content('1'));
    const before = snapshot(join(manager.root, 'store', 'v1', 'artifacts'));
    await expect(manager.put(name, source, options)).rejects.toMatchObject({ code, exitCode: 2 });
    expect(snapshot(join(manager.root, 'store', 'v1', 'artifacts'))).toEqual(before);
  });

  it('refuses a missing file and a folder with a link in it', async () => {
    const manager = open();
    const folder = temporaryFolder();
    await expect(manager.put('x', join(folder, 'none'))).rejects.toBeInstanceOf(DataError);
    await expect(manager.put('x', { a: { file: join(folder, 'none') } })).rejects.toBeInstanceOf(
      DataError,
    );
    symlinkSync('elsewhere', join(folder, 'link'));
    await expect(manager.put('x', folder)).rejects.toMatchObject({
      code: 'ARTIFACT_SOURCE_UNSUPPORTED',
    });
  });
});

describe('resolve()', () => {
  it('takes a version in full or as vN, an alias, or none for the latest', async () => {
    const manager = open();
    await manager.put('x', content('1'), { aliases: ['best'] });
    await manager.put('x', content('2'));
    const specs = ['x', 'x:latest', 'x:v2', 'x:2.0.0', 'x:best', 'x:v1'];
    expect(specs.map((spec) => manager.resolve(spec).version)).toEqual([
      '2.0.0',
      '2.0.0',
      '2.0.0',
      '2.0.0',
      '1.0.0',
      '1.0.0',
    ]);
  });

  it('names the nearest of what it does not know', async () => {
    const manager = open();
    await manager.put('model-abc', content('1'), { aliases: ['best'] });
    expect(thrownBy(() => manager.resolve('model-abd'))).toMatchObject({
      code: 'ARTIFACT_UNKNOWN',
      remedy: 'Did you mean model-abc?',
    });
    expect(thrownBy(() => manager.resolve('model-abc:bset'))).toMatchObject({
      code: 'ARTIFACT_UNKNOWN',
      remedy: expect.stringContaining('Did you mean model-abc:best?') as unknown,
    });
    expect(thrownBy(() => manager.resolve('../../etc:v1'))).toMatchObject({
      code: 'ARTIFACT_UNKNOWN',
    });
  });
});

describe('list()', () => {
  it('gives all versions by name, newest first, of a type or a pattern of names', async () => {
    const manager = open();
    for (const text of ['1', '2']) await manager.put('model-b', content(text));
    await manager.put('model-a', content('1'));
    await manager.put('notes', content('1'));
    function ids(filter = {}): string[] {
      return manager.list(filter).map(({ name, version }) => `${name}:${version}`);
    }
    expect(ids()).toEqual(['model-a:1.0.0', 'model-b:2.0.0', 'model-b:1.0.0', 'notes:1.0.0']);
    expect(ids({ type: 'model', name: '*-a' })).toEqual(['model-a:1.0.0']);
    expect(ids({ name: 'model-?' })).toHaveLength(3);
    expect(ids({ name: 'model.a' })).toEqual([]);
  });
});

describe('aliases', () => {
  it('are set, moved and removed, each recorded with the version before', async () => {
    const manager = open();
    for (const text of ['1', '2']) await manager.put('x', content(text));
    expect((await manager.setAlias('x', 'best', 'v1')).aliases).toEqual(['best']);
    expect((await manager.setAlias('x', 'best', 'latest')).aliases).toEqual(['latest', 'best']);
    await manager.setAlias('x', 'best', '2.0.0');
    await manager.removeAlias('x', 'best');
    const changes = manager
      .history('x')
      .slice(2)
      .map(({ change, moves }) => [change, moves]);
    expect(changes).toEqual([
      ['set', [{ alias: 'best', from: null, to: '1.0.0' }]],
      ['moved', [{ alias: 'best', from: '1.0.0', to: '2.0.0' }]],
      ['removed', [{ alias: 'best', from: '2.0.0', to: null }]],
    ]);
  });

  it('roll back, latest too, and the next put goes on from the highest version', async () => {
    const manager = open();
    for (const text of ['1', '2', '3']) await manager.put('x', content(text));
    expect((await manager.rollback('x', 'latest', 'v1')).version).toBe('1.0.0');
    expect(manager.resolve('x').version).toBe('1.0.0');
    expect(manager.history('x').at(-1)).toMatchObject({
      change: 'rolled_back',
      moves: [{ alias: 'latest', from: '3.0.0', to: '1.0.0' }],
    });
    expect((await manager.put('x', content('4'))).version).toBe('4.0.0');
  });

  it('refuse what cannot be', async () => {
    const manager = open();
    await manager.put('x', content('1'));
    await expect(manager.setAlias('x', 'latest', 'v1')).rejects.toMatchObject({
      code: 'ALIAS_RESERVED',
    });
    await expect(manager.removeAlias('x', 'latest')).rejects.toMatchObject({
      code: 'ALIAS_RESERVED',
    });
    await expect(manager.removeAlias('x', 'best')).rejects.toMatchObject({ code: 'ALIAS_UNKNOWN' });
    await expect(manager.rollback('x', 'best', 'v1')).rejects.toMatchObject({
      code: 'ALIAS_UNKNOWN',
    });
    await expect(manager.setAlias('x', 'best', 'v9')).rejects.toMatchObject({
      code: 'ARTIFACT_UNKNOWN',
    });
    await expect(manager.setAlias('y', 'best', 'v1')).rejects.toMatchObject({
      code: 'ARTIFACT_UNKNOWN',
    });
    for (const alias of ['1', 'v1', 'V2.0', '1.0.0', '', 'a b', '-a'])
      await expect(manager.setAlias('x', alias, 'v1')).rejects.toMatchObject({
        code: 'ALIAS_INVALID',
      });
  });
});

describe('use()', () => {
  it('reads nothing until it is asked, then gives verified bytes and read-only copies', async () => {
    const manager = open();
    await manager.put('x', { 'sub/a.txt': Buffer.from('hello') });
    const used = await manager.use('x:v1');
    expect(existsSync(join(manager.root, 'cache'))).toBe(false);
    expect(Buffer.from(await used.readBytes('sub/a.txt')).toString()).toBe('hello');
    const path = await used.file('sub/a.txt');
    expect(path.endsWith('a.txt')).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe('hello');
    await expect(used.file('sub/b.txt')).rejects.toMatchObject({
      code: 'ARTIFACT_FILE_UNKNOWN',
      remedy: 'Did you mean sub/a.txt?',
    });
  });

  it('records the use by a run, which becomes the parent of what the run puts', async () => {
    const manager = open();
    const run = aRun();
    const data = await manager.put('dataset-x-1', content('1'));
    await manager.put('dataset-y-1', content('2'));
    await manager.use('dataset-x-1', { run, role: 'train' });
    await manager.use('dataset-x-1', { run, role: 'eval' });
    await manager.use('dataset-y-1');
    const { name, version, digest } = data;
    const model = await manager.put('model-a', content('w'), { run });
    expect(model.parents).toEqual([{ name, version, digest }]);
    expect((await manager.put('model-b', content('w'), { run: aRun('b') })).parents).toEqual([]);
    const [facts] = manager.runFacts();
    expect(facts?.used.map(({ artifact, role }) => [artifact, role])).toEqual([
      [{ name, version, digest }, 'train'],
      [{ name, version, digest }, 'eval'],
    ]);
    expect(facts?.produced).toMatchObject([{ artifact: { name: 'model-a', version: '1.0.0' } }]);
  });
});

describe('runFacts()', () => {
  it('says how a run stands, by what was recorded last', async () => {
    const manager = open();
    const run = aRun();
    await manager.recordRun({ run, job: 'train:sft', status: 'RUNNING', name: 'first' });
    expect(manager.runFacts()).toMatchObject([
      { run, job: 'train:sft', name: 'first', status: 'RUNNING', endedAt: null },
    ]);
    await manager.recordRun({
      run,
      job: 'train:sft',
      status: 'FAILED',
      error: { code: 'X', message: 'y' },
    });
    expect(manager.runFacts()).toMatchObject([
      {
        name: 'first',
        status: 'FAILED',
        error: { code: 'X' },
        endedAt: expect.any(String) as unknown,
      },
    ]);
    await manager.recordRun({ run, job: 'train:sft', status: 'RUNNING' });
    await manager.recordRun({ run, job: 'train:sft', status: 'COMPLETED' });
    const [facts] = manager.runFacts();
    expect(facts).toMatchObject({ status: 'COMPLETED', error: null });
    expect(facts!.startedAt! <= facts!.endedAt!).toBe(true);
  });
});

describe('ranks other than 0', () => {
  it('store content and tell the version that rank 0 would make, and record nothing', async () => {
    const root = temporaryFolder();
    const other = ArtifactManager.open({ root, rank: 3 });
    const run = aRun();
    const put = await other.put('model-a', content('1'), { run, aliases: ['best'] });
    expect(put).toMatchObject({
      version: '1.0.0',
      isNew: true,
      producer: run,
      aliases: ['latest', 'best'],
    });
    await other.recordRun({ run, job: 'train', status: 'RUNNING' });
    expect(readdirSync(join(root, 'store', 'v1'))).not.toContain('artifacts');
    expect(readdirSync(join(root, 'store', 'v1'))).not.toContain('log');
    expect(other.list()).toEqual([]);

    const recorded = await open(root).put('model-a', content('1'), { run });
    expect(recorded.digest).toBe(put.digest);
    await other.use('model-a', { run });
    expect(await other.setAlias('model-a', 'best', 'v1')).toMatchObject({
      version: '1.0.0',
      aliases: ['latest'],
    });
    await other.collect({ keepLast: 0, keepAliased: false, isApplied: true, gracePeriodMs: 0 });
    expect(await other.put('model-a', content('1'))).toMatchObject({
      version: '1.0.0',
      isNew: false,
    });
    expect(open(root).history('model-a')).toHaveLength(1);
    expect(open(root).runFacts()[0]?.used).toEqual([]);
  });
});
