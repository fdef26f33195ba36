import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactManager } from '@pixelis/artifacts';
import { runCommandLine } from '../run-command-line';

const base = mkdtempSync(join(tmpdir(), 'pixelis-cli-put-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const { SLURM_PROCID: known } = process.env;
afterEach(() => {
  if (known === undefined) delete process.env['SLURM_PROCID'];
  else process.env['SLURM_PROCID'] = known;
});

describe('pixelis artifacts put, alias and rollback', () => {
  it('record what they say in any process of a job, not only in that of rank 0', async () => {
    process.env['SLURM_PROCID'] = '3';
    const [file, root] = [join(base, 'x.txt'), join(base, 'out')];
    const said = (...argv: string[]) => runQuietly([...argv, '--out', root]);
    writeFileSync(file, 'one');
    await said('artifacts', 'put', 'thing', file);
    writeFileSync(file, 'two');
    await said('artifacts', 'put', 'thing', file);
    await said('artifacts', 'alias', 'thing', 'best', 'v2');
    await said('artifacts', 'rollback', 'thing', 'v1', '--alias', 'best');
    expect(
      ArtifactManager.open({ root, rank: 0 })
        .history('thing')
        .map(({ kind, change }) => change ?? kind),
    ).toEqual(['version', 'version', 'set', 'rolled_back']);
  });
});

async function runQuietly(argv: string[]): Promise<void> {
  const sink = { write: () => true };
  expect(await runCommandLine(argv, { stdout: sink, stderr: sink })).toBeUndefined();
}
