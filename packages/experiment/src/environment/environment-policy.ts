import { EnvironmentError } from '@pixelis/core';
import type { EnvironmentDifference } from '@pixelis/reproducibility';
import { differenceTable } from './difference-table';

/** What a changed environment leads to: an error, a warning, or nothing but its record. */
export type EnvironmentPolicy = 'strict' | 'warn' | 'ignore';

/** A difference with what expects something else, such as `package-lock.json`, `env.lock.json` or `run x`. */
export interface ExpectedDifference extends EnvironmentDifference {
  readonly source: string;
}

/** What {@link applyEnvironmentPolicy} decides by. */
export interface ApplyEnvironmentPolicyOptions {
  readonly policy: EnvironmentPolicy;
  /** Whether to go on in spite of `strict`. @default false */
  readonly isForced?: boolean;
  readonly differences: readonly ExpectedDifference[];
  /** Takes what the user should know, in one line. */
  readonly warn: (message: string) => void;
  /** Takes the table of what differs, which ends in a newline. @default standard error */
  readonly print?: (table: string) => void;
}

/** What came of a policy: the data of the event `environment_policy`. */
export type EnvironmentPolicyRecord = {
  readonly policy: EnvironmentPolicy;
  /** Whether differences were passed over that `strict` would have stopped at. */
  readonly forced: boolean;
  readonly differences: readonly {
    readonly what: string;
    readonly expected: string | null;
    readonly present: string | null;
    readonly source: string;
  }[];
};

const NAMED_MAX = 3;
const HASH_DIGITS = 12;

/**
 * Decides whether a program may go on in an environment that is not the expected one. Nothing is told where nothing differs.
 *
 * @returns What is to be recorded.
 * @throws {EnvironmentError} `ENVIRONMENT_DIFFERS` by `strict`, after the table of all that differs was printed.
 */
export function applyEnvironmentPolicy({
  policy,
  isForced = false,
  differences,
  warn,
  print = printOnStandardError,
}: ApplyEnvironmentPolicyOptions): EnvironmentPolicyRecord {
  const forced = policy === 'strict' && isForced && differences.length > 0;
  if (differences.length > 0 && policy !== 'ignore') {
    const [message, remedy] = [summaryOf(differences), remedyOf(differences)];
    if (policy === 'strict' && !forced) {
      print(differenceTable(differences));
      throw new EnvironmentError(message, {
        code: 'ENVIRONMENT_DIFFERS',
        remedy: `${remedy}; or go on all the same by --force`,
      });
    }
    warn(forced ? `forced to go on: ${message}` : `${message}: ${remedy}`);
  }
  return {
    policy,
    forced,
    differences: differences.map(({ what, expected, present, source }) => ({
      what,
      expected,
      present,
      source,
    })),
  };
}

function summaryOf(differences: readonly ExpectedDifference[]): string {
  const count = differences.length;
  const named = differences.slice(0, NAMED_MAX).map(describe);
  const more = count > NAMED_MAX ? ` and ${count - NAMED_MAX} more` : '';
  return `the environment differs in ${count} ${count === 1 ? 'point' : 'points'}: ${named.join('; ')}${more}`;
}

function describe({ what, expected, present, source }: ExpectedDifference): string {
  return `${what} is ${shown(present) ?? 'absent'}, expected ${shown(expected) ?? 'none'} by ${source}`;
}

function shown(value: string | null): string | null {
  return value !== null && /^[0-9a-f]{64}$/.test(value) ? value.slice(0, HASH_DIGITS) : value;
}

function remedyOf(differences: readonly ExpectedDifference[]): string {
  return [...new Set(differences.map(({ remedy }) => remedy))].slice(0, NAMED_MAX).join('; ');
}

function printOnStandardError(table: string): void {
  process.stderr.write(table);
}
