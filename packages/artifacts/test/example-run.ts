import type { ManifestFacts } from '../src/runs/manifest';
import { openRun, type OpenRunOptions } from '../src/runs/open-run';
import type { Run } from '../src/runs/run';

export const CONFIG = { training: { seed: 42, steps: 3 }, hardware: { threads: 2 } };

export const FACTS: ManifestFacts = {
  seed: 42,
  git: { commit: 'a'.repeat(40), is_dirty: false, remote: 'https://example.org/pixelis.git' },
  node: '20.20.2',
  tfjs: '4.22.0',
  tensorflow: null,
  cuda: null,
  backend: { name: 'wasm', version: '4.22.0', threads: 2 },
  env_lock: { name: 'package-lock.json', hash: 'b'.repeat(64) },
  dataset: { name: 'digits', version: '1', split: 'train', hashes: { images: 'c'.repeat(64) } },
  encoder: { arch: 'vit', dim: 64, weights: null },
  transforms: { version: 'v1', normalize: true, mean: [0.13], std: [0.31] },
  results: { 'accuracy/simple': 0.93, 'loss/val': 0.2 },
};

/** What a lock file says of a process that cannot be looked at from here. */
export const OTHER_PROCESS = {
  hostname: 'another',
  machine_id: null,
  boot_id: 'another',
  pid_namespace: null,
  pid: 1,
  process_start: null,
};

/** Opens a run of {@link CONFIG}. */
export function openExample(root: string, options: Partial<OpenRunOptions> = {}): Run {
  return openRun({ root, config: CONFIG, rawConfig: {}, ...options });
}

/** Records the steps of an example run from `first` to `last`, two to an epoch. */
export function recordSteps(run: Run, first: number, last: number): void {
  for (let step = first; step <= last; step++) {
    run.metrics(step, { 'loss/train': 1 / step });
    run.timings(step, { step_ms: step * 1.5 });
    if (step % 2 === 0) run.epoch(step / 2, { loss: 1 / step, 'accuracy/val': step / 100 });
  }
}

/** A whole run with weights and a figure. */
export async function completeExample(root: string, runId: string): Promise<Run> {
  const run = openExample(root, { runId });
  recordSteps(run, 1, 4);
  run.writeFile('checkpoints/final.safetensors', new Uint8Array([1, 2, 3]));
  run.writeFile('figures/loss.svg', '<svg/>');
  await run.complete(FACTS);
  return run;
}
