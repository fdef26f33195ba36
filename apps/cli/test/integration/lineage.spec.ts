import { readFileSync, rmSync } from 'node:fs';
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

describe('pixelis lineage show', () => {
  it('shows what an artifact came from and what it led to', async () => {
    const { code, stdout } = await runPixelis(['lineage', 'show', 'model-cats:latest'], { cwd });
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual([
      'model-cats:v1',
      '└─ made by run a-train "baseline" (train, COMPLETED)',
      '   └─ used as train_data dataset-cats-v1:v1 (external)',
      '',
      'led to',
      'model-cats:v1',
      '└─ used by as model run b-evaluate (evaluate, COMPLETED)',
      '   └─ made eval-model-cats-on-dataset-cats-v1:v1',
    ]);
  });

  it('goes no further than --depth', async () => {
    const args = ['lineage', 'show', 'latest', '--depth', '1'];
    const { stdout } = await runPixelis(args, { cwd });
    expect(stdout).not.toContain('a-train');
    const all = jsonOf(await runPixelis(['lineage', 'show', 'latest', '--json'], { cwd }));
    const near = jsonOf(await runPixelis([...args, '--json'], { cwd }));
    expect(all).toMatchObject({ node: { run_id: 'b-evaluate' }, ancestors: { length: 3 } });
    expect(near).toMatchObject({ ancestors: { length: 1 } });
  });

  it('shows the way between two, and that there is none', async () => {
    const way = ['lineage', 'show', 'dataset-cats-v1', '--to', 'b-evaluate'];
    const { stdout } = await runPixelis(way, { cwd });
    expect(stdout).toMatch(
      /^dataset-cats-v1:v1 \(external\)\n→ model-cats:v1\n→ run b-evaluate .*\n$/,
    );
    const back = ['lineage', 'show', 'b-evaluate', '--to', 'dataset-cats-v1'];
    expect(await runPixelis(back, { cwd })).toMatchObject({
      code: 0,
      stdout: 'nothing leads from b-evaluate to dataset-cats-v1\n',
    });
    expect(jsonOf(await runPixelis([...back, '--json'], { cwd }))).toBeNull();
  });
});

describe('pixelis lineage validate', () => {
  it('finds a recorded lineage valid', async () => {
    const { code, stdout } = await runPixelis(['lineage', 'validate'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^valid: 6 nodes, \d+ edges$/m);
    const found = jsonOf(await runPixelis(['lineage', 'validate', '--json'], { cwd }));
    expect(found).toMatchObject({ is_valid: true, node_count: 6 });
  });

  it('ends with 5 where something that was used is not there, which show says too', async () => {
    const copy = copyRuns(cwd, temporaryFolder());
    const artifacts = join(copy, 'out', 'store', 'v1', 'artifacts');
    rmSync(join(artifacts, 'dataset-cats-v1'), { recursive: true });
    const { code, stdout } = await runPixelis(['lineage', 'validate'], { cwd: copy });
    expect(code).toBe(5);
    expect(stdout).toMatch(/^error \(missing\w*\): .*dataset-cats-v1/m);
    expect(stdout).toMatch(/^invalid: \d+ nodes, /m);
    const json = await runPixelis(['lineage', 'validate', '--json'], { cwd: copy });
    expect(jsonOf(json)).toMatchObject({ is_valid: false });
    const shown = await runPixelis(['lineage', 'show', 'a-train'], { cwd: copy });
    expect(shown.stdout).toMatch(/used as train_data dataset-cats-v1:1\.0\.0 \(missing\)/);
  });
});

describe('pixelis lineage export', () => {
  it.each([
    ['dot', /^digraph /],
    ['mermaid', /^flowchart LR\n/],
    ['json', /^\{/],
    ['openlineage', /^[[{]/],
    ['prov', /^\{/],
    ['ro-crate', /"@context"/],
    ['ml-bom', /"CycloneDX"/],
  ])('writes %s, on stdout or into a file, the same each time', async (format, looks) => {
    const args = ['lineage', 'export', '--format', format];
    const { code, stdout } = await runPixelis(args, { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(looks);
    expect(stdout).toContain('model-cats');
    const folder = temporaryFolder();
    const file = join(folder, 'lineage');
    const written = jsonOf(await runPixelis([...args, '--output', file, '--json'], { cwd }));
    expect(written).toEqual({ file, format });
    expect(readFileSync(file, 'utf8').trimEnd()).toBe(stdout.trimEnd());
  });

  it('exports only what belongs to a node', async () => {
    const { stdout } = await runPixelis(['lineage', 'export', 'model-cats'], { cwd });
    expect(stdout).not.toContain('c-failed');
    expect(stdout).toContain('dataset-cats-v1');
  });

  it('writes the provenance of one run', async () => {
    const args = ['lineage', 'export', 'a-train', '--format', 'slsa', '--json'];
    const { text } = jsonOf(await runPixelis(args, { cwd })) as { text: string };
    expect(JSON.parse(text)).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      subject: expect.arrayContaining([
        expect.objectContaining({ name: 'model-cats:1.0.0/model.bin' }),
      ]) as unknown[],
    });
  });

  it('changes nothing in the store', async () => {
    const before = folderState(cwd);
    await runPixelis(['lineage', 'export', '--format', 'json'], { cwd });
    expect(folderState(cwd)).toEqual(before);
  });
});
