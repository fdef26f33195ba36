import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { environmentOf, recordTraining } from '../../test/support/record-training';
import { useTemporaryFolder } from '../../test/support/temporary-folder';
import { readRunRecord, type RunRecord } from '../record/run-record';
import { type CheckoutOptions, withCheckout } from './checkout';

const temporaryFolder = useTemporaryFolder();

describe('withCheckout()', () => {
  it('uses the present program unless it is asked to', async () => {
    const record = await recordOf(environmentOf());
    expect(await withCheckout(record, { main: 'here' }, (main) => Promise.resolve(main))).toBe(
      'here',
    );
  });

  it('builds the recorded commit with the installed packages and its own, and removes the tree', async () => {
    const { repository, commit, options } = workspace();
    const record = await recordOf(environmentOf({ commit }));
    const seen = await withCheckout(record, options, (main) => Promise.resolve(run(main)));
    expect(seen).toMatchObject({
      version: 'first',
      library: 'library of first',
      foreign: 'foreign',
    });
    expect(existsSync(seen.folder)).toBe(false);
    expect(git(repository, 'worktree', 'list').trim().split('\n')).toHaveLength(1);
    expect(git(repository, 'status', '--porcelain')).toBe('');
  });

  it('restores changes of which the run kept the diff', async () => {
    const { repository, commit, options } = workspace();
    const path = join(repository, 'packages/library/index.js');
    git(repository, 'checkout', '--quiet', commit);
    writeFileSync(path, "module.exports = 'library with changes';\n");
    const diff = git(repository, 'diff', 'HEAD');
    git(repository, 'checkout', '--quiet', '--force', 'main');
    const record = await recordOf(environmentOf({ commit, isDirty: true, diff: 'f'.repeat(64) }));
    writeFileSync(join(record.directory, 'environment.diff'), diff);
    const seen = await withCheckout(record, options, (main) => Promise.resolve(run(main)));
    expect(seen.library).toBe('library with changes');
  });

  it('says that changes cannot be restored of which no diff was kept', async () => {
    const { commit, options } = workspace();
    const record = await recordOf(environmentOf({ commit, isDirty: true }));
    const notes: string[] = [];
    const noted = { ...options, onNote: (note: string) => void notes.push(note) };
    await withCheckout(record, noted, () => Promise.resolve());
    expect(notes).toEqual([expect.stringMatching(/cannot be restored/)]);
  });

  it('removes the tree if what it is used for fails, and if it cannot be built', async () => {
    const { repository, commit, options } = workspace();
    const record = await recordOf(environmentOf({ commit }));
    const fail = () => Promise.reject(new Error('no luck'));
    await expect(withCheckout(record, options, fail)).rejects.toThrow('no luck');
    const build = [
      process.execPath,
      '-e',
      'console.error("broken"); process.exitCode = 1',
    ] as const;
    const checkout = { repository, build: [...build] as [string, ...string[]] };
    await expect(withCheckout(record, { ...options, checkout }, fail)).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
      exitCode: 3,
    });
    await expect(withCheckout(record, { ...options, checkout }, fail)).rejects.toThrow('broken');
    expect(git(repository, 'worktree', 'list').trim().split('\n')).toHaveLength(1);
  });

  it('says that the record or the repository does not have the commit', async () => {
    const { options } = workspace();
    const without = await recordOf(environmentOf({ commit: null }));
    const none = () => Promise.resolve();
    await expect(withCheckout(without, options, none)).rejects.toMatchObject({
      code: 'COMMIT_UNKNOWN',
      exitCode: 2,
    });
    const foreign = await recordOf(environmentOf({ commit: 'e'.repeat(40) }));
    await expect(withCheckout(foreign, options, none)).rejects.toMatchObject({
      code: 'COMMIT_MISSING',
      exitCode: 3,
    });
  });
});

// Helpers

/** A workspace with a first commit and a later one, in which `train` needs a package of its own and a foreign one. */
function workspace(): { repository: string; commit: string; options: CheckoutOptions } {
  const repository = temporaryFolder();
  write(repository, {
    '.gitignore': 'node_modules\n',
    'package-lock.json': '{}\n',
    'apps/train/package.json': '{"name":"@pixelis/train"}\n',
    'apps/train/dist/main.js': PROGRAM,
    'apps/train/version.js': "module.exports = 'first';\n",
    'packages/library/package.json': '{"name":"@pixelis/library","main":"index.js"}\n',
    'packages/library/index.js': "module.exports = 'library of first';\n",
    'node_modules/foreign/index.js': "module.exports = 'foreign';\n",
    'node_modules/@pixelis/library/index.js': "module.exports = 'library of now';\n",
  });
  git(repository, 'init', '--quiet', '--initial-branch=main');
  const commit = commitAll(repository);
  write(repository, {
    'apps/train/version.js': "module.exports = 'second';\n",
    'packages/library/index.js': "module.exports = 'library of now';\n",
  });
  commitAll(repository);
  const build: [string, ...string[]] = [process.execPath, '-e', ''];
  return { repository, commit, options: { main: 'here', checkout: { repository, build } } };
}

const PROGRAM = `module.exports = {
  version: require('../version.js'),
  library: require('@pixelis/library'),
  foreign: require('foreign'),
};\n`;

function run(main: string): { version: string; library: string; foreign: string; folder: string } {
  const script = 'console.log(JSON.stringify(require(process.argv[1])))';
  const seen = execFileSync(process.execPath, ['-e', script, main], { encoding: 'utf8' });
  const { version, library, foreign } = JSON.parse(seen) as Record<string, string>;
  const folder = realpathSync(dirname(main));
  return { version: version!, library: library!, foreign: foreign!, folder };
}

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function commitAll(repository: string): string {
  git(repository, 'add', '--all');
  const who = ['-c', 'user.name=test', '-c', 'user.email=test@example.org'];
  git(repository, ...who, 'commit', '--quiet', '--no-verify', '--message', 'some');
  return git(repository, 'rev-parse', 'HEAD').trim();
}

function git(repository: string, ...args: string[]): string {
  const env = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  return execFileSync('git', args, {
    cwd: repository,
    encoding: 'utf8',
    env: Object.fromEntries(env),
  });
}

async function recordOf(environment: ReturnType<typeof environmentOf>): Promise<RunRecord> {
  return readRunRecord(await recordTraining({ root: temporaryFolder(), runId: 'a', environment }));
}
