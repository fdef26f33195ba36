import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { objectOf } from '../src/json-value';
import { makeCheckout, removeCheckout } from './mistakes/checkout';
import { type Ending, type ProgramName, runProgram } from './mistakes/programs';
import { folderState, removeWorld, TINY_RUN } from './mistakes/world';

const DIFFERENCE = 'backend.name is wasm, expected webgpu by env.lock.json';
const FORCED = 'forced to go on: ';

/** Each program with what makes it do little, the option that names what it makes, and where that is below the output folder. */
const PROGRAMS: readonly {
  readonly program: ProgramName;
  readonly words: readonly string[];
  readonly naming: string;
  readonly runOf: (name: string) => string;
  /** Where the run warns; undefined: on standard error. */
  readonly logOf?: (name: string) => string;
}[] = [
  {
    program: 'train',
    words: ['sft', ...TINY_RUN],
    naming: '--run-id',
    runOf: (name) => `runs/${name}`,
  },
  {
    program: 'evaluate',
    words: ['--model', 'model-good', 'training.test_examples=4'],
    naming: '--run-id',
    runOf: (name) => `runs/${name}`,
  },
  {
    program: 'sweep',
    words: ['--grid', 'training.seed=1', ...TINY_RUN],
    naming: '--tag',
    runOf: (name) => `runs/${name}-0001`,
    logOf: (name) => `sweeps/${name}/logs/0001.log`,
  },
];

let cwd = '';
let root = '';
beforeAll(async () => {
  root = makeCheckout('different');
  cwd = mkdtempSync(join(tmpdir(), 'pixelis-env-policy-'));
  const { code, stderr } = await runProgram('train', ['sft', ...TINY_RUN, '--run-id', 'good'], {
    cwd,
  });
  if (code !== 0) throw new Error(`training failed: ${stderr}`);
});
afterAll(async () => {
  removeCheckout(root);
  await removeWorld(cwd);
});

describe.each(PROGRAMS)('$program --env-policy', ({ program, words, naming, runOf, logOf }) => {
  it('strict ends with exit 3 where the environment differs, and writes nothing', async () => {
    const before = folderState(cwd);
    const { code, stdout, stderr } = await run('strict', 'refused');
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^ *backend\.name +webgpu +wasm/m);
    expect(stderr).toMatch(/\nerror: the environment differs in .*\nremedy: .*--force\n$/);
    expect(stderr).toContain(DIFFERENCE);
    expect(folderState(cwd)).toEqual(before);
  });

  it('strict --force goes on with one warning, and the run records that it was forced', async () => {
    const { code, stderr } = await run('strict', 'forced', '--force');
    expect({ code, times: timesIn(stderr, FORCED) }).toEqual({ code: 0, times: 1 });
    const { policy, forced, differences } = policyOf('forced');
    expect({ policy, forced }).toEqual({ policy: 'strict', forced: true });
    expect(differences).toContainEqual(
      expect.objectContaining({ what: 'backend.name', expected: 'webgpu', present: 'wasm' }),
    );
  });

  it.each([
    ['warn', 1],
    ['ignore', 0],
  ] as const)('%s goes on, and the run tells of the difference %d times', async (policy, times) => {
    const { code, stderr } = await run(policy, policy);
    const log = logOf === undefined ? stderr : readOut(logOf(`${program}-${policy}`));
    expect({ code, times: timesIn(log, DIFFERENCE) }).toEqual({ code: 0, times });
    // A sweep leaves it to its trials.
    if (logOf !== undefined) expect(stderr).not.toContain(DIFFERENCE);
    const difference: unknown = expect.objectContaining({ what: 'backend.name' });
    const differences: unknown = expect.arrayContaining([difference]);
    expect(policyOf(policy)).toMatchObject({ policy, forced: false, differences });
  });

  function run(policy: string, name: string, ...args: string[]): Promise<Ending> {
    // Names of runs of all programs stand side by side.
    const named = [naming, `${program}-${name}`, '--env-policy', policy, '--log-format', 'json'];
    return runProgram(program, [...words, ...named, ...args], { cwd, root });
  }

  function readOut(path: string): string {
    return readFileSync(join(cwd, 'out', path), 'utf8');
  }

  /** What the events of a run say of the policy. */
  function policyOf(name: string): Record<string, unknown> {
    const events = readOut(`${runOf(`${program}-${name}`)}/events.jsonl`)
      .trimEnd()
      .split('\n')
      .map((line) => objectOf(JSON.parse(line)));
    const found = events.find((event) => Object.values(event).includes('environment_policy'));
    return objectOf(found?.['data']);
  }
});

// Helpers

function timesIn(text: string, part: string): number {
  return text.split(part).length - 1;
}
