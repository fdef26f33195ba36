import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutThatDiffers } from '../support/checkout';
import { useTemporaryFolder } from '../support/temporary-folder';
import { type Ending, runFile, tiny, train } from '../support/train-program';

const temporaryFolder = useTemporaryFolder();

let main: string;
beforeAll(() => {
  main = checkoutThatDiffers(temporaryFolder());
});

const DIFFERENCE = 'backend.name is wasm, expected webgpu by env.lock.json';

describe('train --env-policy', () => {
  it('train --env-policy strict ends with exit 3 where the environment differs, and writes nothing', async () => {
    const { cwd, ending } = await run('strict');
    const { code, stdout, stderr } = ending;
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^ *backend\.name +webgpu +wasm/m);
    expect(stderr).toContain(`error: the environment differs in 1 point: ${DIFFERENCE}`);
    expect(stderr).toMatch(/\nremedy: .*--force\n$/);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('train --env-policy strict --force goes on with a warning, and records that it was forced', async () => {
    const { cwd, ending } = await run('strict', '--force');
    expect(ending.code).toBe(0);
    expect(warningsOf(ending)).toEqual([expect.stringContaining(`forced to go on: `)]);
    expect(policyOf(cwd)).toMatchObject({
      policy: 'strict',
      forced: true,
      differences: [{ what: 'backend.name', expected: 'webgpu', present: 'wasm' }],
    });
  });

  it('train --env-policy warn tells the difference once, and ignore does not', async () => {
    const warned = await run('warn');
    expect(warned.ending.code).toBe(0);
    expect(warningsOf(warned.ending)).toEqual([expect.stringContaining(DIFFERENCE)]);
    const ignored = await run('ignore');
    expect(ignored.ending.code).toBe(0);
    expect(warningsOf(ignored.ending)).toEqual([]);
    for (const [policy, { cwd }] of [
      ['warn', warned],
      ['ignore', ignored],
    ] as const)
      expect(policyOf(cwd)).toMatchObject({ policy, forced: false, differences: [{}] });
  });
});

// Helpers

async function run(policy: string, ...args: string[]): Promise<{ cwd: string; ending: Ending }> {
  const cwd = temporaryFolder();
  const settings = tiny({ 'training.steps': '2', 'training.hash_every': '2' });
  const argv = ['sft', '--run-id', 'r', '--env-policy', policy, '--log-format', 'json', ...args];
  return { cwd, ending: await train([...argv, ...settings], { cwd, main }) };
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

/** What the run's events say of the policy. */
function policyOf(cwd: string): unknown {
  const lines = runFile(join(cwd, 'out'), 'r', 'events.jsonl').toString().trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return events.find((event) => Object.values(event).includes('environment_policy'))?.['data'];
}
