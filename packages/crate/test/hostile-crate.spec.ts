import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArtifactManager } from '@pixelis/artifacts';
import { DataError, type JsonValue, sha256 } from '@pixelis/core';
import { treeDigest } from '../src/crate-index';
import { importExperiment } from '../src/index';
import { artifactJson, contentMember, runJson, runMembers } from './example-crate';
import { crateOf, rawZip, type RawMember } from './raw-zip';
import { snapshot, useTemporaryFolder } from './temporary-folder';

const temporaryFolder = useTemporaryFolder();
const FILE = sha256('weights');
const MORE = [{ path: 'b.bin', sha256: FILE, bytes: 7 }];
/** Half a character, which JSON can write and UTF-8 cannot. */
const LONE = '\ud800';
const ZEROS = new Uint8Array(200_000_000);

/** Imports a file into a new folder and into one that is there; nothing of either may change. */
async function refuse(bytes: Uint8Array): Promise<unknown> {
  const base = temporaryFolder();
  const file = join(base, 'crate.zip');
  writeFileSync(file, bytes);
  mkdirSync(join(base, 'old'));
  writeFileSync(join(base, 'old', 'note.txt'), 'mine');
  const before = snapshot(base);
  const errors: unknown[] = [];
  for (const root of [join(base, 'old'), join(base, 'new', 'deep')])
    await importExperiment({ root, file }).catch((error: unknown) => errors.push(error));
  expect(snapshot(base)).toEqual(before);
  expect(errors).toHaveLength(2);
  expect(errors[0]).toBeInstanceOf(DataError);
  expect(errors[1]).toMatchObject({ code: (errors[0] as DataError).code });
  return errors[0];
}

describe('importExperiment() takes a crate that is right', () => {
  it('so that the ones below are refused for what is wrong with them', async () => {
    const root = temporaryFolder();
    const file = join(temporaryFolder(), 'crate.zip');
    const members = [contentMember(), ...runMembers()];
    writeFileSync(file, crateOf(members, { runs: [runJson()], artifacts: [artifactJson()] }));
    expect(await importExperiment({ root, file })).toEqual({
      runs: [{ runId: 'failed', isNew: true }],
      artifacts: [{ id: 'tokens:1.0.0', isNew: true }],
      keptAliases: [],
    });
    const manager = ArtifactManager.open({ root, rank: 0 });
    const [version] = manager.list();
    expect(await manager.files(version!)).toEqual([{ path: 'a.bin', sha256: FILE, bytes: 7 }]);
  });

  it('also if another program has packed it anew, compressed', async () => {
    const root = temporaryFolder();
    const file = join(temporaryFolder(), 'crate.zip');
    const name = {
      name: `contents/${sha256(ZEROS.subarray(0, 1e6))}`,
      data: ZEROS.subarray(0, 1e6),
    };
    const files = [{ path: 'zeros.bin', sha256: sha256(name.data), bytes: 1e6 }];
    const artifacts = [artifactJson({ files, digest: treeDigest(files) })];
    writeFileSync(file, crateOf([{ ...name, isDeflated: true }], { artifacts }));
    expect(await importExperiment({ root, file })).toMatchObject({ artifacts: [{ isNew: true }] });
  });
});

