import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { completeExample, openExample } from '../../test/example-run';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { readRunOutcome } from './run-outcome';

const temporaryFolder = useTemporaryFolder();

describe('readRunOutcome()', () => {
  it('readRunOutcome() tells the tags and the results of a complete run', async () => {
    const { directory } = await completeExample(temporaryFolder(), 'x');
    writeFileSync(join(directory, 'tags.json'), '{"team":"vision"}');
    const { tags, results } = readRunOutcome(directory);
    expect(tags).toEqual({ team: 'vision' });
    expect(results).toHaveProperty('weights_sha256');
  });

  it('readRunOutcome() has no results of a run that is not complete', () => {
    const run = openExample(temporaryFolder(), { runId: 'x', tags: { team: 'vision' } });
    expect(readRunOutcome(run.directory)).toEqual({ tags: { team: 'vision' }, results: {} });
    run.fail(new Error('end'));
  });

  it('readRunOutcome() finds nothing where files are damaged or missing', () => {
    const folder = temporaryFolder();
    expect(readRunOutcome(folder)).toEqual({ tags: {}, results: {} });
    for (const name of ['tags.json', 'manifest.json']) writeFileSync(join(folder, name), '[');
    expect(readRunOutcome(folder)).toEqual({ tags: {}, results: {} });
  });
});
