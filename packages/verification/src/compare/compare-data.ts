import type { RunEvent } from '@pixelis/artifacts';
import type { JsonValue } from '@pixelis/core';
import type { RunRecord } from '../record/run-record';
import { type Stage, stage } from './stage';
import { describeDifference, valueDifferences } from './value-difference';

/**
 * Whether two runs were trained on the same data: its name, version, split and the SHA-256 of each file, or, if one of
 * them is not complete, the digest of each data set in the store.
 */
export function compareData(a: RunRecord, b: RunRecord): Stage {
  const [manifestA, manifestB] = [a.manifest?.dataset ?? null, b.manifest?.dataset ?? null];
  if (manifestA !== null && manifestB !== null)
    return dataStage(
      { dataset: manifestA },
      { dataset: manifestB },
      `${manifestA.name} ${manifestA.version}, ${Object.keys(manifestA.hashes).length} files`,
    );
  const [usedA, usedB] = [usedDatasets(a.events), usedDatasets(b.events)];
  const names = Object.keys(usedA);
  if (names.length === 0 || Object.keys(usedB).length === 0)
    return stage([
      'data',
      'unknown',
      `${names.length === 0 ? 'A' : 'B'} says of no data that it used`,
    ]);
  return dataStage({ dataset: usedA }, { dataset: usedB }, names.join(', '));
}

function dataStage(a: JsonValue, b: JsonValue, summary: string): Stage {
  const differences = valueDifferences(a, b);
  const [first] = differences;
  if (first === undefined) return stage(['data', 'equal', summary]);
  return stage(['data', 'differs', describeDifference(first)], { differences });
}

/** The digests of the data sets that a run took from the store, by their names. */
function usedDatasets(events: readonly RunEvent[]): Record<string, JsonValue> {
  return Object.fromEntries(
    events
      .filter(({ type, data }) => type === 'artifact_used' && data['type'] === 'dataset')
      .flatMap(({ data: { name, digest = null } }) =>
        typeof name === 'string' ? [[name, digest]] : [],
      ),
  );
}
