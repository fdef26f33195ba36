import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { jsonOf } from '../support/expect-json';
import { recordRuns } from '../support/record-runs';
import { runPixelis } from '../support/run-pixelis';
import { useTemporaryFolder } from '../support/temporary-folder';

const temporaryFolder = useTemporaryFolder();
const cwd = temporaryFolder();

beforeAll(async () => {
  await recordRuns(cwd);
});

describe('pixelis export and import', () => {
  it('move a run with all that it came from to another path, where it is as valid', async () => {
    const exported = await runPixelis(['export', 'latest', '--file', 'all.zip'], { cwd });
    expect(exported.code).toBe(0);
    expect(exported.stdout).toMatch(/^all\.zip: 2 runs, 3 artifacts, \d.* kB$/m);
    const elsewhere = temporaryFolder();
    const file = join(cwd, 'all.zip');
    const imported = await runPixelis(['import', file], { cwd: elsewhere });
    expect(imported.stdout).toBe('2 of 2 runs and 3 of 3 artifacts are new in out\n');
    const again = jsonOf(await runPixelis(['import', file, '--json'], { cwd: elsewhere }));
    expect(again).toMatchObject({ runs: [{ is_new: false }, { is_new: false }] });
    for (const check of ['runs audit', 'artifacts verify', 'lineage validate'])
      expect(await runPixelis(check.split(' '), { cwd: elsewhere })).toMatchObject({ code: 0 });
    const here = await runPixelis(['lineage', 'show', 'b-evaluate'], { cwd });
    const there = await runPixelis(['lineage', 'show', 'b-evaluate'], { cwd: elsewhere });
    expect(there.stdout).toBe(here.stdout);
  });

  it('take an artifact alone, without what it came from', async () => {
    const args = ['export', '--artifact', 'model-cats', '--without-ancestors', '--file', 'one.zip'];
    const exported = jsonOf(await runPixelis([...args, '--json'], { cwd }));
    expect(exported).toMatchObject({ runs: [], artifacts: { length: 1 } });
  });

  it('refuse a damaged file, and leave no trace of it', async () => {
    await runPixelis(['export', 'a-train', '--file', 'whole.zip'], { cwd });
    const bytes = readFileSync(join(cwd, 'whole.zip'));
    const at = bytes.indexOf('the weights of a model');
    const elsewhere = temporaryFolder();
    const damaged = Buffer.from(bytes);
    if (at >= 0) damaged[at] = (damaged[at] ?? 0) ^ 1;
    else damaged.fill(0, 200, 260);
    writeFileSync(join(elsewhere, 'damaged.zip'), damaged);
    writeFileSync(join(elsewhere, 'short.zip'), bytes.subarray(0, bytes.length / 2));
    for (const name of ['damaged.zip', 'short.zip']) {
      const ending = await runPixelis(['import', name], { cwd: elsewhere });
      expect([4, 5]).toContain(ending.code);
      expect(ending.stderr).toMatch(/^error: .+\nremedy: .+\n$/);
    }
    const versions = await runPixelis(['artifacts', 'list', '--json'], { cwd: elsewhere });
    if (versions.code === 0) expect(JSON.parse(versions.stdout)).toEqual([]);
    expect(existsSync(join(elsewhere, 'out', 'runs', 'a-train'))).toBe(false);
  });
});

describe('pixelis sync', () => {
  it('brings all to a folder, nothing twice, and back', async () => {
    const backup = join(temporaryFolder(), 'backup');
    const first = await runPixelis(['sync', '--to', `file:${backup}`], { cwd });
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/^[1-9]\d* synced, \d+ unchanged, 0 failed$/m);
    const again = await runPixelis(['sync', '--to', `file:${backup}`, '--json'], { cwd });
    expect(again.code).toBe(0);
    const reports = jsonOf({ ...again, stderr: '' }) as { status: string }[];
    expect(new Set(reports.map(({ status }) => status))).toEqual(new Set(['unchanged']));

    const elsewhere = temporaryFolder();
    const pulled = await runPixelis(['sync', '--from', `file:${backup}`], { cwd: elsewhere });
    expect(pulled.code).toBe(0);
    expect(pulled.stdout).toMatch(/^[1-9]\d* contents?, .* brought; 0 were here$/m);
    expect(readdirSync(join(elsewhere, 'out', 'runs')).sort()).toEqual(
      expect.arrayContaining(['a-train', 'b-evaluate']),
    );
    for (const check of ['runs audit', 'artifacts verify', 'lineage validate'])
      expect(await runPixelis(check.split(' '), { cwd: elsewhere })).toMatchObject({ code: 0 });
  });

  it('writes runs for Weights & Biases', async () => {
    const folder = temporaryFolder();
    const { code, stdout } = await runPixelis(['sync', 'a-train', '--to', `wandb:${folder}`], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^1 synced/);
    expect(readdirSync(folder, { recursive: true }).join('\n')).toMatch(/\.wandb$/m);
  }); // prettier-ignore

  it('ends with 6 where a remote cannot be reached, and says what to do', async () => {
    const port = await unusedPort();
    const remote = `mlflow:http://127.0.0.1:${port}`;
    const { code, stderr } = await runPixelis(['sync', 'a-train', '--to', remote], { cwd });
    expect(code).toBe(6);
    expect(stderr).toMatch(/error: Cannot reach http:\/\/127\.0\.0\.1.*\nremedy: .+\n$/);
  });
});

// Helpers

/** A port on which nobody listens. */
function unusedPort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new Error('There is no port'));
    });
  });
}
