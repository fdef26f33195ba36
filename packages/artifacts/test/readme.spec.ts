import { sha256 } from '@pixelis/core';
import { auditRuns, listRuns } from '../src/index';
import { useTemporaryFolder } from './temporary-folder';

interface Example {
  train(root: string): Promise<void>;
}

const temporaryFolder = useTemporaryFolder();

describe('README.md', () => {
  it('its example makes a run that is complete and valid', async () => {
    const log = jest.spyOn(console, 'log').mockImplementation();
    const root = temporaryFolder();
    await jest.requireActual<Example>('../README.md').train(root);
    expect(log).toHaveBeenCalledWith({
      'loss/train': 1 / 3,
      weights_sha256: sha256(new Uint8Array(8)),
    });
    log.mockRestore();
    expect(listRuns(root, { tags: { exp_name: 'first-try' } })).toMatchObject([
      { status: 'COMPLETED' },
    ]);
    expect(await auditRuns(root)).toMatchObject([{ isIntact: true }]);
  });
});
