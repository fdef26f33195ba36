import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { completeExample } from '../../test/example-run';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { thrownBy } from '../../test/thrown-by';
import { resolveRunId } from './resolve-run-id';

const temporaryFolder = useTemporaryFolder();
let root: string;

beforeAll(async () => {
  root = temporaryFolder();
  for (const runId of ['sft-1', 'sft-10', 'rl-2']) await completeExample(root, runId);
});

describe('resolveRunId', () => {
  it.each([
    ['sft-1', 'sft-1'],
    ['sft-10', 'sft-10'],
    ['r', 'rl-2'],
    ['latest', 'rl-2'],
  ])('resolveRunId() of %j is %j', (run, runId) => {
    expect(resolveRunId(root, run)).toBe(runId);
  });

  it('resolveRunId() names the nearest run', () => {
    expect(thrownBy(() => resolveRunId(root, 'stf-10'))).toMatchObject({
      code: 'RUN_UNKNOWN',
      exitCode: 2,
      remedy: 'Did you mean sft-10?',
    });
  });

  it.each(['', '../runs/sft-1', 'nothing at all like it'])('resolveRunId() refuses %j', (run) => {
    expect(thrownBy(() => resolveRunId(root, run))).toMatchObject({ code: 'RUN_UNKNOWN' });
  });

  it('resolveRunId() names those that begin so', () => {
    expect(thrownBy(() => resolveRunId(root, 'sft'))).toMatchObject({
      code: 'RUN_AMBIGUOUS',
      message: '2 runs begin with "sft"',
      remedy: 'Give more of the id: sft-1, sft-10.',
    });
  });

  it('resolveRunId() of latest needs a run that was completed', () => {
    const empty = temporaryFolder();
    mkdirSync(join(empty, 'runs', 'x'), { recursive: true });
    expect(thrownBy(() => resolveRunId(empty, 'latest'))).toMatchObject({ code: 'RUN_UNKNOWN' });
  });
});
