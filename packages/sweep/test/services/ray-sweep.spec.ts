import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../launchers/trial-folder';
import { RayHead } from './ray-head';

const SWEEP = join(__dirname, '../../../../apps/sweep/dist/main.js');
const TRIALS = ['0001', '0002', '0003', '0004'];
/** Long enough that an interruption at the third step finds a trial training. */
const STEPS = 1000;
const SETTINGS = [
  ...['--grid', 'training.learning_rate=1e-3,3e-4', '--grid', 'training.seed=1,2'],
  ...[`training.steps=${STEPS}`, 'training.shards=2', 'training.warmup_steps=2'],
  ...['training.evaluate_every=250', 'training.evaluation_examples=4', 'training.test_examples=4'],
  ...['data.batch_size=8', 'data.num_workers=0'],
  ...['model.dim=8', 'model.heads=1', 'model.encoder_layers=1', 'model.decoder_layers=1'],
];

let head: RayHead;
let folder: string;

beforeAll(async () => {
  head = await RayHead.start({ cpus: 2 });
  folder = mkdtempSync(join(tmpdir(), 'pixelis-sweep-'));
});
afterAll(async () => {
  await head.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a sweep on Ray', () => {
  it('ends in the weights of the same sweep on this machine, though its driver is killed', async () => {
    const onRay = ['--launcher', 'ray', '--ray-address', head.address];
    const killed = start('ray', ...onRay);
    const ended = once(killed, 'exit');
    await until(() => isMidway('ray'), 120_000);
    killed.kill('SIGKILL');
    await ended;
    expect(outcomesOf('ray').length).toBeLessThan(TRIALS.length);
    expect(await endOf(start('ray', ...onRay))).toMatchObject({ code: 0 });
    expect(await endOf(start('local'))).toMatchObject({ code: 0 });

    for (const trial of TRIALS) {
      expect(weightsOf('ray', trial)).toMatch(/^[0-9a-f]{64}$/);
      expect(weightsOf('ray', trial)).toBe(weightsOf('local', trial));
      expect(read('ray', trial, 'metrics.jsonl')).toBe(read('local', trial, 'metrics.jsonl'));
      expect(stepsOf('ray', trial)).toBe(STEPS);
      expect(read('ray', trial, 'events.jsonl')).not.toContain('"type":"resumed"');
    }
    expect(new Set(TRIALS.map((trial) => weightsOf('ray', trial))).size).toBe(4);
    expect(outcomesOf('ray')).toEqual(outcomesOf('local'));
  });

  it('stops its trials when it is interrupted, and goes on exactly', async () => {
    const onRay = ['--launcher', 'ray', '--ray-address', head.address];
    const first = start('stopped', ...onRay);
    const end = endOf(first);
    await until(() => isMidway('stopped'), 120_000);
    first.kill('SIGINT');
    expect(await end).toMatchObject({ code: 130 });
    expect(await endOf(start('stopped', ...onRay))).toMatchObject({ code: 0 });
    const trails = TRIALS.map((trial) => read('stopped', trial, 'events.jsonl'));
    expect(trails.some((trail) => trail.includes('"type":"resumed"'))).toBe(true);
    for (const trial of TRIALS) {
      expect(weightsOf('stopped', trial)).toBe(weightsOf('ray', trial));
    }
  });

  it('ends with exit code 6 and two lines if there is no Ray', async () => {
    const nobody = ['--launcher', 'ray', '--ray-address', 'http://127.0.0.1:9'];
    const { code, stderr } = await endOf(start('nobody', ...nobody));
    expect(code).toBe(6);
    expect(stderr).toMatch(
      /^error: cannot reach Ray at http:\/\/127\.0\.0\.1:9: .*\nremedy: .+\n$/m,
    );
  });
});

// Helpers

/** Starts the program; a sweep is named like its output folder. */
function start(name: string, ...options: string[]): ChildProcess {
  const words = [SWEEP, '--tag', 'same', '--out', name, ...options, ...SETTINGS];
  return spawn(process.execPath, words, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
}

async function endOf(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stderr })));
}

function read(name: string, trial: string, file: string): string {
  const path = join(folder, name, 'runs', `same-${trial}`, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** The last step of which a run tells. */
function stepsOf(name: string, trial: string): number {
  const last = read(name, trial, 'metrics.jsonl').trimEnd().split('\n').at(-1) ?? '';
  return Number(/"step":(\d+)/.exec(last)?.[1] ?? 0);
}

/** Whether a trial, in whatever order Ray starts them, is in the midst of its training. */
function isMidway(name: string): boolean {
  return TRIALS.some((trial) => stepsOf(name, trial) >= 3);
}

function weightsOf(name: string, trial: string): string | undefined {
  return /"weights_sha256": "([0-9a-f]{64})"/.exec(read(name, trial, 'manifest.json'))?.[1];
}

function outcomesOf(name: string): string[] {
  const outcomes = join(folder, name, 'sweeps', 'same', 'outcomes');
  if (!existsSync(outcomes)) return [];
  return readdirSync(outcomes)
    .sort()
    .map((file) => readFileSync(join(outcomes, file), 'utf8'));
}
