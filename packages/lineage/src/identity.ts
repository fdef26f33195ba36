import type { RunGitState } from './lineage-node';

/** Who makes these documents: a package URL, which is a URI by the purl specification. */
export const PRODUCER = 'pkg:npm/%40pixelis/lineage';

/** The package URL of a package of npm. */
export function packageUrl(name: string, version: string): string {
  const path = name.split('/').map(encodeStrictly).join('/');
  return `pkg:npm/${path}${version === '' ? '' : `@${encodeStrictly(version)}`}`;
}

/** Percent-encodes all but letters, digits, `-`, `.` and `_`. */
export function encodeStrictly(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * A git remote with a commit as a URI of SPDX's form, such as `git+https://example.org/a.git@1a2b3c`; null if either is
 * not known or the remote is a path.
 */
export function gitUri(git: RunGitState | null): string | null {
  if (git === null || git.remote === null || git.commit === null) return null;
  const [, user, host, path] = /^([^/@:]+@)?([^/@:]{2,}):(?!\/\/)(.+)$/.exec(git.remote) ?? [];
  const remote =
    host === undefined || path === undefined
      ? git.remote
      : `ssh://${user ?? ''}${host}/${path.replace(/^\/+/, '')}`;
  if (!URL.canParse(remote) || !/^[a-z+]+:\/\//.test(remote)) return null;
  return `git+${new URL(remote).href}@${encodeStrictly(git.commit)}`;
}
