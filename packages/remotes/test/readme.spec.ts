import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { listRuns, validateManifest } from '@pixelis/artifacts';
import { completeExample } from './example-run';
import { useTemporaryFolder } from './temporary-folder';

interface Example {
  backUp(root: string, folder: string): Promise<void>;
  restore(root: string, folder: string): Promise<void>;
}

const temporaryFolder = useTemporaryFolder();

describe('README.md', () => {
  it('its example backs an output folder up and restores it', async () => {
    const log = jest.spyOn(console, 'log').mockImplementation();
    const [root, other] = [temporaryFolder(), temporaryFolder()];
    const folder = join(temporaryFolder(), 'disk');
    await completeExample(root, 'one');
    const example = jest.requireActual<Example>('../README.md');
    await example.backUp(root, folder);
    expect(log.mock.calls).toEqual([
      ['one', 'synced', ''],
      ['one', 'synced', ''],
    ]);
    log.mockRestore();
    await example.restore(other, folder);
    const [run] = listRuns(other);
    expect(run).toMatchObject({ runId: 'one', status: 'COMPLETED' });
    expect(await validateManifest(run!.directory)).toEqual([]);
    expect(readdirSync(join(`${folder}-wandb`, 'wandb'))).toHaveLength(1);
  });
});
