import { sha256 } from '@pixelis/core';
import { listRuns, type ManifestFacts } from '../src/index';
import { FACTS } from './example-run';
import { useTemporaryFolder } from './temporary-folder';

interface Example {
  train(root: string, facts: ManifestFacts): Promise<void>;
}

const temporaryFolder = useTemporaryFolder();

describe('README.md', () => {
  it('its example makes a run that is complete and valid', async () => {
    const log = jest.spyOn(console, 'log').mockImplementation();
    const root = temporaryFolder();
    await jest.requireActual<Example>('../README.md').train(root, FACTS);
    expect(log).toHaveBeenCalledWith(sha256(new Uint8Array(8)), []);
    log.mockRestore();
    expect(listRuns(root)).toMatchObject([{ status: 'COMPLETED' }]);
  });
});
