import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArtifactManager } from '@pixelis/artifacts';
import { quiet } from '../../test/quiet-options';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { withExperiment } from '../context/with-experiment';
import { trackArtifacts, trackedInput } from './track-artifacts';

const temporaryFolder = useTemporaryFolder();

describe('trackArtifacts()', () => {
  it('resolves inputs before the call, and records outputs from the value after it', async () => {
    const root = temporaryFolder();
    const artifacts = ArtifactManager.open({ root });
    await artifacts.put('dataset-a-1', { 'data.bin': new Uint8Array([3]) });
    const file = join(root, 'weights.bin');
    const train = trackArtifacts({
      inputs: { train_data: 'dataset-a-1:latest' },
      outputs: {
        weights: { name: 'model-a', aliases: ['best'], metadata: { steps: 1 } },
        log: 'log-a',
        report: 'report-a',
      },
    })(async () => {
      const data = await trackedInput('train_data').readBytes('data.bin');
      writeFileSync(file, data);
      return { weights: file, log: data, report: { 'a/b.txt': data, 'c.bin': { file } }, loss: 1 };
    });
    const { value, run } = await withExperiment(quiet(root), async (context) => ({
      value: await train(),
      run: context.reference,
    }));
    expect(value.loss).toBe(1);
    const [dataset, model] = [artifacts.resolve('dataset-a-1'), artifacts.resolve('model-a:best')];
    expect(model).toMatchObject({ type: 'model', producer: run, metadata: { steps: 1 } });
    expect(model.parents.map(({ digest }) => digest)).toEqual([dataset.digest]);
    const files = async (name: string) =>
      (await artifacts.files(artifacts.resolve(name))).map(({ path }) => path);
    expect(await files('model-a')).toEqual(['weights.bin']);
    expect(await files('log-a')).toEqual(['log']);
    expect(await files('report-a')).toEqual(['a/b.txt', 'c.bin']);
    expect(artifacts.runFacts()).toMatchObject([{ run, used: [{ role: 'train_data' }] }]);
  });

  it('calls nothing if an input is unknown', async () => {
    const called = jest.fn(async () => Promise.resolve());
    const wrapped = trackArtifacts({ inputs: { data: 'dataset-none-1' } })(called);
    await expect(withExperiment(quiet(temporaryFolder()), () => wrapped())).rejects.toMatchObject({
      code: 'ARTIFACT_UNKNOWN',
    });
    expect(called).not.toHaveBeenCalled();
  });

  it.each([[null], [{}], [{ weights: 5 }], [{ weights: { 'a.bin': 5 } }]])(
    'refuses the value %j, which lacks its output',
    async (value) => {
      const plain = async () => Promise.resolve(value as unknown as { weights: Uint8Array });
      const wrapped = trackArtifacts({ outputs: { weights: 'model-a' } })(plain);
      await expect(withExperiment(quiet(temporaryFolder()), () => wrapped())).rejects.toThrow(
        'Cannot record the output "weights"',
      );
    },
  );

  it('refuses a call outside of an experiment', async () => {
    const wrapped = trackArtifacts({})(async () => Promise.resolve(1));
    await expect(wrapped()).rejects.toThrow('no experiment is open');
    expect(() => trackedInput('data')).toThrow('trackArtifacts names none');
  });
});
