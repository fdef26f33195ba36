import type { CompleteFacts, StandardFacts } from './environment';
import type { GitState } from './git-state';

/** Something about the environment that may keep others from the same result. */
export interface EnvironmentWarning {
  readonly code: 'GIT_DIRTY' | 'PACKAGES_DIFFER' | 'DIFF_INCOMPLETE';
  /** One line that says what it is. */
  readonly message: string;
  /** One line that says how to mend it. */
  readonly remedy: string;
}

const SHOWN_MAX = 5;

/** What a user should know before others are to repeat the run. */
export function environmentWarnings({
  git,
  standard,
  complete,
}: {
  readonly git: GitState;
  readonly standard: StandardFacts | null;
  readonly complete: CompleteFacts | null;
}): EnvironmentWarning[] {
  const warnings: EnvironmentWarning[] = [];
  if (git.is_dirty === true) {
    warnings.push({
      code: 'GIT_DIRTY',
      message:
        'the git checkout has changes that no commit holds, so the commit does not tell which code ran',
      remedy:
        complete === null
          ? 'commit them before the run, or capture at level complete, which keeps the diff'
          : 'commit them before the run; the diff of the tracked files is kept',
    });
  }
  const differing = standard?.package_differences ?? [];
  if (differing.length > 0) {
    warnings.push({
      code: 'PACKAGES_DIFFER',
      message: `installed otherwise than in ${standard?.lock_file?.name ?? 'the lock file'}: ${some(differing.map(describe))}`,
      remedy: 'install what the lock file says, as npm ci does',
    });
  }
  const leftOut = complete?.changes?.left_out ?? [];
  if (leftOut.length > 0) {
    warnings.push({
      code: 'DIFF_INCOMPLETE',
      message: `the diff leaves out ${some(leftOut.map(({ path, reason }) => `${path} (${reason})`))}`,
      remedy: 'commit them, or keep them where git ignores them',
    });
  }
  return warnings;
}

function describe({
  name,
  installed,
  locked,
}: StandardFacts['package_differences'][number]): string {
  return `${name} ${installed ?? 'absent'} (${locked.join(', ') || 'not locked'})`;
}

function some(names: readonly string[]): string {
  const hidden = names.length - SHOWN_MAX;
  const shown = names.slice(0, SHOWN_MAX).join(', ');
  return hidden > 0 ? `${shown} and ${hidden} more` : shown;
}
