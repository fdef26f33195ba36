import { TrialsFailed } from './trials-failed';

/** The error of a sweep whose trials failed with such exit codes. */
function errorOf(exitCodes: readonly (number | null)[]): TrialsFailed {
  const trials = exitCodes.map((exitCode) => {
    return { error: { code: 'X', message: `ended with ${exitCode}`, exit_code: exitCode } };
  });
  return new TrialsFailed({ trials, remedy: 'mend it' });
}

describe('TrialsFailed', () => {
  it('TrialsFailed has the exit code of the gravest failure, whatever their order', () => {
    expect(errorOf([4, 2, 3]).exitCode).toBe(2);
    expect(errorOf([3, 4]).exitCode).toBe(3);
    expect(errorOf([6]).exitCode).toBe(6);
  });

  it('TrialsFailed takes a trial that vanished for a defect', () => {
    expect(errorOf([4, null]).exitCode).toBe(1);
    expect(errorOf([4, 0]).exitCode).toBe(1);
  });

  it('TrialsFailed names the first failure, and how to go on', () => {
    expect(errorOf([4, 2]).message).toBe('all 2 trials failed; the first: ended with 4');
    expect(errorOf([4]).message).toBe('the only trial failed; the first: ended with 4');
    expect(errorOf([4]).remedy).toBe('mend it');
  });
});
