import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { auditRun } from '@pixelis/artifacts';
import { Generator } from '@pixelis/reproducibility';
import { useTemporaryFolder } from '../support/temporary-folder';
import { runsOf, startTrain, tiny, train } from '../support/train-program';
import { checkpoint, checkpointsOf, expectWhole, filesOf } from '../support/whole-run';

const temporaryFolder = useTemporaryFolder();
const KILL_AT = join(__dirname, '../support/kill-at.cjs');

/** How many processes are killed at random; PIXELIS_TRAIN_KILLS=40 takes some minutes. */
const KILLS = Number(process.env['PIXELIS_TRAIN_KILLS'] ?? 4);
const KILLS_OF_A_RUN = 8;

const ARGS = ['sft', ...tiny({ 'training.steps': '20' }), '--run-id', 'x'];
/** Where an uninterrupted run was made, and one that was killed right after its checkpoint of step 9. */
let whole: string;
let killed: string;
let reference: Record<string, Buffer>;
/** From the first line of the log that names the run to the end of the program. */
let trainingMs: number;

beforeAll(async () => {
  [whole, killed] = [temporaryFolder(), temporaryFolder()];
  const program = startTrain(ARGS, { cwd: whole });
  await program.until(() => program.stderr().includes('run x'));
  const started = performance.now();
  expect(await program.ending).toMatchObject({ code: 0 });
  trainingMs = performance.now() - started;
  reference = filesOf(join(whole, 'out'), 'x');
  await killedAt(`after ${nameOf(9)}`, killed);
});

describe('train sft', () => {
  it('records each step once, and a chain that an audit verifies up to the final weights', async () => {
    const steps = (path: string) =>
      reference[path]!.toString('utf8')
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { step: number }).step);
    const all = Array.from({ length: 21 }, (_, step) => step);

    expect(steps('metrics.jsonl')).toEqual(all.slice(1));
    expect(steps('chain.jsonl')).toEqual(all.filter((step) => step % 4 === 0));

    const run = join(copyOf(whole), 'out', 'runs', 'x');
    expect(await auditRun(run)).toMatchObject({ isIntact: true });
    flipBit(join(run, 'checkpoints', 'final.safetensors'), -1);
    const { problems } = await auditRun(run);
    expect(problems).toContainEqual({
      path: 'chain.jsonl',
      message: 'does not end in the weights of checkpoints/final.safetensors',
    });
  });
});

describe('train sft after kill -9', () => {
  it(
    'at random moments, again and again, with one thread and two by turns, comes to the same bits',
    async () => {
      const random = Generator.fromSeed(42).fork('kills');
      let kills = 0;
      while (kills < KILLS) {
        const cwd = temporaryFolder();
        for (let life = 0; life < KILLS_OF_A_RUN && kills < KILLS; life++) {
          const threads = String(1 + (life % 2));
          const program = startTrain([...ARGS, '--threads', threads], { cwd });
          const isEarly = random.uniform() < 0.2;
          if (!isEarly) await program.until(() => program.stderr().includes('run x'));
          await Promise.race([program.ending, delay(random.uniform() * trainingMs)]);
          program.child.kill('SIGKILL');
          const { code } = await program.ending;
          if (code === 0) break;
          expect(code).toBeNull();
          kills += 1;
        }
        const out = join(cwd, 'out');
        const isComplete = runsOf(out).length > 0 && (await isWhole(join(out, 'runs', 'x')));
        if (!isComplete) expect(await train(ARGS, { cwd })).toMatchObject({ code: 0 });
        await expectWhole(out, { runId: 'x', reference });
      }
    },
    60_000 + KILLS * 10_000,
  );

  it.each([
    ['while its first checkpoint is written', 'writing checkpoints', 0],
    ['when its first checkpoint is written, but not in place', `before ${nameOf(3)}`, 0],
    ['when a later checkpoint is written, but not in place', `before ${nameOf(12)}`, 9],
    ['when all is done but the final weights', 'before final.safetensors', 20],
  ])('%s, comes to the same bits', async (_, moment, step) => {
    const cwd = temporaryFolder();
    await killedAt(moment, cwd);

    const resumed = await train(ARGS, { cwd });

    expect(resumed).toMatchObject({ code: 0 });
    expect(resumed.stderr).toContain(`run x: resumed after step ${step} `);
    await expectWhole(join(cwd, 'out'), { runId: 'x', reference });
  });

  it('while a resumption cuts its files back, comes to the same bits', async () => {
    const cwd = temporaryFolder();
    await killedAt(`before ${nameOf(12)}`, cwd);
    await killedAt('cutting 2', cwd);

    expect(await train(ARGS, { cwd })).toMatchObject({ code: 0 });
    await expectWhole(join(cwd, 'out'), { runId: 'x', reference });
  });

  it('in its very first step, begins again', async () => {
    // The default model takes long enough for a step to be met in the middle of it.
    const changes = {
      'training.steps': '2',
      'training.evaluate_every': '2',
      'data.batch_size': '64',
    };
    const model = { 'model.dim': '64', 'model.heads': '4', 'model.encoder_layers': '2' };
    const args = ['sft', ...tiny({ ...changes, ...model }), '--run-id', 'x'];
    const [cwd, other] = [temporaryFolder(), temporaryFolder()];
    const program = startTrain(args, { cwd });
    await program.until(() => program.stderr().includes('run x'));
    await delay(40);
    program.child.kill('SIGKILL');
    expect(await program.ending).toMatchObject({ code: null });
    expect(readFileSync(join(cwd, 'out', 'runs', 'x', 'metrics.jsonl'), 'utf8')).toBe('');

    const [resumed, uninterrupted] = [
      await train(args, { cwd }),
      await train(args, { cwd: other }),
    ];

    expect(resumed.stderr).toContain('run x: resumed after step 0 ');
    expect([resumed.code, uninterrupted.code]).toEqual([0, 0]);
    const expected = filesOf(join(other, 'out'), 'x');
    await expectWhole(join(cwd, 'out'), { runId: 'x', reference: expected });
  });
});

