import type { RunManifest } from '@pixelis/artifacts';
import type { JsonValue } from '@pixelis/core';
import { readRunRecord, type RunRecord } from '../record/run-record';
import { type Classification, classify } from './classify';
import { compareChains, type StepLimit } from './compare-chains';
import { compareCode } from './compare-code';
import { compareConfiguration } from './compare-configuration';
import { compareData } from './compare-data';
import { compareEnvironment } from './compare-environment';
import { compareMetrics } from './compare-metrics';
import { compareCheckpoints, compareFinalWeights } from './compare-weights';
import {
  firstNumericDifference,
  type NumericDifference,
  type RunFolders,
} from './first-difference-of-runs';
import { isNumeric, type Stage, stage } from './stage';
import { describeDifference, valueDifferences } from './value-difference';

/** What {@link compareRuns} found. */
export interface RunComparison {
  /** The ids of A and B. */
  readonly runIds: readonly [string, string];
  /**
   * `equal` if every number of training that both runs recorded is the same, bit for bit, whatever else differs;
   * `unknown` if there is none, as where one of them recorded no training.
   */
  readonly verdict: 'equal' | 'differs' | 'unknown';
  /** In the order in which one follows from the other. */
  readonly stages: readonly Stage[];
  /** Where the numbers part first; null unless they differ. */
  readonly first: NumericDifference | null;
  /** Where that came from; null unless the numbers differ. */
  readonly cause: Classification | null;
}

/** Options of {@link compareRuns}. */
export interface CompareRunsOptions {
  /** Compare up to this optimizer step only. @default all of them */
  readonly lastStep?: number;
}

/**
 * Compares two runs by what their folders hold, stage by stage, and finds where they part first. It changes nothing, and
 * believes what it reads: `auditRun` of `@pixelis/artifacts` tells whether a record is intact.
 *
 * @param a Folder of a run, and `b` of the other.
 * @throws {DataError} If one is no folder of a run, or a file cannot be read.
 * @throws {IntegrityError} If a file is not what Pixelis wrote.
 */
export function compareRuns(
  [a, b]: RunFolders,
  { lastStep: given }: CompareRunsOptions = {},
): RunComparison {
  const limit: StepLimit = { lastStep: given ?? null };
  const records = [readRunRecord(a), readRunRecord(b)] as const;
  const [recordA, recordB] = records;
  const { difference, stages: chain } = compareChains(a, b, limit);
  const stages = [
    compareCode(recordA.environment, recordB.environment),
    compareEnvironment(recordA, recordB),
    compareConfiguration(recordA.config, recordB.config),
    compareData(recordA, recordB),
    chain.initialWeights,
    chain.dataOrder,
    compareCheckpoints(a, b, limit),
    compareMetrics(a, b, limit),
    chain.chain,
    ...(limit.lastStep === null
      ? [compareFinalWeights(a, b), compareResults(recordA, recordB)]
      : []),
  ];
  const verdict = verdictOf(stages);
  return {
    runIds: [recordA.runId, recordB.runId],
    verdict,
    stages,
    first:
      verdict === 'differs' ? firstNumericDifference([a, b], { stages, chain: difference }) : null,
    cause: verdict === 'differs' ? classify(stages) : null,
  };
}

function compareResults(a: RunRecord, b: RunRecord): Stage {
  const [manifestA, manifestB] = [a.manifest, b.manifest];
  if (manifestA === null || manifestB === null)
    return stage(['results', 'unknown', `${manifestA === null ? 'A' : 'B'} is not complete`]);
  const [resultsA, resultsB] = [measured(manifestA.results), measured(manifestB.results)];
  const differences = valueDifferences(resultsA, resultsB);
  const [first] = differences;
  return first === undefined
    ? stage(['results', 'equal', `${Object.keys(resultsA).length} values`])
    : stage(['results', 'differs', describeDifference(first)], { differences });
}

/** The weights are compared themselves. */
function measured(results: RunManifest['results']): Record<string, JsonValue> {
  return Object.fromEntries(Object.entries(results).filter(([key]) => key !== 'weights_sha256'));
}

function verdictOf(stages: readonly Stage[]): RunComparison['verdict'] {
  const numeric = stages.filter(({ name }) => isNumeric(name));
  // An evaluation has results, too.
  const isTraining = ({ name, status }: Stage) => name !== 'results' && status !== 'unknown';
  if (!numeric.some(isTraining)) return 'unknown';
  return numeric.some(({ status }) => status === 'differs') ? 'differs' : 'equal';
}
