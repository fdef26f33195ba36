import { join } from 'node:path';
import { type ManifestFacts, openRun } from '@pixelis/artifacts';
import { digestParts, type JsonValue, type StepDigests } from '@pixelis/core';
import { floatBytes, tensorBytes, type Tensors } from './tensor-bytes';

/** A training of nothing, recorded as a real one is. */
export interface Training {
  readonly root: string;
  readonly runId: string;
  /** @default 6 */
  readonly steps?: number;
  /** @default 3 */
  readonly checkpointEvery?: number;
  /** @default 1 */
  readonly hashEvery?: number;
  readonly learningRate?: number;
  readonly config?: Readonly<Record<string, JsonValue>>;
  /** Changes the weights after a step. */
  readonly change?: (step: number, weights: Tensors) => Tensors;
  /** @default the inverse of the step */
  readonly loss?: (step: number) => number;
  /** Stands for the batch of a step. */
  readonly batch?: (step: number) => string;
  readonly environment?: JsonValue;
  readonly facts?: Partial<ManifestFacts>;
  readonly results?: Readonly<Record<string, number>>;
  /** Whether it is stopped after its last step. @default false */
  readonly isUnfinished?: boolean;
}

const HASH = 'c'.repeat(64);

/** What `environment.json` holds of a run that was made by a clean commit. */
export function environmentOf(
  changes: { commit?: string | null; isDirty?: boolean; node?: string; diff?: string } = {},
): JsonValue {
  const { commit = 'a'.repeat(40), isDirty = false, node = '20.20.2', diff } = changes;
  return {
    level: diff === undefined ? 'standard' : 'complete',
    system: {
      platform: 'linux', arch: 'x64', endianness: 'LE', cpu: { model: 'some' }, node, v8: '11', packages: {},
    },
    git: { commit, branch: 'main', is_dirty: isDirty, remote: null },
    warnings: [],
    standard: { lock_file: { name: 'package-lock.json', sha256: HASH }, packages: { zod: '4.0.0' } },
    complete:
      diff === undefined
        ? null
        : { changes: { diff_sha256: diff, left_out: [], untracked_count: 0 } },
  };
} // prettier-ignore

/** Records a training, and gives the folder of the run. */
export async function recordTraining(training: Training): Promise<string> {
  const {
    root,
    runId,
    steps = 6,
    hashEvery = 1,
    learningRate = 0.5,
    checkpointEvery = 3,
  } = training;
  const config = {
    training: { steps, learning_rate: learningRate, hash_every: hashEvery },
    hardware: { threads: 1 },
    ...training.config,
  };
  const run = openRun({
    root,
    runId,
    isNew: true,
    config,
    rawConfig: { settings: [] },
    environment: training.environment ?? environmentOf(),
    tags: { job: 'train:sft' },
  });
  let weights: Tensors = { 'layer.bias': [0, 0], 'layer.weight': [1, 2, 3, 4] };
  weights = training.change?.(0, weights) ?? weights;
  if (hashEvery > 0) run.chain(0, digestsOf(weights));
  for (let step = 1; step <= steps; step++) {
    const gradients = map(weights, (value) => value / 8);
    weights = map(weights, (value, index) => value - learningRate * (value / 8 + index));
    weights = training.change?.(step, weights) ?? weights;
    run.metrics(step, { 'loss/train': training.loss?.(step) ?? 1 / step });
    if (hashEvery > 0 && (step % hashEvery === 0 || step === steps))
      run.chain(step, {
        ...stepDigests(training, step),
        ...gradientsOf(gradients),
        ...digestsOf(weights),
      });
    if (step % checkpointEvery === 0) {
      const state = JSON.stringify({ step, loader: { batch: step }, files: { clock: run.runId } });
      const path = `checkpoints/step-${String(step).padStart(8, '0')}.safetensors`;
      run.writeFile(path, tensorBytes(prefixed(weights), { 'pixelis.state': state }));
    }
  }
  const folder = join(root, 'runs', runId);
  if (training.isUnfinished === true) {
    run.fail(new Error('stopped'));
    return folder;
  }
  run.writeFile('checkpoints/final.safetensors', tensorBytes(weights));
  await run.complete({
    ...FACTS,
    results: training.results ?? { accuracy: 0.5 },
    ...training.facts,
  });
  return folder;
}

const FACTS: Omit<ManifestFacts, 'results'> = {
  seed: 42,
  git: { commit: null, is_dirty: null, remote: null },
  node: 'v20.20.2',
  tfjs: null,
  tensorflow: null,
  cuda: null,
  backend: { name: 'wasm', version: '4.22.0', threads: 1 },
  env_lock: { name: null, hash: null },
  dataset: { name: 'digits', version: '1', split: 'train', hashes: { 'digits.bin': HASH } },
  encoder: null,
  transforms: null,
};

// Helpers

function stepDigests({ batch = String }: Training, step: number) {
  const bytes = new TextEncoder().encode(batch(step));
  return { batch: digestParts([bytes]).digest, loss: '3ff0000000000000' };
}

function gradientsOf(gradients: Tensors): Pick<StepDigests, 'gradients' | 'gradient_tensors'> {
  const { digest, parts } = digestParts(bytesOf(gradients));
  return { gradients: digest, gradient_tensors: parts };
}

function digestsOf(weights: Tensors): StepDigests {
  const { digest, parts } = digestParts(bytesOf(weights));
  return { weights: digest, weight_tensors: parts };
}

function bytesOf(tensors: Tensors): Buffer[] {
  return Object.keys(tensors)
    .sort()
    .map((name) => floatBytes(tensors[name] ?? []));
}

function map(tensors: Tensors, change: (value: number, index: number) => number): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, values]) => [
      name,
      values.map((value, index) => Math.fround(change(value, index))),
    ]),
  );
}

function prefixed(tensors: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, values]) => [
      [`model.${name}`, values],
      [`optimizer.m.${name}`, values.map((value) => value / 2)],
    ]),
  );
}
