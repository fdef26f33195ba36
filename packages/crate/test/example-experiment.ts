import {
  ArtifactManager,
  type ManifestFacts,
  openRun,
  type RunReference,
} from '@pixelis/artifacts';
import { settleIdentity } from './run-reference';

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
  results: { 'accuracy/simple': 0.93 },
};

/** What {@link makeExperiment} made. */
export interface ExampleExperiment {
  readonly root: string;
  readonly manager: ArtifactManager;
  readonly training: RunReference;
  readonly evaluation: RunReference;
}

/** A data set, a training run that made a model of it, and an evaluation of that model. */
export async function makeExperiment(root: string): Promise<ExampleExperiment> {
  const manager = ArtifactManager.open({ root, rank: 0 });
  const images = new TextEncoder().encode('images');
  await manager.put(
    'dataset-digits-1.0',
    { 'train/images.bin': images, 'train/copy.bin': images, 'LICENSE.txt': new Uint8Array(0) },
    { isExternal: true, description: 'Digits', metadata: { classes: 10 } },
  );
  const training = await record({ root, runId: 'training', job: 'train:sft' }, async (run) => {
    await manager.use('dataset-digits-1.0', { run, role: 'train_data' });
    const weights = new Uint8Array([1, 2, 3]);
    await manager.put(
      'model-training',
      { 'model.safetensors': weights },
      { run, aliases: ['best'] },
    );
  });
  const evaluation = await record({ root, runId: 'evaluation', job: 'evaluate' }, async (run) => {
    await manager.use('model-training:best', { run, role: 'model' });
    await manager.use('dataset-digits-1.0', { run, role: 'test_data' });
    const scores = new TextEncoder().encode('{"accuracy":0.93}');
    const name = 'eval-model-training-on-dataset-digits-1.0';
    await manager.put(name, { 'scores.json': scores }, { run });
  });
  return { root, manager, training, evaluation };
}

/** Records a run from its beginning to its end. */
export async function record(
  { root, runId, job }: { root: string; runId: string; job: string },
  work: (run: RunReference) => Promise<void>,
): Promise<RunReference> {
  const manager = ArtifactManager.open({ root, rank: 0 });
  const run = openRun({ root, runId, config: { job }, rawConfig: { job } });
  const reference = settleIdentity(run.directory);
  await manager.recordRun({ run: reference, job, name: `A run of ${job}`, status: 'RUNNING' });
  run.metrics(1, { 'loss/train': 0.5 });
  run.writeFile('checkpoints/final.safetensors', new Uint8Array([1, 2, 3]));
  run.writeFile('environment.diff', `+ a change of ${runId}\n`);
  await work(reference);
  await run.complete(FACTS);
  await manager.recordRun({ run: reference, job, status: 'COMPLETED' });
  return reference;
}
