import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditRun, readEvents, START_OFFSETS } from '@pixelis/artifacts';
import { captureEnvironmentLock, writeEnvironmentLock } from '@pixelis/reproducibility';
import { makeProgram } from '../../test/program-folder';
import { quiet } from '../../test/quiet-options';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { readRunEnvironment } from '../environment/run-environment';
import type { ExperimentContext } from './experiment-context';
import type { ExperimentOptions } from './experiment-options';
import { withExperiment } from './with-experiment';

const temporaryFolder = useTemporaryFolder();

interface Attempt extends ExperimentOptions {
  readonly policy?: 'strict' | 'warn' | 'ignore';
  readonly isForced?: boolean;
  readonly use?: (run: ExperimentContext) => void;
}

/** Runs an experiment of a program, below `out` beside it. */
async function attempt(
  folder: string,
  { policy = 'strict', isForced = false, use, ...options }: Attempt = {},
) {
  const warnings: string[] = [];
  const printed: string[] = [];
  let directory = '';
  const error: unknown = await withExperiment(
    {
      ...quiet(join(folder, 'out')),
      warn: (message) => warnings.push(message),
      captureLevel: 'standard',
      folder,
      ...options,
      environmentPolicy: { policy, isForced, print: (table) => printed.push(table), ...options.environmentPolicy },
    },
    (run) => {
      directory = run.directory;
      if (run.isResumed) run.rewind(START_OFFSETS);
      use?.(run);
    },
  ).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, directory, warnings, table: printed.join('') };
} // prettier-ignore

function policyOf(directory: string) {
  const events = readEvents(join(directory, 'events.jsonl'));
  return events.findLast(({ type }) => type === 'environment_policy')?.data;
}

const stop = () => {
  throw new Error('stop');
};