describe('train sft after kill -9 and a change in its files', () => {
  it.each([
    ['metrics.jsonl', /^error: .*metrics\.jsonl was changed after the checkpoint: .*line/],
    ['chain.jsonl', /^error: .*chain\.jsonl was changed after the checkpoint: line \d/],
    ['checkpoint', /^error: Checkpoint .*step-00000009.* is damaged/],
  ])('of one bit in %s goes no further, and changes nothing', async (file, says) => {
    const cwd = copyOf(killed);
    const run = join(cwd, 'out', 'runs', 'x');
    const path = join(run, file === 'checkpoint' ? checkpoint(9) : file);
    const untouched = readFileSync(path);
    const random = Generator.fromSeed(42).fork(file);
    flipBit(path, Math.floor(random.uniform() * untouched.length));
    const before = stateOf(run);

    const refused = await train(ARGS, { cwd });

    expect(refused).toMatchObject({ code: 5, stdout: '' });
    const [error, remedy] = refused.stderr.trimEnd().split('\n').slice(-2);
    expect(error).toMatch(says);
    expect(remedy).toMatch(/^remedy: .*--new/);
    expect(stateOf(run)).toEqual(before);

    writeFileSync(path, untouched);
    expect(await train(ARGS, { cwd })).toMatchObject({ code: 0 });
    await expectWhole(join(cwd, 'out'), { runId: 'x', reference });
  });

  it('goes back to the checkpoint before, once the newest is deleted', async () => {
    const cwd = copyOf(killed);
    const run = join(cwd, 'out', 'runs', 'x');
    flipBit(join(run, 'metrics.jsonl'), -3);
    expect(await train(ARGS, { cwd })).toMatchObject({ code: 5 });

    rmSync(join(run, checkpoint(9)));
    const resumed = await train(ARGS, { cwd });

    expect(resumed).toMatchObject({ code: 0 });
    expect(resumed.stderr).toContain('resumed after step 6 ');
    await expectWhole(join(cwd, 'out'), { runId: 'x', reference });
  });

  it('cuts what stands after the checkpoint, whatever it is', async () => {
    const cwd = copyOf(killed);
    for (const name of ['metrics.jsonl', 'timings.jsonl', 'epochs.csv', 'chain.jsonl'])
      appendFileSync(join(cwd, 'out', 'runs', 'x', name), 'torn');

    expect(await train(ARGS, { cwd })).toMatchObject({ code: 0 });
    await expectWhole(join(cwd, 'out'), { runId: 'x', reference });
  });
});

// Helpers

function nameOf(step: number): string {
  return `step-${String(step).padStart(8, '0')}.safetensors`;
}

function copyOf(cwd: string): string {
  const copy = temporaryFolder();
  cpSync(cwd, copy, { recursive: true });
  return copy;
}

async function killedAt(moment: string, cwd: string): Promise<void> {
  const env = { NODE_OPTIONS: `--require "${KILL_AT}"`, PIXELIS_KILL_AT: moment };
  expect(await train(ARGS, { cwd, env })).toMatchObject({ code: null });
}

async function isWhole(run: string): Promise<boolean> {
  const { limits } = await auditRun(run);
  return limits.every(({ code }) => code !== 'NO_MANIFEST');
}

function flipBit(path: string, at: number): void {
  const bytes = readFileSync(path);
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] = bytes[place]! ^ 1;
  writeFileSync(path, bytes);
}

/** All that a resumption goes on from. */
function stateOf(run: string): Record<string, string> {
  const files = ['metrics.jsonl', 'timings.jsonl', 'epochs.csv', 'chain.jsonl'];
  const checkpoints = checkpointsOf(run).map((name) => join('checkpoints', name));
  return Object.fromEntries(
    [...files, ...checkpoints].map((path) => [path, readFileSync(join(run, path), 'latin1')]),
  );
}