describe('importExperiment() refuses a member', () => {
  it.each([
    ['that climbs', 'runs/failed/../../../etc/passwd'],
    ['that climbs at once', '../crate.txt'],
    ['with an absolute path', '/absolute/file'],
    ['on a drive', 'C:/file'],
    ['with a stream of Windows', 'runs/failed/a:b'],
    ['with backslashes', 'runs\\failed\\..\\..\\file'],
    ['with a backslash in a run', 'runs/failed/..\\file'],
    ['with a NUL', 'runs/failed/a\0.json'],
    ['with a newline', 'runs/failed/a\nb'],
    ['that is a folder', 'runs/failed/folder/'],
    ['with an empty segment', 'runs/failed//a'],
    ['with a single dot', 'runs/failed/./a'],
    ['that Windows would rename', 'runs/failed/run.json.'],
    ['of a run whose id is none', 'runs/-rf/run.json'],
    ['of a run whose id is a path', 'runs/../run.json'],
    ['of a hidden run', 'runs/.failed.lock/x'],
    ['of a run with a name too long', `runs/${'a'.repeat(101)}/run.json`],
    ['with a segment too long', `runs/failed/${'a'.repeat(256)}`],
    ['with a path too long', `runs/failed/${'abc/'.repeat(300)}d`],
    ['outside all places', 'readme.txt'],
    ['that is a content with no hash for a name', 'contents/model.bin'],
    ['without a name', ''],
    ['whose name is not UTF-8', new Uint8Array([0x72, 0xff, 0xfe])],
  ])('%s', async (_, name) => {
    const error = await refuse(
      crateOf([...runMembers(), { name, data: 'x' }], { runs: [runJson()] }),
    );
    expect(error).toMatchObject({ code: 'CRATE_UNSAFE' });
  });

  it.each<[string, Partial<RawMember>]>([
    ['that is a symbolic link', { unixMode: 0o120777 }],
    ['that is a device', { unixMode: 0o020666 }],
    ['that is a pipe', { unixMode: 0o010666 }],
    ['that is encrypted', { flags: 0x801, isDeflated: true }],
    ['that is packed in another way', { method: 12 }],
  ])('%s', async (_, change) => {
    const [state, figure] = runMembers();
    const members = [state!, { ...figure!, ...change }];
    expect(await refuse(crateOf(members, { runs: [runJson()] }))).toMatchObject({
      code: 'CRATE_UNSAFE',
    });
  });

  it.each([
    ['twice', 'runs/failed/run.json'],
    ['twice but for case', 'runs/failed/RUN.json'],
    ['twice but for case in the run', 'runs/FAILED/run.json'],
    ['twice but for the form of Unicode', 'runs/failed/figures/e\u0301.svg'],
    ['that is a folder of another', 'runs/failed/figures'],
  ])('that is there %s', async (_, name) => {
    const accent = { name: 'runs/failed/figures/\u00e9.svg', data: 'x' };
    const members = [...runMembers(), accent, { name, data: 'x' }];
    expect(await refuse(crateOf(members, { runs: [runJson()] }))).toMatchObject({
      code: 'CRATE_UNSAFE',
    });
  });
});

describe('importExperiment() refuses an expansion', () => {
  it('that is declared', async () => {
    const bomb = { name: `contents/${sha256(ZEROS)}`, data: ZEROS, isDeflated: true };
    expect(await refuse(crateOf([bomb]))).toMatchObject({ code: 'CRATE_UNSAFE' });
  });

  it('that is not declared', async () => {
    const data = ZEROS.subarray(0, 60_000_000);
    const bomb = { name: `contents/${FILE}`, data, isDeflated: true, declaredBytes: 7 };
    const members = [
      { path: 'ro-crate-metadata.json', sha256: sha256('{}'), bytes: 2 },
      { path: `contents/${FILE}`, sha256: FILE, bytes: 7 },
    ];
    expect(await refuse(crateOf([bomb], { members }))).toMatchObject({ code: 'CRATE_DAMAGED' });
  });

  it('of members that lie on each other', async () => {
    const zip = crateOf([contentMember(), ...runMembers()], { runs: [runJson()] });
    const directory = zip.indexOf('PK\x01\x02');
    // Each member of the list claims to have the bytes of the whole file.
    for (let at = directory; at >= 0; at = zip.indexOf('PK\x01\x02', at + 4)) {
      zip.writeUInt32LE(directory, at + 20);
      zip.writeUInt32LE(directory, at + 24);
      zip.writeUInt32LE(0, at + 42);
    }
    expect(await refuse(zip)).toMatchObject({ code: 'CRATE_UNSAFE' });
  });
});

