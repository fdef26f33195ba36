import { canonicalJson, sha256 } from '@pixelis/core';
import { flattenConfig } from '../sync/run-points';
import type { RunSnapshot } from '../sync/run-snapshot';
import { cutText, type KeyValue, LIMITS, mlflowKey } from './entities';
import type { DatasetInput } from './mlflow-api';

/** The tag by which a run is found again. */
export const RUN_UUID_TAG = 'pixelis.run_uuid';

/** The resolved configuration as parameters. */
export function paramsOf(run: RunSnapshot): KeyValue[] {
  return Object.entries(flattenConfig(run.config)).map(([key, value]) => ({
    key: mlflowKey(key),
    value: cutText(value, LIMITS.paramValueLength),
  }));
}

/** The run's own tags, and where it comes from. */
export function tagsOf(run: RunSnapshot): KeyValue[] {
  const { manifest } = run;
  const commit = manifest?.git.commit ?? null;
  const tags: Record<string, string> = {
    ...run.tags,
    'pixelis.run_id': run.runId,
    [RUN_UUID_TAG]: run.runUuid,
    'mlflow.source.type': 'LOCAL',
    'mlflow.source.name': 'pixelis',
    ...(commit === null ? {} : { 'mlflow.source.git.commit': commit }),
    ...(run.status === 'RUNNING'
      ? {}
      : { 'pixelis.error': run.error === null ? '' : `${run.error.code}: ${run.error.message}` }),
    ...(manifest === null
      ? {}
      : { 'pixelis.events_head': manifest.events.head, 'pixelis.seed': String(manifest.seed) }),
  };
  return Object.entries(tags).map(([key, value]) => ({
    key: mlflowKey(key),
    value: cutText(value, LIMITS.tagValueLength),
  }));
}

/** MLflow's name for how a run stands. */
export function statusOf({ status, error }: RunSnapshot): string {
  if (status !== 'FAILED') return status === 'COMPLETED' ? 'FINISHED' : 'RUNNING';
  return error?.code === 'INTERRUPTED' ? 'KILLED' : 'FAILED';
}

/**
 * The data set of a complete run. A digest may have 36 characters: it is the start of the SHA-256 of the file hashes as canonical
 * JSON (of the file itself if there is one), and the source and a tag hold the whole.
 */
export function datasetInputsOf({ manifest }: RunSnapshot): DatasetInput[] {
  const dataset = manifest?.dataset ?? null;
  if (dataset === null) return [];
  const { name, version, split, hashes } = dataset;
  const [only, ...more] = Object.values(hashes);
  const digest = only !== undefined && more.length === 0 ? only : sha256(canonicalJson(hashes));
  const source = canonicalJson({ name, version, split, sha256: digest, hashes });
  const isLong = source.length > LIMITS.datasetSourceLength;
  return [
    {
      dataset: {
        name: cutText(name, LIMITS.datasetNameLength),
        digest: digest.slice(0, LIMITS.datasetDigestLength),
        source_type: 'pixelis',
        source: isLong ? canonicalJson({ name, version, split, sha256: digest }) : source,
      },
      tags: [
        { key: 'mlflow.data.context', value: cutText(split, LIMITS.inputTagLength) },
        { key: 'pixelis.sha256', value: digest },
      ],
    },
  ];
}
