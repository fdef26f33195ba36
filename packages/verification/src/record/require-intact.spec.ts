import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordTraining } from '../../test/support/record-training';
import { useTemporaryFolder } from '../../test/support/temporary-folder';
import { requireComparable, requireIntact } from './require-intact';

const temporaryFolder = useTemporaryFolder();
const DAMAGE: [string, RegExp, string][] = [
  ['a loss that is none', /"loss":"3ff0000000000000"/, '"loss":"x"'],
  ['a digit that was changed', /"loss":"3ff0000000000000"/, '"loss":"3ff0000000000001"'],
];

describe('requireIntact()', () => {
  it('names all that is damaged, wherever the run lies', async () => {
    const run = await recordTraining({ root: temporaryFolder(), runId: 'a' });
    expect(await requireIntact(run)).toMatchObject({ isIntact: true });
    const elsewhere = join(temporaryFolder(), 'copy');
    cpSync(run, elsewhere, { recursive: true });
    rmSync(join(elsewhere, 'metrics.jsonl'));
    appendFileSync(join(elsewhere, 'checkpoints/final.safetensors'), 'x');
    await expect(requireIntact(elsewhere)).rejects.toMatchObject({
      code: 'RECORD_BROKEN',
      exitCode: 5,
      message: expect.stringMatching(
        /(?=.*checkpoints\/final\.safetensors: )(?=.*metrics\.jsonl: )/,
      ) as string,
      remedy: `restore ${elsewhere} from a copy`,
    });
  });
});

describe('requireComparable()', () => {
  it.each(DAMAGE)('finds in a complete run %s', async (_, search, by) => {
    const run = await recordTraining({ root: temporaryFolder(), runId: 'a' });
    await requireComparable(run);
    edit(join(run, 'chain.jsonl'), search, by);
    await expect(requireComparable(run)).rejects.toMatchObject({ exitCode: 5 });
  });

  it.each(DAMAGE)('finds in a run that is not complete %s', async (_, search, by) => {
    const run = await recordTraining({ root: temporaryFolder(), runId: 'a', isUnfinished: true });
    edit(join(run, 'chain.jsonl'), search, by);
    await expect(requireComparable(run)).rejects.toMatchObject({
      code: 'CHAIN_BROKEN',
      message: expect.stringContaining('line 2: ') as string,
    });
  });

  it('lets a run that is not complete end within a line', async () => {
    const run = await recordTraining({ root: temporaryFolder(), runId: 'a', isUnfinished: true });
    for (const path of ['metrics.jsonl', 'chain.jsonl']) appendFileSync(join(run, path), '{"to');
    await requireComparable(run);
  });
});

// Helpers

function edit(path: string, search: RegExp, by: string): void {
  const text = readFileSync(path, 'utf8');
  expect(text).toMatch(search);
  writeFileSync(path, text.replace(search, by));
}
