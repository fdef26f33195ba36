import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WORKSPACE_ROOT } from '../../src/workspace';
import { runProgram } from './programs';

const TINY = [
  'training.steps=2',
  'training.shards=2',
  'training.warmup_steps=1',
  'training.evaluate_every=2',
  'training.evaluation_examples=4',
  'training.test_examples=4',
  'training.checkpoint_every=2',
  'training.hash_every=1',
  'data.batch_size=4',
  'data.num_workers=0',
  'model.dim=8',
  'model.heads=1',
  'model.encoder_layers=1',
  'model.decoder_layers=1',
];

/** Arguments of the smallest run there is. */
export const TINY_RUN: readonly string[] = [...TINY, '--threads', '1', '--capture-level', '1'];

/** The smallest search there is, so that a program that does not refuse it is soon done. */
const SEARCH = `sweep: {space: {training.seed: {values: [1, 2]}}}
training: {steps: 2, shards: 2, warmup_steps: 1, evaluate_every: 2, evaluation_examples: 4, test_examples: 4}
data: {batch_size: 4, num_workers: 0}
model: {dim: 8, heads: 1, encoder_layers: 1, decoder_layers: 1}
`;

/**
 * A folder in which every mistake can be made: `out` with a run and what it left in the store, and a sweep `lr` that has yet to begin,
 * `damaged` the same with a flipped bit in each of the run's records and in the store, and sweeps each with one damaged file; keys, an
 * export, and files that are not what they should be. A process holds the sweep `held` until the world is removed.
 */
export async function makeWorld(): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), 'pixelis-mistakes-'));
  await succeed('train', ['sft', ...TINY_RUN, '--run-id', 'good'], cwd);
  await succeed('pixelis', ['generate-key', 'key'], cwd);
  await succeed('pixelis', ['export', 'good', '--file', 'whole.zip'], cwd);
  writeFileSync(join(cwd, 'search.yaml'), SEARCH);
  await succeed('sweep', ['--config', 'search.yaml', '--tag', 'lr', '--write-only'], cwd);
  mkdirSync(join(cwd, 'folder'));
  for (const name of ['manifest.json', 'config_resolved.json', 'env.lock.json'])
    mkdirSync(join(cwd, 'folders', name), { recursive: true });
  mkdirSync(join(cwd, 'later'));
  writeFileSync(join(cwd, 'later/env.lock.json'), '{"env_lock_version": 99}');
  writeFileSync(join(cwd, 'later/manifest.json'), '{"manifest_version": 99}');
  writeFileSync(join(cwd, 'sweep.yaml'), 'sweep: {strategy: grid}\n');
  writeFileSync(join(cwd, 'evaluation.yaml'), 'evaluation: {benchmark: digits}\n');
  writeFileSync(join(cwd, 'text.txt'), 'neither JSON nor a key nor a zip: [');
  writeFileSync(join(cwd, 'list.json'), '[1]');
  writeFileSync(join(cwd, 'records.jsonl'), '{"question":"q","steps":["s"],"answer":"a"}\n');
  writeFileSync(join(cwd, 'unknown-key.yaml'), 'training: {sted: 1}\n');
  writeFileSync(join(cwd, 'wrong-type.json'), '{"training": {"steps": "many"}}');
  writeFileSync(join(cwd, 'comma.json'), '{"training": {"steps": 3,}}');
  writeFileSync(join(cwd, 'cut.zip'), readFileSync(join(cwd, 'whole.zip')).subarray(0, -40));
  cpSync(join(cwd, 'out'), join(cwd, 'damaged'), { recursive: true });
  const run = join(cwd, 'damaged/runs/good');
  for (const name of [
    'manifest.json',
    'metrics.jsonl',
    'events.jsonl',
    'checkpoints/final.safetensors',
  ]) {
    flipBit(join(run, name));
  }
  for (const path of filesBelow(join(cwd, 'damaged/store/v1/blobs'))) flipBit(path);
  for (const [tag, file] of Object.entries(DAMAGED_SWEEPS)) {
    cpSync(join(cwd, 'out/sweeps/lr'), join(cwd, 'damaged/sweeps', tag), { recursive: true });
    writeFileSync(join(cwd, 'damaged/sweeps', tag, file), '{"damaged": true}');
  }
  holders.set(cwd, await hold(join(cwd, 'out/sweeps/.held.lock')));
  return cwd;
}

/** The file that is damaged of each of these sweeps. */
const DAMAGED_SWEEPS = {
  search: 'sweep.json',
  trial: '0001.json',
  outcome: 'outcomes/0001.json',
  whole: 'manifest.json',
} as const;

const holders = new Map<string, ChildProcess>();

/** Starts a process that holds a lock. */
async function hold(path: string): Promise<ChildProcess> {
  const core = join(WORKSPACE_ROOT, 'packages/core/dist/index.js');
  const script = `require(${JSON.stringify(core)}).acquireFileLock(${JSON.stringify(path)});
    process.stdout.write('held'); setInterval(() => {}, 1000); process.stdin.resume().on('end', () => process.exit());`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

/** Removes what {@link makeWorld} made. */
export async function removeWorld(cwd: string): Promise<void> {
  const holder = holders.get(cwd);
  // One that has ended says so no more.
  if (holder?.exitCode === null && holder.signalCode === null) {
    holder.kill();
    await once(holder, 'exit');
  }
  rmSync(cwd, { recursive: true, force: true, maxRetries: 5 });
}

/** Every file below a folder with the hash of its content, and every folder: equal if nothing was changed. */
export function folderState(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((path) => {
        const whole = join(folder, path);
        return [path, statSync(whole).isDirectory() ? 'folder' : hashOf(whole)];
      }),
  );
}

async function succeed(
  program: 'train' | 'sweep' | 'pixelis',
  args: readonly string[],
  cwd: string,
) {
  const { code, stderr } = await runProgram(program, args, { cwd });
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${stderr}`);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile());
}

/** In the middle, where a record has values. */
function flipBit(path: string): void {
  const bytes = readFileSync(path);
  const middle = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  writeFileSync(path, bytes);
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
