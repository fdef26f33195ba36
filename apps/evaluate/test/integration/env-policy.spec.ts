import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutThatDiffers } from '../support/checkout';
import { folderState } from '../support/folder-state';
import { type Ending, evaluate, EXAMPLES, trainTiny } from '../support/programs';
import { useTemporaryFolder } from '../support/temporary-folder';

const temporaryFolder = useTemporaryFolder();
const cwd = temporaryFolder();

let main: string;
beforeAll(async () => {
  main = checkoutThatDiffers(temporaryFolder());
  await trainTiny(cwd);
});

const DIFFERENCE = 'backend.name is wasm, expected webgpu by env.lock.json';

describe('evaluate --env-policy', () => {
  it('evaluate --env-policy strict ends with exit 3 where the environment differs, and writes nothing', async () => {
    const before = folderState(cwd);
    const { code, stdout, stderr } = await run('strict');
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^ *backend\.name +webgpu +wasm/m);
    expect(stderr).toMatch(/\nerror: the environment differs in .*\nremedy: .*--force\n$/);
    expect(stderr).toContain(DIFFERENCE);
    expect(folderState(cwd)).toEqual(before);
  });

  it('evaluate --env-policy strict --force goes on with a warning, and records that it was forced', async () => {
    const ending = await run('strict', '--force', '--run-id', 'forced');
    expect(ending.code).toBe(0);
    expect(warningsOf(ending)).toEqual([expect.stringContaining('forced to go on: ')]);
    const { policy, forced, differences } = policyOf('forced');
    expect({ policy, forced }).toEqual({ policy: 'strict', forced: true });
    expect(differences).toContainEqual(
      expect.objectContaining({ what: 'backend.name', expected: 'webgpu', present: 'wasm' }),
    );
  });

  it('evaluate --env-policy warn tells the difference once, and ignore does not', async () => {
    const warned = await run('warn', '--run-id', 'warned');
    expect(warned.code).toBe(0);
    expect(warningsOf(warned)).toEqual([expect.stringContaining(DIFFERENCE)]);
    const ignored = await run('ignore', '--run-id', 'ignored');
    expect(ignored.code).toBe(0);
    expect(warningsOf(ignored)).toEqual([]);
    expect(policyOf('warned')).toMatchObject({ policy: 'warn', forced: false });
    expect(policyOf('ignored')).toMatchObject({ policy: 'ignore', forced: false });
  });
});

// Helpers

function run(policy: string, ...args: string[]): Promise<Ending> {
  const argv = [EXAMPLES, '--env-policy', policy, '--log-format', 'json', ...args];
  return evaluate(argv, cwd, { main });
}

/** Messages of the lines that are warnings. */
function warningsOf({ stderr }: Ending): string[] {
  return stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { level: unknown; message: string })
    .filter(({ level }) => /^warn$/i.test(String(level)))
    .map(({ message }) => message);
}

/** What a run's events say of the policy. */
function policyOf(runId: string): Record<string, unknown> {
  const text = readFileSync(join(cwd, 'out', 'runs', runId, 'events.jsonl'), 'utf8');
  const events = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const found = events.find((event) => Object.values(event).includes('environment_policy'));
  return found?.['data'] as Record<string, unknown>;
}
