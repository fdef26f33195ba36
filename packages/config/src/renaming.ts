/** A name that became another one, and still works until a version. */
export interface Renaming {
  from: string;
  to: string;
  /** First version without the old name, such as `0.3.0`. */
  removedIn: string;
}

/** A name as it is now, and what to say to whoever uses an old one. */
export interface PresentName {
  name: string;
  /** One line to be printed after `warning: `; undefined if the name is the present one. */
  warning: string | undefined;
}

/** The present name of a command, an entry point or anything else that was renamed. */
export function presentName(name: string, renamings: readonly Renaming[]): PresentName {
  const renaming = renamings.find(({ from }) => from === name);
  if (renaming === undefined) return { name, warning: undefined };
  return { name: renaming.to, warning: renamingWarning(renaming) };
}

/** What to say to whoever uses an old name. */
export function renamingWarning({ from, to, removedIn }: Renaming): string {
  return `${from} is now ${to}; ${from} goes in ${removedIn}`;
}

/** The lines of warnings for stderr. */
export function warningLines(warnings: readonly string[]): string {
  return warnings.map((warning) => `warning: ${warning}\n`).join('');
}

/** The renamings that `version` should be without. */
export function outlivedRenamings(
  renamings: readonly Renaming[],
  { version }: { version: string },
): Renaming[] {
  return renamings.filter(({ removedIn }) => compareVersions(version, removedIn) >= 0);
}

/** Negative, zero or positive as `a` is before, equal to or after `b`; a pre-release such as `0.3.0-rc.1` counts as its version. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  const at = left.findIndex((number, index) => number !== right[index]);
  return at === -1 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}

function numbersOf(version: string): [major: number, minor: number, patch: number] {
  const match = /^(\d+)\.(\d+)\.(\d+)(?:[-+].*)?$/.exec(version);
  if (match === null) {
    throw new TypeError(
      `Cannot compare versions: a version must be three numbers: current value is "${version}"`,
    );
  }
  return [Number(match[1]), Number(match[2]), Number(match[3])];
}