describe('withExperiment({ environmentPolicy })', () => {
  it('records that nothing differed', async () => {
    const { folder } = makeProgram(temporaryFolder());
    const { error, directory, warnings } = await attempt(folder);
    expect([error, warnings]).toEqual([undefined, []]);
    expect(policyOf(directory)).toEqual({ policy: 'strict', forced: false, differences: [] });
    expect((await auditRun(directory)).isIntact).toBe(true);
  });

  it('strict refuses what is installed otherwise than locked, and leaves nothing behind', async () => {
    const { folder, install } = makeProgram(temporaryFolder());
    install('2.0.0');
    const { error, table } = await attempt(folder);
    expect(error).toMatchObject({
      code: 'ENVIRONMENT_DIFFERS',
      message: 'the environment differs in 1 point: packages.dependency is 2.0.0, expected 1.0.0 by package-lock.json',
      remedy: 'npm ci; or go on all the same by --force',
    });
    expect(table).toMatch(/^packages\.dependency +1\.0\.0 +2\.0\.0 +package-lock\.json$/m);
    expect(existsSync(join(folder, 'out'))).toBe(false);
  }); // prettier-ignore

  it('compares all of it however little is captured', async () => {
    const { folder, install } = makeProgram(temporaryFolder());
    install('2.0.0');
    const { error } = await attempt(folder, { captureLevel: 'basic' });
    expect(error).toMatchObject({ code: 'ENVIRONMENT_DIFFERS' });
  });

  it('goes on by force, warns once, and records what was forced', async () => {
    const { folder, install } = makeProgram(temporaryFolder());
    install('2.0.0');
    const { error, directory, warnings } = await attempt(folder, { isForced: true });
    expect(error).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(/^forced to go on: .*dependency is 2\.0\.0/)]);
    expect(policyOf(directory)).toEqual({
      policy: 'strict',
      forced: true,
      differences: [
        { what: 'packages.dependency', expected: '1.0.0', present: '2.0.0', source: 'package-lock.json' },
      ],
    });
  }); // prettier-ignore

  it.each([
    ['warn', 1],
    ['ignore', 0],
  ] as const)('%s tells it %d times, and records it', async (policy, count) => {
    const { folder, install } = makeProgram(temporaryFolder());
    install('2.0.0');
    const { directory, warnings } = await attempt(folder, { policy });
    expect(warnings).toHaveLength(count);
    expect(policyOf(directory)).toMatchObject({ policy, differences: [{ present: '2.0.0' }] });
  });

  it('compares with env.lock.json beside the lock file, and tells once what both say', async () => {
    const { folder, install } = makeProgram(temporaryFolder());
    const path = join(folder, 'env.lock.json');
    const lock = captureEnvironmentLock({ folder });
    writeEnvironmentLock(path, lock);
    expect((await attempt(folder)).error).toBeUndefined();
    writeEnvironmentLock(path, { ...lock, node: '18.0.0' });
    install('2.0.0');
    const { table } = await attempt(folder);
    expect(table).toMatch(/^node +18\.0\.0 +\S+ +env\.lock\.json$/m);
    expect(table.match(/^packages\.dependency/gm)).toHaveLength(1);
    writeFileSync(path, '{}');
    expect((await attempt(folder)).error).toMatchObject({ code: 'ENV_LOCK_INVALID' });
  });

  it.each([
    ['{', 'ENV_LOCK_INVALID', 4],
    ['{"env_lock_version": 99}', 'ENV_LOCK_LATER', 3],
  ])('ignore records that env.lock.json is %s, and goes on; others end', async (text, code, exitCode) => {
    const { folder } = makeProgram(temporaryFolder());
    writeFileSync(join(folder, 'env.lock.json'), text);
    for (const policy of ['strict', 'warn'] as const)
      expect((await attempt(folder, { policy })).error).toMatchObject({ code, exitCode });
    expect(existsSync(join(folder, 'out'))).toBe(false);
    const { error, directory, warnings } = await attempt(folder, { policy: 'ignore' });
    expect([error, warnings]).toEqual([undefined, []]);
    expect(policyOf(directory)).toEqual({
      policy: 'ignore',
      forced: false,
      differences: [
        {
          what: 'environment_lock',
          expected: null,
          present: expect.stringMatching(/^env\.lock\.json is /) as string,
          source: 'the environment lock',
        },
      ],
    });
    const manifest = readFileSync(join(directory, 'manifest.json'), 'utf8');
    expect(JSON.parse(manifest)).toMatchObject({
      env_lock: { name: 'package-lock.json', hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    });
  }); // prettier-ignore

  it('compares the backend with what is expected', async () => {
    const { folder } = makeProgram(temporaryFolder());
    const backend = { name: 'cpu', version: '2.18.0', threads: 2 };
    const expected = [{ source: 'run x', environment: { backend } }];
    const environmentPolicy = { policy: 'strict', expected } as const;
    const facts = { backend: { ...backend, version: '2.20.0' } };
    const { table } = await attempt(folder, { environmentPolicy, facts });
    expect(table).toMatch(/^backend\.version +2\.18\.0 +2\.20\.0 +run x$/m);
  });

  it.each([
    ['by its id', { runId: 'x' }],
    ['as the newest of its configuration', { isNew: false }],
  ])('strict refuses to resume a run %s elsewhere, and changes nothing of it', async (_, which) => {
    const { folder, relock } = makeProgram(temporaryFolder());
    const { directory } = await attempt(folder, { runId: 'x', use: stop });
    const before = stateOf(directory);
    relock('2.0.0');
    const { error } = await attempt(folder, which);
    expect(error).toMatchObject({
      code: 'ENVIRONMENT_DIFFERS',
      message: expect.stringMatching(/lock_file\.sha256 is .* by run x$/) as string,
    });
    expect(stateOf(directory)).toEqual(before);
    const forced = await attempt(folder, { ...which, isForced: true });
    expect([forced.error, forced.directory]).toEqual([undefined, directory]);
    expect(policyOf(directory)).toMatchObject({ forced: true, differences: [{ source: 'run x' }] });
  });

  it('does not compare a new run with another that is not complete', async () => {
    const { folder, relock } = makeProgram(temporaryFolder());
    await attempt(folder, { runId: 'x', use: stop });
    relock('2.0.0');
    expect((await attempt(folder, { isNew: true })).error).toBeUndefined();
    expect((await attempt(folder, { isNew: false, config: { other: 1 } })).error).toBeUndefined();
  });
});

describe('readRunEnvironment()', () => {
  it('reads what a run recorded, or the part of it that is left', async () => {
    const { folder } = makeProgram(temporaryFolder());
    const facts = { backend: { name: 'wasm', version: '4.22.0', threads: 2 } };
    const { directory } = await attempt(folder, { facts });
    const whole = { node: process.versions.node, backend: facts.backend, program: 'own' };
    expect(readRunEnvironment(directory)).toMatchObject({ ...whole, packages: { dependency: '1.0.0' } });
    rmSync(join(directory, 'environment.json'));
    expect(readRunEnvironment(directory)).toMatchObject({
      node: process.versions.node,
      lock_file: { name: 'package-lock.json' },
    });
    rmSync(join(directory, 'manifest.json'));
    expect(readRunEnvironment(directory)).toBeNull();
    writeFileSync(join(directory, 'environment.json'), '{}');
    expect(() => readRunEnvironment(directory)).toThrow('is not what Pixelis wrote');
  }); // prettier-ignore
});

/** Every file of a run with its content. */
function stateOf(directory: string): Record<string, string> {
  const files = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ name }) => [name, readFileSync(join(directory, name), 'utf8')]),
  );
}
