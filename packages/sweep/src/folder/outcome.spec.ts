import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useTemporaryFolder } from '../../test/support/temporary-folder';
import { readOutcome, type TrialOutcome, writeOutcome } from './outcome';

const fresh = useTemporaryFolder();

const OUTCOME: TrialOutcome = {
  outcome_version: 1,
  trial: 3,
  run_id: 'lr-0003',
  state: 'STOPPED',
  value: 0.5,
  steps: 4,
  results: {},
  rungs: [{ steps: 4, value: 0.5 }],
  error: null,
};

describe('readOutcome()', () => {
  it('readOutcome() gives what writeOutcome() wrote, and undefined where nothing is decided', () => {
    const path = join(fresh(), '0003.json');
    expect(readOutcome(path, 3)).toBeUndefined();
    writeOutcome(path, OUTCOME);
    expect(readOutcome(path, 3)).toEqual(OUTCOME);
  });

  it.each(['', '{}', JSON.stringify({ ...OUTCOME, trial: 4 })])(
    'readOutcome() refuses a file that holds %j with its remedy',
    (text) => {
      const path = join(fresh(), '0003.json');
      writeFileSync(path, text);
      expect(() => readOutcome(path, 3)).toThrow('does not hold what came of trial 3');
    },
  );
});