describe('importExperiment() refuses what is broken', () => {
  it.each<[string, Uint8Array]>([
    ['a file without bytes', new Uint8Array(0)],
    ['a text', Buffer.from('not a zip at all, but long enough to be one')],
    ['a zip without its end', crateOf([contentMember()]).subarray(0, -30)],
    ['a zip without its beginning', crateOf([contentMember()]).subarray(100)],
    ['a zip whose end lies', falsified(crateOf([contentMember()]), -6, 0xffff_fff0)],
  ])('%s', async (_, bytes) => {
    const { code } = (await refuse(bytes)) as DataError;
    expect(['CRATE_UNREADABLE', 'CRATE_INCONSISTENT']).toContain(code);
  });

  it('any byte that was changed, wherever it lies', async () => {
    const whole = crateOf([contentMember(), ...runMembers()], {
      runs: [runJson()],
      artifacts: [artifactJson()],
    });
    const base = temporaryFolder();
    const file = join(base, 'crate.zip');
    let refusals = 0;
    for (let at = 3; at < whole.length; at += 97) {
      const root = join(base, String(at));
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 0x21;
      writeFileSync(file, changed);
      const error = await importExperiment({ root, file }).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      if (error === null) {
        // Not every byte matters, such as one of a checksum that a hash stands for; what is imported is whole.
        const manager = ArtifactManager.open({ root, rank: 0 });
        expect(await manager.verify()).toMatchObject({ isIntact: true });
        continue;
      }
      refusals += 1;
      expect(error).toBeInstanceOf(DataError);
      expect(existsSync(root)).toBe(false);
    }
    expect(refusals).toBeGreaterThan(15);
  });

  it('a member whose content has another hash', async () => {
    const bytes = crateOf([contentMember()], { artifacts: [artifactJson()] });
    bytes[bytes.indexOf('weights', bytes.indexOf(`contents/${FILE}weights`))] = 0x57;
    expect(await refuse(bytes)).toMatchObject({ code: 'CRATE_DAMAGED' });
  });

  it('a file that is missing, and a folder', async () => {
    const root = temporaryFolder();
    for (const file of [join(root, 'none.zip'), root])
      await expect(importExperiment({ root, file })).rejects.toBeInstanceOf(DataError);
  });

  it('a zip of another kind', async () => {
    expect(await refuse(rawZip([{ name: 'ro-crate-metadata.json', data: '{}' }]))).toMatchObject({
      code: 'CRATE_INCONSISTENT',
    });
  });
});

