import { redactSecrets } from '@pixelis/core';

import { git } from './git-command';

/** The state of a git checkout; all null where there is none, or no git. */
export interface GitState {
  /** The full hash of the commit that is checked out. */
  readonly commit: string | null;
  /** Null where no branch is checked out. */
  readonly branch: string | null;
  /** True if a tracked file differs from the commit, or there is a file that is neither tracked nor ignored. */
  readonly is_dirty: boolean | null;
  /** The address of the remote `origin`, without user, password and query; null if it is a path on this machine. */
  readonly remote: string | null;
}

/** Reads the state of the git checkout that holds `folder`, by calling git; changes nothing there. */
export function readGitState(folder: string): GitState {
  const status = git(folder, ['status', '--porcelain=v2', '--branch']);
  if (status === undefined) return { commit: null, branch: null, is_dirty: null, remote: null };
  const lines = status.split('\n').filter((line) => line !== '');
  const branch = header(lines, 'head', '(detached)');
  const remote = git(folder, ['config', '--get', 'remote.origin.url']);
  return {
    commit: header(lines, 'oid', '(initial)'),
    branch: branch === null ? null : redactSecrets(branch),
    is_dirty: lines.some((line) => !line.startsWith('# ')),
    remote: remote === undefined ? null : publicRemote(remote.trim()),
  };
}

/** The address of a git remote without what must not be published: user, password, query, and paths of this machine. */
export function publicRemote(remote: string): string | null {
  if (/^(?:https?|ssh|git|ftps?|git\+ssh):\/\//i.test(remote)) {
    if (!URL.canParse(remote)) return null;
    const url = new URL(remote);
    url.username = '';
    url.password = '';
    url.search = '';
    url.hash = '';
    return redactSecrets(url.href);
  }
  // The short form of ssh, `user@host:path`; a single letter before the colon is a drive of Windows.
  const short = /^(?:[^@/\\]*@)?([\w.-]{2,}:(?!:|\/\/).+)$/.exec(remote);
  return short?.[1] === undefined ? null : redactSecrets(short[1]);
}

function header(lines: readonly string[], name: string, absent: string): string | null {
  const prefix = `# branch.${name} `;
  const value = lines.find((line) => line.startsWith(prefix))?.slice(prefix.length);
  return value === undefined || value === absent ? null : value;
}
