import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, SlurmCluster, until } from './slurm-cluster';

const SWEEP = join(__dirname, '../../../../apps/sweep/dist/main.js');
const TRIALS = ['0001', '0002', '0003', '0004'];
const SETTINGS = [
  ...['--grid', 'training.learning_rate=1e-3,3e-4', '--grid', 'training.seed=1,2'],
  ...['training.steps=150', 'training.shards=2', 'training.warmup_steps=2'],
  ...['training.evaluate_every=50', 'training.evaluation_examples=4', 'training.test_examples=4'],
  ...['data.batch_size=8', 'data.num_workers=0'],
  ...['model.dim=8', 'model.heads=1', 'model.encoder_layers=1', 'model.decoder_layers=1'],
];

let cluster: SlurmCluster;
let folder: string;

beforeAll(async () => {
  cluster = await SlurmCluster.start();
  folder = mkdtempSync(join(tmpdir(), 'pixelis-sweep-'));
});
afterAll(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a sweep on Slurm', () => {
  it('ends in the weights of the same sweep on this machine, though a trial is put back into the queue', async () => {
    const onSlurm = sweep('slurm', '--launcher', 'slurm', '--slurm-option', 'partition=main');
    await until('trial 1 is at its work', () => stepsOf('slurm', '0001') >= 3);
    await ask('scancel', '--batch', '--signal=USR1', await taskOf(1));
    const { code, stderr } = await onSlurm;
    expect({ code, lines: stderr.split('\n') }).toMatchObject({
      code: 0,
      lines: expect.arrayContaining([
        expect.stringContaining('trial 1 is back in the queue'),
      ]) as string[],
    });
    expect(read('slurm', '0001', 'events.jsonl').match(/"type":"resumed"/g)).toHaveLength(1);
    expect(await sweep('local')).toMatchObject({ code: 0 });

    for (const trial of TRIALS) {
      expect(weightsOf('slurm', trial)).toMatch(/^[0-9a-f]{64}$/);
      expect(weightsOf('slurm', trial)).toBe(weightsOf('local', trial));
      expect(read('slurm', trial, 'metrics.jsonl')).toBe(read('local', trial, 'metrics.jsonl'));
    }
    expect(new Set(TRIALS.map((trial) => weightsOf('slurm', trial))).size).toBe(4);
    expect(outcomesOf('slurm')).toEqual(outcomesOf('local'));
  });

  it('says with exit code 2 what sbatch refuses', async () => {
    const refused = ['--launcher', 'slurm', '--slurm-option', 'partition=nowhere'];
    const { code, stderr } = await sweep('refused', ...refused);

    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: sbatch refuses: invalid partition specified: nowhere/m);
    expect(stderr).toMatch(/^remedy: /m);
  });
});

// Helpers

/** Runs the program to its end; a sweep is named like its output folder. */
async function sweep(
  name: string,
  ...options: string[]
): Promise<{ code: number | null; stderr: string }> {
  const words = [SWEEP, '--tag', 'same', '--out', name, ...options, ...SETTINGS];
  const child = spawn(process.execPath, words, {
    cwd: folder,
    env: process.env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stderr })));
}

/** What Slurm knows the running task of a trial by. */
async function taskOf(trial: number): Promise<string> {
  const ids = await ask('squeue', '-h', '--array', '--states=RUNNING', '--format=%F_%K');
  return ids.split('\n').find((id) => id.endsWith(`_${trial}`)) ?? '';
}

function read(name: string, trial: string, file: string): string {
  const path = join(folder, name, 'runs', `same-${trial}`, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function stepsOf(name: string, trial: string): number {
  return read(name, trial, 'metrics.jsonl').split('\n').length - 1;
}

function weightsOf(name: string, trial: string): string {
  const { results } = JSON.parse(read(name, trial, 'manifest.json')) as {
    results: { weights_sha256: string };
  };
  return results.weights_sha256;
}

function outcomesOf(name: string): string[] {
  const folderOf = join(folder, name, 'sweeps', 'same', 'outcomes');
  return TRIALS.map((trial) => readFileSync(join(folderOf, `${trial}.json`), 'utf8'));
}
