import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { completeExample, openExample } from '../../test/example-run';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { thrownBy } from '../../test/thrown-by';
import { runNodes } from '../catalog/run-nodes';
import { auditRun, auditRuns } from './audit-run';
import { compareRuns } from './compare-runs';
import { listRuns } from './list-runs';
import { parseManifest, readManifest, readManifestLeniently } from './read-manifest';
import { readRunOutcome } from './run-outcome';
import { showRun } from './show-run';

const temporaryFolder = useTemporaryFolder();
const LATER = {
  code: 'MANIFEST_VERSION_LATER',
  message: expect.stringMatching(/manifest\.json is of version 2/) as string,
  remedy: 'Update Pixelis: a later one wrote it.',
};
let root: string;

beforeAll(async () => {
  root = temporaryFolder();
  await completeExample(root, 'a');
});

/** An output folder with a run `a` of this version and a run `later` that a later Pixelis completed. */
function withLaterRun(): string {
  const folder = join(temporaryFolder(), 'out');
  cpSync(root, folder, { recursive: true });
  const later = join(folder, 'runs', 'later');
  cpSync(join(folder, 'runs', 'a'), later, { recursive: true });
  const path = join(later, 'manifest.json');
  const text = readFileSync(path, 'utf8').replace('"manifest_version": 1', '"manifest_version": 2');
  writeFileSync(path, text.replace('"run_id": "a"', '"run_id": "later", "new_field": {}'));
  return folder;
}

describe('readManifest', () => {
  it('readManifest() reads it by its path or its folder', () => {
    const folder = join(root, 'runs', 'a');
    expect(readManifest(folder)).toMatchObject({ run_id: 'a', seed: 42 });
    expect(readManifest(join(folder, 'manifest.json'))).toEqual(readManifest(folder));
  });

  it('readManifest() names all that is wrong, and what is missing', () => {
    const path = join(temporaryFolder(), 'manifest.json');
    expect(thrownBy(() => readManifest(path))).toMatchObject({ exitCode: 4 });
    writeFileSync(path, '{"manifest_version": 1, "seed": -1}');
    expect(thrownBy(() => readManifest(path))).toMatchObject({
      code: 'MANIFEST_BROKEN',
      message: expect.stringMatching(/seed: .*; git: /) as string,
    });
  });

  it.each(['[]', 'null', '1', '{', '', '\uFEFF{}'])(
    'readManifest() refuses the text %j',
    (text) => {
      expect(thrownBy(() => parseManifest(text, 'm'))).toMatchObject({ code: 'MANIFEST_BROKEN' });
    },
  );

  it('parseManifest() refuses the key __proto__, which would be lost unseen', () => {
    const text = readFileSync(join(root, 'runs', 'a', 'manifest.json'), 'utf8');
    const changed = text.replace('"files": {', '"files": {"__proto__": {"sha256": 1},');
    expect(() => parseManifest(changed, 'm')).toThrow(/files\.__proto__: is no key/);
  });
});

describe('a manifest of a later version', () => {
  it('readManifest(), showRun(), compareRuns() and readRunOutcome() say to update Pixelis', () => {
    const out = withLaterRun();
    const directory = join(out, 'runs', 'later');
    expect(thrownBy(() => readManifest(directory))).toMatchObject(LATER);
    expect(thrownBy(() => showRun(out, 'later'))).toMatchObject(LATER);
    expect(thrownBy(() => compareRuns(out, ['a', 'later']))).toMatchObject(LATER);
    expect(thrownBy(() => readRunOutcome(directory))).toMatchObject(LATER);
  });

  it('auditRun() says to update Pixelis, and auditRuns() audits the others all the same', async () => {
    const out = withLaterRun();
    await expect(auditRun(join(out, 'runs', 'later'))).rejects.toMatchObject(LATER);
    expect(await auditRuns(out)).toMatchObject([
      { runId: 'a', isIntact: true },
      {
        runId: 'later',
        isIntact: false,
        events: { count: 2 },
        problems: [],
        limits: [{ code: 'MANIFEST_VERSION_LATER', message: LATER.message }],
      },
    ]);
  });

  it('listRuns() has that run as complete, with the time at which it was created, and its results match nothing', () => {
    const out = withLaterRun();
    expect(listRuns(out)).toMatchObject([
      { runId: 'later', status: 'COMPLETED', createdAt: expect.stringMatching(/Z$/) as string },
      { runId: 'a' },
    ]);
    expect(listRuns(out, { metrics: ['loss/val=0.2'] }).map(({ runId }) => runId)).toEqual(['a']);
  });

  it('runNodes() leaves that run out and has the others', () => {
    expect(runNodes(withLaterRun(), [], []).map(({ runId }) => runId)).toEqual(['a']);
  });

  it('openRun() leaves that run alone', () => {
    const out = withLaterRun();
    const run = openExample(out, { runId: 'next' });
    run.fail(new Error('end'));
    expect(thrownBy(() => openExample(out, { runId: 'later' }))).toMatchObject({
      code: 'RUN_COMPLETE',
    });
  });
});

describe('readManifestLeniently', () => {
  it('readManifestLeniently() is null for what is missing or no JSON object', () => {
    const folder = temporaryFolder();
    expect(readManifestLeniently(folder)).toBeNull();
    for (const text of ['[]', '{', '7']) {
      writeFileSync(join(folder, 'manifest.json'), text);
      expect(readManifestLeniently(folder)).toBeNull();
    }
    rmSync(join(folder, 'manifest.json'));
    mkdirSync(join(folder, 'manifest.json'));
    expect(readManifestLeniently(folder)).toBeNull();
  });

  it('readManifestLeniently() gives what a manifest says though a field is wrong', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'manifest.json'), '{"manifest_version": 1, "seed": "x"}');
    expect(readManifestLeniently(folder)).toEqual({ manifest_version: 1, seed: 'x' });
  });
});
