import { ArtifactManager, LineageTracker } from '@pixelis/artifacts';
import { quiet } from '../../test/quiet-options';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { DATASET_CARD_FILE, useDataset } from './use-dataset';
import { withExperiment } from './with-experiment';

const temporaryFolder = useTemporaryFolder();

const digits = {
  name: 'digits',
  version: '2',
  source: 'Written by hand',
  licence: 'CC0',
  hashes: { 'digits.bin': 'a'.repeat(64) },
};
const tasks = { ...digits, name: 'tasks', source: 'Made of digits' };

describe('useDataset()', () => {
  it('useDataset() records the card as an artifact that the run used', async () => {
    const root = temporaryFolder();
    const used = await withExperiment(quiet(root), (run) =>
      useDataset(run, digits, { role: 'train_data' }),
    );
    expect(used).toMatchObject({ name: 'dataset-digits-2', version: '1.0.0', isExternal: true });
    const card: unknown = JSON.parse(
      new TextDecoder().decode(await used.readBytes(DATASET_CARD_FILE)),
    );
    expect(card).toEqual(digits);
    expect(ArtifactManager.open({ root }).runFacts()).toMatchObject([
      { used: [{ role: 'train_data', artifact: { name: 'dataset-digits-2' } }] },
    ]);
  });

  it('useDataset() records what it was made from', async () => {
    const root = temporaryFolder();
    await withExperiment(quiet(root), (run) =>
      useDataset(run, tasks, { role: 'test_data', madeFrom: digits }),
    );
    const graph = await new LineageTracker(ArtifactManager.open({ root })).graph();
    expect(graph.validate()).toEqual([]);
    expect(graph.ancestors('dataset-tasks-2:1.0.0').map(({ id }) => id)).toEqual([
      'dataset-digits-2:1.0.0',
    ]);
  });

  it('useDataset() records whatever the rank of the process in its job', async () => {
    const root = temporaryFolder();
    process.env['RANK'] = '1';
    try {
      await withExperiment(quiet(root), (run) => useDataset(run, digits, { role: 'train_data' }));
    } finally {
      delete process.env['RANK'];
    }
    expect(ArtifactManager.open({ root }).list()).toHaveLength(1);
    expect(ArtifactManager.open({ root }).runFacts()).toMatchObject([{ status: 'COMPLETED' }]);
  });

  it('useDataset() makes one version of equal cards, and another of other data', async () => {
    const root = temporaryFolder();
    const versions: string[] = [];
    for (const hash of ['a', 'a', 'b']) {
      const hashes = { 'digits.bin': hash.repeat(64) };
      const { version } = await withExperiment(quiet(root), (run) =>
        useDataset(run, { ...digits, hashes }, { role: 'train_data' }),
      );
      versions.push(version);
    }
    expect(versions).toEqual(['1.0.0', '1.0.0', '2.0.0']);
  });
});
