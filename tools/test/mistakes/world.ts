import { createHash } from 'node:crypto';
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

/**
 * A folder in which every mistake can be made: `out` with a run and what it left in the store, `damaged` the same with a flipped
 * bit in each of the run's records and in the store, keys, an export, and files that are not what they should be.
 */
export async function makeWorld(): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), 'pixelis-mistakes-'));
  await succeed('train', ['sft', ...TINY_RUN, '--run-id', 'good'], cwd);
  await succeed('pixelis', ['generate-key', 'key'], cwd);
  await succeed('pixelis', ['export', 'good', '--file', 'whole.zip'], cwd);
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
  return cwd;
}

/** Removes what {@link makeWorld} made. */
export function removeWorld(cwd: string): void {
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

async function succeed(program: 'train' | 'pixelis', args: readonly string[], cwd: string) {
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
