import { mkdirSync, writeFileSync } from 'node:fs';
import { SweepFolder } from '../folder/sweep-folder';
import { useTemporaryFolder } from '../../test/support/temporary-folder';
import { failedSweepRemedy } from './failed-sweep-remedy';

const fresh = useTemporaryFolder();

const DIVERGED =
  'lower training.learning_rate, or raise training.warmup_steps; begin again with --new';
const GRID = { strategy: 'grid', halving: null } as const;

/** A sweep whose trials failed with such remedies; undefined: without a word in the log. */
function remedyOf(
  remedies: readonly (string | undefined)[],
  { search = GRID, exitCode = 4 }: { search?: Search; exitCode?: number } = {},
): string {
  const folder = new SweepFolder({ out: fresh(), tag: 'lr' });
  mkdirSync(folder.path('logs'), { recursive: true });
  const trials = remedies.map((remedy, index) => {
    const error = { code: 'TRAINING_DIVERGED', message: 'NaN', remedy, exit_code: exitCode };
    if (remedy !== undefined)
      writeFileSync(folder.logPath(index + 1), `a line\n${JSON.stringify({ error })}\n`);
    return { trial: index + 1, error: { code: error.code, message: 'NaN', exit_code: exitCode } };
  });
  return failedSweepRemedy(folder, { trials, search });
}

type Search = Parameters<typeof failedSweepRemedy>[1]['search'];

describe('failedSweepRemedy()', () => {
  it('failedSweepRemedy() says what all trials say, without what helps a single run only', () => {
    expect(remedyOf([DIVERGED, DIVERGED])).toBe(
      'lower training.learning_rate, or raise training.warmup_steps: then begin another sweep with another --tag; if the cause is not in the configuration, mend it and repeat the command with --tag lr --retry-failed',
    );
    expect(remedyOf(['restore the file, or train again with --new.'])).toMatch(
      /^restore the file: then begin/,
    );
  });

  it.each([
    ['different things', [DIVERGED, 'set data.directory']],
    ['nothing in one case', [DIVERGED, undefined]],
    ['nothing', [undefined, undefined]],
  ])('failedSweepRemedy() asks for other settings where trials say %s', (_, remedies) => {
    expect(remedyOf(remedies)).toMatch(
      /^begin another sweep with another --tag and other settings; /,
    );
  });

  it('failedSweepRemedy() offers no retry of configurations that were refused', () => {
    expect(remedyOf([DIVERGED], { exitCode: 2 })).toBe(
      'lower training.learning_rate, or raise training.warmup_steps: then begin another sweep with another --tag',
    );
  });

  it('failedSweepRemedy() leaves out what an older failure said', () => {
    const folder = new SweepFolder({ out: fresh(), tag: 'lr' });
    mkdirSync(folder.path('logs'), { recursive: true });
    const logged = { code: 'DISK_FULL', message: 'full', remedy: 'free space' };
    writeFileSync(folder.logPath(1), JSON.stringify({ error: logged }));
    const trials = [{ trial: 1, error: { code: 'TRIAL_LOST', message: '', exit_code: null } }];
    expect(failedSweepRemedy(folder, { trials, search: GRID })).not.toContain('free space');
  });

  it('failedSweepRemedy() offers no retry where failures decided the fate of other trials', () => {
    for (const search of [
      { strategy: 'tpe', halving: null } as const,
      { strategy: 'grid', halving: { minimum_steps: 2, reduction_factor: 3 } } as const,
    ])
      expect(remedyOf([DIVERGED], { search })).not.toContain('--retry-failed');
  });
});