describe('importExperiment() refuses an index', () => {
  const members = [contentMember(), ...runMembers()];
  const good = { runs: [runJson()], artifacts: [artifactJson()] };
  const listed = ['ro-crate-metadata.json', ...members.map(({ name }) => String(name))].map(
    (path) => ({
      path,
      sha256: sha256('{}'),
      bytes: 2,
    }),
  );

  it.each<[string, Readonly<Record<string, JsonValue>>]>([
    ['of another version', { crate_version: 2 }],
    ['with a field more', { extra: 1 }],
    ['that leaves a member out', { ...good, members: listed.slice(0, 2) }],
    ['with sizes that differ', { ...good, members: listed }],
    ['whose members are none', { members: 'all' }],
    ['without the run of a file', { artifacts: [artifactJson()] }],
    [
      'with a run that has no files',
      {
        ...good,
        runs: [
          runJson(),
          runJson({ run_id: 'b', run_uuid: '01890a5d-ac96-774b-bcce-b302099a8058' }),
        ],
      },
    ],
    ['with a run twice', { ...good, runs: [runJson(), runJson()] }],
    [
      'with the uuid of another run',
      { ...good, runs: [runJson({ run_uuid: '01890a5d-ac96-774b-bcce-b302099a8059' })] },
    ],
    ['with a uuid that is none', { ...good, runs: [runJson({ run_uuid: '../../x' })] }],
    ['with an artifact twice', { ...good, artifacts: [artifactJson(), artifactJson()] }],
    ['with a name that is a path', { ...good, artifacts: [artifactJson({ name: '../../x' })] }],
    [
      'with a name that is unconventional',
      { ...good, artifacts: [artifactJson({ type: 'dataset' })] },
    ],
    ['with a version that is none', { ...good, artifacts: [artifactJson({ version: 'latest' })] }],
    [
      'with an alias that looks like a version',
      { ...good, artifacts: [artifactJson({ aliases: ['v2'] })] },
    ],
    ['with an alias that is a path', { ...good, artifacts: [artifactJson({ aliases: ['../x'] })] }],
    ['with a digest of other files', { ...good, artifacts: [artifactJson({ digest: FILE })] }],
    [
      'with a file that climbs',
      { ...good, artifacts: [artifactWith([{ path: '../a', sha256: FILE, bytes: 7 }])] },
    ],
    [
      'with a file that is not in the crate',
      { ...good, artifacts: [artifactWith([{ path: 'a', sha256: sha256(''), bytes: 0 }])] },
    ],
    [
      'with a file of another size',
      { ...good, artifacts: [artifactWith([{ path: 'a', sha256: FILE, bytes: 8 }])] },
    ],
    [
      'with a file below a file',
      {
        ...good,
        artifacts: [
          artifactWith([
            { path: 'a', sha256: FILE, bytes: 7 },
            { path: 'a/b', sha256: FILE, bytes: 7 },
          ]),
        ],
      },
    ],
    [
      'with two names that differ only in case',
      {
        ...good,
        artifacts: [
          artifactJson(),
          artifactJson({ name: 'Tokens', version: '2.0.0', digest: treeDigest(MORE), files: MORE }),
        ],
      },
    ],
    ['with a time that is none', { ...good, artifacts: [artifactJson({ created_at: 'x' })] }],
    [
      'with metadata that no JSON of ours can hold',
      { ...good, artifacts: [artifactJson({ metadata: { a: LONE } })] },
    ],
    [
      'with a description of broken Unicode',
      { ...good, artifacts: [artifactJson({ description: LONE })] },
    ],
    [
      'with a file of broken Unicode',
      { ...good, artifacts: [artifactJson({ files: [{ path: LONE, sha256: FILE, bytes: 7 }] })] },
    ],
    ['with a job of broken Unicode', { ...good, runs: [runJson({ job: LONE, status: 'FAILED' })] }],
    [
      'with a parent that no artifact can be',
      {
        ...good,
        artifacts: [artifactJson({ parents: [{ name: LONE, version: '1.0.0', digest: FILE }] })],
      },
    ],
    ['with an artifact without files', { ...good, artifacts: [artifactWith([])] }],
    [
      'with a fact about another artifact',
      {
        ...good,
        runs: [
          runJson({
            used: [
              {
                artifact: { name: 'other', version: '1.0.0', digest: FILE },
                role: null,
                time: '2026-01-01T00:00:00Z',
              },
            ],
          }),
        ],
      },
    ],
    [
      'with a fact about other content',
      {
        ...good,
        runs: [
          runJson({
            produced: [
              {
                artifact: { name: 'tokens', version: '1.0.0', digest: FILE },
                role: null,
                time: '2026-01-01T00:00:00Z',
              },
            ],
          }),
        ],
      },
    ],
    [
      'that leaves out what no run may',
      { ...good, runs: [runJson({ left_out: ['manifest.json'] })] },
    ],
    ['with a fact that is none', { ...good, runs: [runJson({ used: [{ artifact: 'tokens' }] })] }],
  ])('%s', async (_, overrides) => {
    // prettier-ignore
    expect(await refuse(crateOf(members, overrides))).toMatchObject({ code: 'CRATE_INCONSISTENT' });
  });

  it.each([
    ['that is no JSON', '{"crate_version":1,'],
    ['that nests too deep', `{"crate_version":1,"members":${'['.repeat(100_000)}`],
    ['that nests deep in metadata', JSON.stringify({ crate_version: 1, members: [], runs: [], artifacts: [{}] }).replace('{}', `{"metadata":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`)], // prettier-ignore
    ['that is not UTF-8', new Uint8Array([0x7b, 0xff, 0x7d])],
  ])('%s', async (_, data) => {
    const zip = rawZip([{ name: 'pixelis-crate.json', data }]);
    expect(await refuse(zip)).toMatchObject({ code: 'CRATE_INCONSISTENT' });
  });

  it('with a complete run that was changed', async () => {
    const changed = [{ name: 'runs/failed/manifest.json', data: '{"run_id":"failed"}' }];
    expect(await refuse(crateOf(changed, { runs: [runJson()] }))).toMatchObject({
      code: 'CRATE_INCONSISTENT',
    });
  });
});

describe('importExperiment() meets a link in the output folder', () => {
  it('and does not write through it', async () => {
    const base = temporaryFolder();
    const [root, outside] = [join(base, 'out'), join(base, 'outside')];
    mkdirSync(join(root, 'runs'), { recursive: true });
    mkdirSync(outside);
    symlinkSync(outside, join(root, 'runs', 'failed'));
    const file = join(base, 'crate.zip');
    writeFileSync(file, crateOf(runMembers(), { runs: [runJson()] }));
    await expect(importExperiment({ root, file })).rejects.toMatchObject({ code: 'RUN_ID_TAKEN' });
    expect(snapshot(outside)).toEqual({});
  });
});

function artifactWith(files: { path: string; sha256: string; bytes: number }[]): JsonValue {
  return artifactJson({ files, digest: treeDigest(files) });
}

function falsified(zip: Buffer, at: number, value: number): Buffer {
  zip.writeUInt32LE(value, zip.length + at);
  return zip;
}
