import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { importExperiment, exportExperiment } from '../../src/index';
import { makeExperiment } from '../example-experiment';
import { snapshot, useTemporaryFolder } from '../temporary-folder';

const PYTHON = join(process.env['PIXELIS_SERVICES'] ?? '', 'standards', 'bin', 'python');
/** Prints what roc-validator says of the crate in a folder or a zip. */
const VALIDATOR = join(__dirname, '../../../lineage/test/services/read_ro_crate.py');
const LICENSE = 'https://creativecommons.org/licenses/by/4.0/';

const temporaryFolder = useTemporaryFolder();

let root = '';
let file = '';

beforeAll(async () => {
  root = temporaryFolder();
  await makeExperiment(root);
  file = join(temporaryFolder(), 'experiment.zip');
  const publisher = { name: 'Example University', id: 'https://ror.org/03f0f6041' };
  const options = { root, file, runIds: ['evaluation'], license: LICENSE, publisher };
  await exportExperiment({ ...options, name: 'Digits', description: 'Digits, and how well' });
});

describe('exportExperiment()', () => {
  it.each(['ro-crate-1.2', 'process-run-crate-0.5'])(
    'writes a crate that roc-validator finds to be one of %s, as a zip and unpacked',
    async (profile) => {
      const folder = join(temporaryFolder(), 'unpacked');
      mkdirSync(folder);
      await python('-m', 'zipfile', '-e', file, folder);
      for (const crate of [file, folder]) {
        const { checks, issues } = JSON.parse(
          await python(VALIDATOR, crate, profile, 'REQUIRED'),
        ) as { checks: number; issues: string[] };
        expect(checks).toBeGreaterThan(3);
        expect(issues).toEqual([]);
      }
    },
  );

  it('writes a zip that Python finds no fault with, and whose repacking can be imported', async () => {
    expect(await python('-m', 'zipfile', '-t', file)).toContain('Done testing');
    const other = join(temporaryFolder(), 'repacked.zip');
    const script = [
      'import sys, zipfile',
      'source, target = (zipfile.ZipFile(name, mode, zipfile.ZIP_DEFLATED) for name, mode in zip(sys.argv[1:], "rw"))',
      'for name in reversed(source.namelist()): target.writestr(name, source.read(name))',
      'target.close()',
    ];
    await python('-c', script.join('\n'), file, other);
    const [here, there] = [temporaryFolder(), temporaryFolder()];
    await importExperiment({ root: here, file });
    await importExperiment({ root: there, file: other });
    expect(snapshot(join(there, 'runs'))).toEqual(snapshot(join(here, 'runs')));
  });
});

async function python(...args: string[]): Promise<string> {
  const env = { ...process.env, PYTHONUTF8: '1' };
  return (await promisify(execFile)(PYTHON, args, { env })).stdout;
}
