import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ending, runDocumented, TINY } from '../support/programs';
import { recordRuns } from '../support/record-runs';
import { runPixelis } from '../support/run-pixelis';
import { useTemporaryFolder } from '../support/temporary-folder';

const temporaryFolder = useTemporaryFolder();
const ENV = {
  ...TINY,
  PIXELIS__TRAINING__STEPS: '6',
  PIXELIS__TRAINING__CHECKPOINT_EVERY: '5',
  PIXELIS__TRAINING__HASH_EVERY: '1',
};

let cwd: string;

beforeAll(async () => {
  cwd = temporaryFolder();
  await train('base', []);
  await train('same', ['data.num_workers=1']);
  await train('late', ['training.minimum_learning_rate_ratio=0.5']);
});

describe('pixelis diff', () => {
  it('ends with 0 for runs that are equal in every bit, and names what reaches no result', async () => {
    const { code, stdout } = await diff(['base', 'same']);
    expect(stdout).toMatch(/^A is base, B is same$/m);
    expect(stdout).toMatch(/^configuration: equal .* values but for data\.num_workers,/m);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('equal in every bit of what both recorded');
    expect(code).toBe(0);
  });

  it('finds value, step and tensor, the values at the next checkpoint, and the class; ends with 5', async () => {
    const { code, stdout } = await diff(['base', 'late']);
    const key = 'training.minimum_learning_rate_ratio';
    expect(stdout.replace(/\n {26}/g, ' ')).toMatch(
      new RegExp(`^configuration: differs +${key} is 0\\.05 in A and 0\\.5 in B$`, 'm'),
    );
    expect(stdout).toMatch(/^data order: equal /m);
    expect(stdout).toMatch(/^first +step 4, equal up to step 3: weights$/m);
    expect(stdout).toMatch(/^tensor +decoder\.blocks\.0\.attention\.out\.bias$/m);
    expect(stdout).toMatch(/^ +in the checkpoints of step 5,/m);
    expect(stdout).toMatch(/^class +config$/m);
    expect(code).toBe(5);
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
  });

  it('trains both again up to that step with --replay, to see the values there', async () => {
    const { code, stdout } = await diff(['base', 'late', '--replay', '--json']);
    const { first, replay } = JSON.parse(stdout) as Record<'first' | 'replay', unknown>;
    expect(first).toMatchObject({ step: 4, shared_step: 3, values: { step: 5 } });
    expect(replay).toMatchObject({
      step: 4,
      is_faithful: [true, true],
      values: { step: 4, difference: { tensor: 'decoder.blocks.0.attention.out.bias' } },
    });
    expect(code).toBe(5);
  });

  it('refuses a record whose chain was changed, rather than to call it equal', async () => {
    const elsewhere = join(temporaryFolder(), 'base');
    cpSync(join(cwd, 'out/runs/base'), elsewhere, { recursive: true });
    const path = join(elsewhere, 'chain.jsonl');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"loss":"./, '"loss":"x'));
    for (const runs of [
      ['base', elsewhere],
      [elsewhere, 'base'],
    ]) {
      const { code, stdout, stderr } = await diff(runs);
      expect(stderr).toMatch(/^error: The record of run base is damaged: .*chain\.jsonl: /);
      expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
    }
  });

  it('takes the path of a run that lies elsewhere', async () => {
    const elsewhere = join(temporaryFolder(), 'base');
    cpSync(join(cwd, 'out/runs/base'), elsewhere, { recursive: true });
    expect((await diff(['base', elsewhere])).code).toBe(0);
  });

  it('says that a file is damaged, or that there is nothing to compare', async () => {
    const elsewhere = join(temporaryFolder(), 'base');
    cpSync(join(cwd, 'out/runs/base'), elsewhere, { recursive: true });
    writeFileSync(join(elsewhere, 'checkpoints/final.safetensors'), 'no weights');
    const damaged = await diff(['base', elsewhere]);
    expect(damaged.stderr).toMatch(
      /record of run base is damaged: .*final\.safetensors: .*\nremedy: /,
    );
    expect(damaged.code).toBe(5);
    rmSync(elsewhere, { recursive: true });
    expect(await diff(['base', elsewhere])).toMatchObject({ code: 4 });
    const other = temporaryFolder();
    await recordRuns(other);
    const ending = await runPixelis(['diff', 'c-failed', 'c-failed'], { cwd: other });
    expect(ending.stderr).toMatch(/no training to compare/);
    expect(ending.code).toBe(2);
  });
});

// Helpers

async function train(runId: string, args: readonly string[]): Promise<void> {
  const command = `npx nx run train:sft -- --run-id ${runId} ${args.join(' ')}`;
  const { code, stderr } = await runDocumented(command, { cwd, env: ENV });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
}

function diff(args: readonly string[]): Promise<Ending> {
  return runPixelis(['diff', ...args], { cwd });
}
