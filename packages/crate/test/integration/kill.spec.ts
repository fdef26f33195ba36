import { execFile } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ArtifactManager, LineageTracker, listRuns, validateManifest } from '@pixelis/artifacts';
import { exportExperiment, importExperiment } from '../../src/index';
import { makeExperiment } from '../example-experiment';
import { snapshot, useTemporaryFolder } from '../temporary-folder';

/** `PIXELIS_KILLS=300 npx jest …` for the large run. */
const KILLS = Number(process.env.PIXELIS_KILLS ?? 8);

const temporaryFolder = useTemporaryFolder();

describe('importExperiment()', () => {
  it(`stays sound and can be repeated when it is killed, ${KILLS} times at random steps`, async () => {
    const root = temporaryFolder();
    const { manager } = await makeExperiment(root);
    for (let index = 0; index < 5; index++)
      await manager.put('tokens', { 'a.bin': randomBytes(200_000), 'b.bin': randomBytes(1000) });
    const file = join(temporaryFolder(), 'experiment.zip');
    const artifacts = ['v1', 'v2', 'v3', 'v4', 'v5'].map((version) => `tokens:${version}`);
    await exportExperiment({ root, file, runIds: ['evaluation'], artifacts });
    const steps = Number(await importInAnother(temporaryFolder(), file));
    expect(steps).toBeGreaterThan(100);

    let other = temporaryFolder();
    let deaths = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const printed = await importInAnother(other, file, randomInt(1, steps));
      await expectSound(other);
      if (printed === null) deaths += 1;
      else other = temporaryFolder();
    }
    expect(deaths).toBeGreaterThan(0);
    await importExperiment({ root: other, file });
    await expectSound(other);
    expect(await edgesOf(other)).toEqual(await edgesOf(root));
    expect(readdirSync(other).sort()).toEqual(['runs', 'store']);
    const whole = snapshot(other);
    await importExperiment({ root: other, file });
    expect(snapshot(other)).toEqual(whole);
  }, 600_000);
});

/** What the importer printed; null if it was killed. */
async function importInAnother(
  root: string,
  file: string,
  killAt?: number,
): Promise<string | null> {
  const args = [join(__dirname, 'importer.cjs'), root, file];
  try {
    const all = killAt === undefined ? args : [...args, String(killAt)];
    return (await promisify(execFile)(process.execPath, all)).stdout;
  } catch (error) {
    expect(error).toMatchObject({ signal: 'SIGKILL', stderr: '' });
    return null;
  }
}

async function expectSound(root: string): Promise<void> {
  const manager = ArtifactManager.open({ root, rank: 0 });
  expect(await manager.verify({ isRepairing: false })).toMatchObject({
    isIntact: true,
    hurt: [],
    histories: [],
    logs: [],
  });
  for (const { directory } of listRuns(root)) {
    const problems = await validateManifest(directory);
    expect(problems.filter(({ path }) => path !== 'environment.diff')).toEqual([]);
  }
}

async function edgesOf(root: string): Promise<unknown> {
  return (await new LineageTracker(ArtifactManager.open({ root, rank: 0 })).graph()).edges;
}
