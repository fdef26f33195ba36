import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { WORKSPACE_ROOT } from './workspace';

/** A text file of the workspace. */
export interface TextFile {
  /** Path from the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** Paths, with slashes, of the files that git tracks or would track, so ignored ones are left out. */
export function repositoryFiles(root: string = WORKSPACE_ROOT): string[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  const paths = listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
  return [...new Set(paths)].sort();
}

/** Those of `paths` that hold text: no zero byte. */
export function readTextFiles(paths: readonly string[], root: string = WORKSPACE_ROOT): TextFile[] {
  return paths
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
    .filter(({ text }) => !text.includes('\0'));
}

/** Paths, with slashes, of all files below `folder`, relative to it. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .map((path) => path.split(sep).join('/'))
    .sort();
}
