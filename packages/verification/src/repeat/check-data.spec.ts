import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@pixelis/core';
import { recordTraining } from '../../test/support/record-training';
import { useTemporaryFolder } from '../../test/support/temporary-folder';
import { readRunRecord } from '../record/run-record';
import { checkData } from './check-data';

const temporaryFolder = useTemporaryFolder();
const CONTENT = new Uint8Array([1, 2, 3]);

describe('checkData()', () => {
  it('hashes the files in the recorded folder', async () => {
    const folder = dataFolder(CONTENT);
    const record = await recordOf({ data: { directory: folder } });
    expect(await checkData(record, {})).toMatchObject({ status: 'equal' });
  });

  it('takes the default folder where none is recorded, and another one where it is told so', async () => {
    const [folder, elsewhere] = [dataFolder(CONTENT), dataFolder(new Uint8Array([1, 2, 2]))];
    const record = await recordOf({ data: { directory: null } });
    expect(await checkData(record, { defaultDataDirectory: folder })).toMatchObject({
      status: 'equal',
    });
    const options = { defaultDataDirectory: folder, dataDirectory: elsewhere };
    expect(await checkData(record, options)).toMatchObject({
      status: 'differs',
      differences: [{ path: 'digits.bin', a: sha256(CONTENT) }],
    });
  });

  it('says that a file is missing', async () => {
    const record = await recordOf({ data: { directory: temporaryFolder() } });
    await expect(checkData(record, {})).rejects.toMatchObject({
      code: 'DATA_FILE_MISSING',
      exitCode: 4,
    });
  });

  it('says that the files are not on this machine, where no folder is known', async () => {
    const record = await recordOf({ data: { directory: null } });
    await expect(checkData(record, {})).rejects.toMatchObject({
      code: 'DATA_FOLDER_MISSING',
      exitCode: 4,
      message: expect.stringMatching(
        /^The data files of digits 1 are not on this machine/,
      ) as string,
      remedy: expect.stringContaining('--data-directory') as string,
    });
  });

  it('knows nothing where the record names no files, nor data', async () => {
    const config = { data: { directory: dataFolder(CONTENT) } };
    const unnamed = await recordOf(config, {});
    expect(await checkData(unnamed, {})).toMatchObject({ status: 'unknown' });
    expect(await checkData(await recordOf(config, null), {})).toMatchObject({ status: 'unknown' });
  });
});

// Helpers

function dataFolder(content: Uint8Array): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'digits.bin'), content);
  return folder;
}

async function recordOf(
  config: { data?: { directory: string | null } },
  hashes: Readonly<Record<string, string>> | null = { 'digits.bin': sha256(CONTENT) },
) {
  const folder = await recordTraining({
    root: temporaryFolder(),
    runId: 'a',
    config,
    facts: {
      dataset: hashes === null ? null : { name: 'digits', version: '1', split: 'train', hashes },
    },
  });
  return readRunRecord(folder);
}
