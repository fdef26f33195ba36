import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DIFF_FILE } from '@pixelis/artifacts';
import { EnvironmentError, UsageError } from '@pixelis/core';
import { z } from 'zod';
import type { RunRecord } from '../record/run-record';
import { linkModules } from './link-modules';
import { runCommand } from './run-command';
import { withTemporaryFolder } from './temporary-folder';

/** Where the recorded code is taken from. */
export interface CheckoutSource {
  /** Root of the git repository, with its packages installed. */
  readonly repository: string;
  /** Builds the program `train` in a work tree. @default [node, nx, 'run', 'train:build'] of the work tree */
  readonly build?: readonly [string, ...string[]] | undefined;
}

/** What {@link withCheckout} is told. */
export interface CheckoutOptions {
  /** The built program of the present code. */
  readonly main: string;
  /** Nothing is checked out without it. */
  readonly checkout?: CheckoutSource | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((message: string) => void) | undefined;
  readonly onNote?: ((message: string) => void) | undefined;
}

const MAIN = join('apps', 'train', 'dist', 'main.js');
const LOCK_FILE = 'package-lock.json';
const binSchema = z.object({ bin: z.object({ nx: z.string() }) });

/**
 * Calls a function with the program `train` built from the commit of a record, in a git work tree that is removed however the
 * function ends; without `checkout`, with the program of the present code.
 *
 * @throws {UsageError} `COMMIT_UNKNOWN` if the record names no commit.
 * @throws {EnvironmentError} If git does not have it, or it cannot be built.
 */
export async function withCheckout<T>(
  record: RunRecord,
  options: CheckoutOptions,
  use: (main: string) => Promise<T>,
): Promise<T> {
  const { checkout } = options;
  if (checkout === undefined) return await use(options.main);
  const commit = record.environment?.git.commit ?? null;
  if (commit === null)
    throw new UsageError(`Run ${record.runId} does not say by which commit it was made`, {
      code: 'COMMIT_UNKNOWN',
      remedy: 'leave out --checkout to verify it by the present code',
    });
  return await withTemporaryFolder(async (folder) => {
    const tree = join(folder, 'tree');
    try {
      await addWorkTree(tree, commit, { ...options, checkout });
      await restoreChanges(tree, record, options);
      await installModules(tree, { ...options, checkout });
      await build(tree, { ...options, checkout });
      return await use(join(tree, MAIN));
    } finally {
      await removeWorkTree(tree, checkout.repository);
    }
  });
}

type RequiredCheckout = CheckoutOptions & { readonly checkout: CheckoutSource };

async function addWorkTree(
  tree: string,
  commit: string,
  { checkout: { repository }, signal, onProgress }: RequiredCheckout,
): Promise<void> {
  onProgress?.(`checking out ${commit}`);
  const has = runCommand(['git', 'cat-file', '-e', `${commit}^{commit}`], {
    folder: repository,
    signal,
    remedy: '',
  });
  await has.catch((cause: unknown) => {
    if (signal?.aborted === true) throw cause;
    throw new EnvironmentError(`${repository} does not have the commit ${commit}`, {
      code: 'COMMIT_MISSING',
      remedy: 'git fetch it, or leave out --checkout to verify the run by the present code',
      cause,
    });
  });
  const args = ['worktree', 'add', '--detach', '--quiet', tree, commit];
  const remedy = 'see what git says, or leave out --checkout';
  await runCommand(['git', ...args], { folder: repository, signal, remedy });
}

/** Applies the diff that the run kept, or says why its changes cannot be restored. */
async function restoreChanges(
  tree: string,
  { directory, environment }: RunRecord,
  { signal, onNote }: CheckoutOptions,
): Promise<void> {
  if (environment?.git.is_dirty !== true) return;
  const diff = join(directory, DIFF_FILE);
  if (!existsSync(diff)) {
    onNote?.('the changes that no commit held cannot be restored: the run did not keep their diff');
    return;
  }
  const changes = environment.complete?.changes ?? null;
  const missing = (changes?.left_out.length ?? 0) + (changes?.untracked_count ?? 0);
  if (missing > 0) onNote?.(`${missing} changed files are not in the diff that the run kept`);
  if (readFileSync(diff, 'utf8').trim() === '') return;
  const remedy = 'leave out --checkout to verify the run by the present code';
  const args = ['apply', '--whitespace=nowarn', diff];
  await runCommand(['git', ...args], { folder: tree, signal, remedy });
}

async function installModules(
  tree: string,
  { checkout: { repository }, signal, onProgress }: RequiredCheckout,
): Promise<void> {
  if (lockFileOf(tree) === lockFileOf(repository)) {
    linkModules(repository, tree);
    return;
  }
  onProgress?.('installing the packages of that commit');
  const remedy = 'connect to the package registry, or leave out --checkout';
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  await runCommand([npm, 'ci', '--no-audit', '--no-fund'], { folder: tree, signal, remedy });
}

async function build(
  tree: string,
  { checkout, signal, onProgress }: RequiredCheckout,
): Promise<void> {
  onProgress?.('building the code of that commit');
  const command = checkout.build ?? [process.execPath, nxOf(tree), 'run', 'train:build'];
  const remedy = 'leave out --checkout to verify the run by the present code';
  await runCommand(command, { folder: tree, signal, remedy });
}

/** The program nx of a work tree, which each version of it keeps in another place. */
function nxOf(tree: string): string {
  const folder = join(tree, 'node_modules', 'nx');
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, binSchema.parse(manifest).bin.nx);
}

/** Even after an interruption, so without its signal. */
async function removeWorkTree(tree: string, repository: string): Promise<void> {
  if (!existsSync(tree)) return;
  // Not by git: of junctions on Windows, which lead to the repository's own packages, only the link must go.
  rmSync(tree, { recursive: true, force: true, maxRetries: 5 });
  const remedy = `remove it by hand: git worktree remove --force ${tree}`;
  const args = ['worktree', 'remove', '--force', tree];
  await runCommand(['git', ...args], { folder: repository, remedy });
}

function lockFileOf(folder: string): string | null {
  const path = join(folder, LOCK_FILE);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}
