import { type ManifestFacts, openRun, type OpenRunOptions, type Run } from '@pixelis/artifacts';

export const CONFIG = {
  training: { seed: 42, steps: 3, name: 'a:b' },
  hardware: { threads: 2 },
  'odd key!': [1, 2],
};

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

/** Begins a run of {@link CONFIG}, or resumes it. */
export function openExample(root: string, options: Partial<OpenRunOptions> = {}): Run {
  return openRun({ root, config: CONFIG, rawConfig: {}, tags: { exp_name: 'digits' }, ...options });
}

/** Records the steps of an example run from `first` to `last`. */
export function recordSteps(run: Run, first: number, last: number): void {
  for (let step = first; step <= last; step++) {
    run.metrics(step, { 'loss/train': 1 / step, 'accuracy/train': step / (step + 1) });
    run.timings(step, { step_ms: step * 1.5 });
  }
}

/** A whole run with weights and a figure. */
export async function completeExample(root: string, runId: string, steps = 4): Promise<Run> {
  const run = openExample(root, { runId });
  recordSteps(run, 1, steps);
  run.hardware({ cpu_percent: 50, memory_bytes: 1e9 });
  run.writeFile('checkpoints/final.safetensors', Buffer.from(`weights of ${runId}`));
  run.writeFile('figures/loss.svg', '<svg/>');
  await run.complete(FACTS);
  return run;
}
