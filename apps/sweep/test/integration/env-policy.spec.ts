import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutThatDiffers } from '../support/checkout';
import { type Ending, sweep } from '../support/sweep-program';
import { useTemporaryFolder } from '../support/temporary-folder';

const fresh = useTemporaryFolder();

let main: string;
beforeAll(() => {
  main = checkoutThatDiffers(fresh());
});

const DIFFERENCE = 'backend.name is wasm, expected webgpu by env.lock.json';

describe('sweep --env-policy', () => {
  it('sweep --env-policy strict ends with exit 3 where the environment of trials differs, and writes nothing', async () => {
    const { cwd, ending } = await run('strict');
    const { code, stdout, stderr } = ending;
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^ *backend\.name +webgpu +wasm/m);
    expect(stderr).toContain(`error: the environment differs in 1 point: ${DIFFERENCE}`);
    expect(stderr).toMatch(/\nremedy: .*--force\n$/);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('sweep --env-policy strict --force goes on with a warning, and its trials record that they were forced', async () => {
    const { cwd, ending } = await run('strict', '--force');
    expect(ending.code).toBe(0);
    expect(ending.stderr.match(/forced to go on: /g)).toHaveLength(1);
    expect(policyOf(cwd)).toMatchObject({ policy: 'strict', forced: true });
  });

  it.each(['warn', 'ignore'])(
    'sweep --env-policy %s says nothing itself: its trials do as it says',
    async (policy) => {
      const { cwd, ending } = await run(policy);
      expect(ending.code).toBe(0);
      expect(ending.stderr).not.toContain(DIFFERENCE);
      expect(policyOf(cwd)).toMatchObject({ policy, forced: false });
      const log = readFileSync(join(cwd, 'out/sweeps/s/logs/0001.log'), 'utf8');
      expect(log.split(DIFFERENCE)).toHaveLength(policy === 'warn' ? 2 : 1);
    },
  );
});

// Helpers

async function run(policy: string, ...args: string[]): Promise<{ cwd: string; ending: Ending }> {
  const cwd = fresh();
  const argv = ['--grid', 'training.seed=1', '--tag', 's', '--env-policy', policy, ...args];
  return { cwd, ending: await sweep(argv, cwd, { main }) };
}

/** What the events of the first trial's run say of the policy. */
function policyOf(cwd: string): unknown {
  const text = readFileSync(join(cwd, 'out/runs/s-0001/events.jsonl'), 'utf8');
  const events = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return events.find((event) => Object.values(event).includes('environment_policy'))?.['data'];
}
