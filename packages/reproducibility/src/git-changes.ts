import { homedir } from 'node:os';

import { redactSecrets, sha256 } from '@pixelis/core';

import { withoutHome } from './environment-paths';
import { git } from './git-command';
import { isSecretFile } from './git-deny-list';

const DIFF_BYTES_MAX = 5_000_000;
const UNTRACKED_MAX = 1000;
/** What every system takes as the arguments of one program. */
const ARGUMENTS_LENGTH_MAX = 24_000;
/** So many files are tried one by one where they are too large together. */
const SINGLE_FILES_MAX = 500;

/** A changed file whose changes the diff does not hold. */
export interface LeftOutFile {
  readonly path: string;
  /** `secret`: by its name; `binary`: the diff only says that it differs; `too_large`: beyond the limit in all. */
  readonly reason: 'secret' | 'binary' | 'too_large';
}

/** A git repository within the repository. */
export interface Submodule {
  readonly path: string;
  readonly commit: string;
  /** `changed`: another commit than the one recorded is checked out; `absent`: none is; `conflict`: a merge is unfinished. */
  readonly status: 'recorded' | 'changed' | 'absent' | 'conflict';
}

/** How a checkout differs from its commit; plain JSON. */
export interface GitChanges {
  /** Of the text of the diff, in UTF-8; null where there is no diff. */
  readonly diff_sha256: string | null;
  readonly diff_bytes: number;
  readonly left_out: readonly LeftOutFile[];
  /** Files that are neither tracked nor ignored, at most 1,000, without those whose names say that they hold secrets. */
  readonly untracked_files: readonly string[];
  readonly untracked_count: number;
  readonly submodules: readonly Submodule[];
}

/** Options of {@link readGitChanges}. */
export interface ReadGitChangesOptions {
  /** Longest diff. @default 5,000,000 bytes */
  readonly diffBytesMax?: number;
}

/**
 * The changes of the tracked files against the commit, as a diff without secrets, and what else the checkout of `folder`
 * holds. Null where there is no checkout; the diff is null where there is no commit.
 */
export function readGitChanges(
  folder: string,
  { diffBytesMax = DIFF_BYTES_MAX }: ReadGitChangesOptions = {},
): { changes: GitChanges; diff: string | null } | null {
  const root = git(folder, ['rev-parse', '--show-toplevel'])?.replace(/\r?\n$/, '');
  if (root === undefined || root === '') return null;
  const { diff, leftOut } = readDiff(root, diffBytesMax);
  const untracked = list(git(root, ['ls-files', '--others', '--exclude-standard', '-z']));
  return {
    changes: {
      diff_sha256: diff === null ? null : sha256(diff),
      diff_bytes: Buffer.byteLength(diff ?? ''),
      left_out: leftOut.map(({ path, reason }) => ({ path: redactSecrets(path), reason })),
      untracked_files: untracked
        .filter((path) => !isSecretFile(path))
        .slice(0, UNTRACKED_MAX)
        .map(redactSecrets),
      untracked_count: untracked.length,
      submodules: readSubmodules(root),
    },
    diff,
  };
}

function readDiff(root: string, bytesMax: number): { diff: string | null; leftOut: LeftOutFile[] } {
  const changed = git(root, ['diff', 'HEAD', '--numstat', '-z', '--no-renames', ...PLAIN]);
  if (changed === undefined) return { diff: null, leftOut: [] };
  const leftOut: LeftOutFile[] = [];
  const wanted: string[] = [];
  for (const line of list(changed)) {
    const [, added = '', path = ''] = /^(-|\d+)\t(?:-|\d+)\t([^]+)$/.exec(line) ?? [];
    if (isSecretFile(path)) leftOut.push({ path, reason: 'secret' });
    else wanted.push(path);
    if (added === '-' && !isSecretFile(path)) leftOut.push({ path, reason: 'binary' });
  }
  let left = bytesMax;
  let diff = '';
  let singleFiles = 0;
  const take = (paths: readonly string[]): boolean => {
    const text = diffOf(root, paths, left);
    if (text !== undefined) {
      diff += text;
      left -= Buffer.byteLength(text);
    }
    return text !== undefined;
  };
  for (const paths of batches(wanted)) {
    if (take(paths)) continue;
    for (const path of paths) {
      singleFiles += 1;
      if (singleFiles > SINGLE_FILES_MAX || left <= 0 || !take([path])) {
        leftOut.push({ path, reason: 'too_large' });
      }
    }
  }
  return { diff: withoutSecrets(diff), leftOut };
}

/** Whatever the user's configuration says, no program is run for the diff, and its form is the same. */
const PLAIN = ['--no-ext-diff', '--no-textconv', '--no-color', '--submodule=short'];

function diffOf(root: string, paths: readonly string[], bytesMax: number): string | undefined {
  const form = [
    '--no-renames',
    '--full-index',
    '--src-prefix=a/',
    '--dst-prefix=b/',
    '--unified=3',
  ];
  return git(root, ['--literal-pathspecs', 'diff', 'HEAD', ...PLAIN, ...form, '--', ...paths], {
    bytesMax,
  });
}

function* batches(paths: readonly string[]): Generator<string[]> {
  let batch: string[] = [];
  let length = 0;
  for (const path of paths) {
    if (batch.length > 0 && length + path.length > ARGUMENTS_LENGTH_MAX) {
      yield batch;
      batch = [];
      length = 0;
    }
    batch.push(path);
    length += path.length + 3;
  }
  if (batch.length > 0) yield batch;
}

/** A hunk may show lines of a key without its head: they are known by being nothing but base 64. */
const KEY_LINE =
  /^((?:[-+ ]|@@[-+\d, ]+@@ )[ \t"']*)(?=[^\n]*[A-Z])(?=[^\n]*[a-z])[A-Za-z0-9+/]{60,76}={0,2}(?=[\\n"',+ \t]*\r?$)/gm;

function withoutSecrets(diff: string): string {
  const redacted = redactSecrets(diff).replace(
    KEY_LINE,
    (_, start: string) => `${start}[redacted]`,
  );
  return withoutHome(redacted, homedir());
}

const SUBMODULE_STATUS = { ' ': 'recorded', '+': 'changed', '-': 'absent', U: 'conflict' } as const;

function readSubmodules(root: string): Submodule[] {
  const lines = git(root, ['submodule', 'status'])?.split('\n') ?? [];
  return lines.flatMap((line) => {
    const [, mark = '', commit, path] =
      /^([ +U-])([0-9a-f]{40,64}) (.+?)(?: \([^)]*\))?$/.exec(line) ?? [];
    const status = isMark(mark) ? SUBMODULE_STATUS[mark] : undefined;
    if (status === undefined || commit === undefined || path === undefined) return [];
    return [{ path: redactSecrets(path), commit, status }];
  });
}

function isMark(mark: string): mark is keyof typeof SUBMODULE_STATUS {
  return Object.hasOwn(SUBMODULE_STATUS, mark);
}

/** The parts of an output that ends each with NUL. */
function list(output: string | undefined): string[] {
  return (output ?? '').split('\0').filter((part) => part !== '');
}
