import type { EnvironmentFacts } from '../record/environment-facts';
import { type Stage, stage } from './stage';
import { describeDifference, type ValueDifference } from './value-difference';

const COMMIT_DIGITS = 12;

/** Whether two runs were made by the same code: commit, changes that no commit held, and the hash of their diff. */
export function compareCode(a: EnvironmentFacts | null, b: EnvironmentFacts | null): Stage {
  if (a === null || b === null)
    return stage(['code', 'unknown', `${a === null ? 'A' : 'B'} has no environment.json`]);
  if (a.git.commit === null || b.git.commit === null)
    return stage([
      'code',
      'unknown',
      `${a.git.commit === null ? 'A' : 'B'} was not made in a git checkout with a commit`,
    ]);
  const differences = gitDifferences(a, b);
  const [first] = differences;
  if (first !== undefined)
    return stage(['code', 'differs', describeDifference(first)], { differences });
  const commit = a.git.commit.slice(0, COMMIT_DIGITS);
  if (a.git.is_dirty === false) return stage(['code', 'equal', `commit ${commit}`]);
  const doubt = doubtOf(a) ?? doubtOf(b);
  return doubt === null
    ? stage(['code', 'equal', `commit ${commit} with the same changes`])
    : stage(['code', 'unknown', `commit ${commit} with changes, ${doubt}`]);
}

function gitDifferences(a: EnvironmentFacts, b: EnvironmentFacts): ValueDifference[] {
  const [diffA, diffB] = [diffOf(a), diffOf(b)];
  const rows: ValueDifference[] = [
    { path: 'git.commit', a: a.git.commit, b: b.git.commit },
    { path: 'git.is_dirty', a: a.git.is_dirty, b: b.git.is_dirty },
    ...(diffA === null || diffB === null ? [] : [{ path: 'git.diff_sha256', a: diffA, b: diffB }]),
  ];
  return rows.filter((row) => row.a !== row.b);
}

function diffOf({ complete }: EnvironmentFacts): string | null {
  return complete?.changes?.diff_sha256 ?? null;
}

/** Why it cannot be told which changes these were. */
function doubtOf({ complete }: EnvironmentFacts): string | null {
  const changes = complete?.changes ?? null;
  if (changes === null || changes.diff_sha256 === null)
    return 'whose diff was not kept (--capture-level 3 keeps it)';
  if (changes.left_out.length > 0)
    return `of which the diff leaves out ${changes.left_out[0]?.path ?? ''}`;
  return changes.untracked_count > 0
    ? `of which ${changes.untracked_count} are files that git does not know`
    : null;
}
