import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { ArtifactManager } from '@pixelis/artifacts';
import { withExperiment } from '@pixelis/experiment';

/** The runs of {@link recordRuns}. */
export interface RecordedRuns {
  /** Complete, named `baseline`: made `model-cats` of `dataset-cats-v1`. */
  readonly trained: string;
  /** Complete: made `eval-model-cats-on-dataset-cats-v1`. */
  readonly evaluated: string;
  /** Failed with `no luck`. */
  readonly failed: string;
}

/** Records what the tests look at below `out` of a folder: a data set, a model and its evaluation, each by one run. */
export async function recordRuns(cwd: string): Promise<RecordedRuns> {
  const root = join(cwd, 'out');
  const common = { root, captureLevel: 'basic', hardwareIntervalMs: 0, warn: () => {} } as const;
  await ArtifactManager.open({ root }).put(
    'dataset-cats-v1',
    { 'cats.jsonl': bytesOf('{"cat":1}\n{"cat":2}\n') },
    { type: 'dataset', isExternal: true, metadata: { licence: 'MIT' } },
  );
  const trained = await withExperiment(
    {
      ...common,
      runId: 'a-train',
      job: 'train',
      name: 'baseline',
      config: { training: { seed: 1 } },
    },
    async (run) => {
      await run.useArtifact('dataset-cats-v1', { role: 'train_data' });
      run.metrics(1, { 'loss/train': 0.5 });
      await run.logArtifact('model-cats', { 'model.bin': bytesOf('the weights of a model') });
      run.setResults({ 'accuracy/hard': 0.25 });
      return run.runId;
    },
  );
  const evaluated = await withExperiment(
    { ...common, runId: 'b-evaluate', job: 'evaluate', config: { training: { seed: 2 } } },
    async (run) => {
      await run.useArtifact('model-cats', { role: 'model' });
      const document = bytesOf('{"accuracy":0.75}\n');
      await run.logArtifact('eval-model-cats-on-dataset-cats-v1', { 'evaluation.json': document });
      run.setResults({ 'accuracy/hard': 0.75 });
      return run.runId;
    },
  );
  const failed = 'c-failed';
  await withExperiment({ ...common, runId: failed, name: 'unlucky' }, () => {
    throw new Error('no luck');
  }).catch(() => undefined);
  return { trained, evaluated, failed };
}

/** A copy of what {@link recordRuns} recorded, to be changed. */
export function copyRuns(from: string, to: string): string {
  cpSync(join(from, 'out'), join(to, 'out'), { recursive: true, preserveTimestamps: true });
  return to;
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
