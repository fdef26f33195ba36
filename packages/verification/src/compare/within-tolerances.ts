import { readChain } from '@pixelis/artifacts';
import type { RunRecord } from '../record/run-record';
import { closeMetrics } from './close-metrics';
import { closeCheckpoints, closeFinalWeights } from './close-weights';
import type { StepLimit } from './compare-chains';
import type { RunFolders } from './first-difference-of-runs';
import { type Stage, stage } from './stage';
import { isLoss, lossDistance, percent, TOLERANCES } from './tolerances';
import { describeDifference } from './value-difference';

const EXAMPLES = 2;

/**
 * Compares again what differs in its bits between two runs that need not share them. Stages that are equal, and those that
 * every library must give alike, stay as they are.
 */
export function withinTolerances(
  runs: readonly [RunRecord, RunRecord],
  { stages, lastStep, testExamples }: StepLimit & ToleranceOptions,
): Stage[] {
  const folders = [runs[0].directory, runs[1].directory] as const;
  const limit = { lastStep };
  const again: Partial<Record<Stage['name'], () => Stage>> = {
    data_order: () => compareBatches(folders, limit),
    chain: () => stage(['chain', 'unknown', 'its digests tell of equal bits alone']),
    checkpoints: () => closeCheckpoints(folders, limit),
    metrics: () => closeMetrics(folders, limit),
    final_weights: () => closeFinalWeights(folders),
    results: () => compareResults(runs, testExamples),
  };
  const differs = new Map(stages.map(({ name, status }) => [name, status === 'differs']));
  return stages.map((found) => {
    // The chain names the first line that differs; batches may differ in a later one.
    const isAsked =
      found.status === 'differs' || (found.name === 'data_order' && differs.get('chain') === true);
    return isAsked ? (again[found.name]?.() ?? found) : found;
  });
}

/** What {@link withinTolerances} starts from. */
export interface ToleranceOptions {
  /** The stages, compared bit by bit. */
  readonly stages: readonly Stage[];
  /** How many examples an accuracy of the results was measured on; null where it is not known. */
  readonly testExamples: number | null;
}

function compareBatches([a, b]: RunFolders, { lastStep }: StepLimit): Stage {
  const others = new Map(readChain(b).map((line) => [line.step, line]));
  const lines = readChain(a).filter(({ step }) => step <= (lastStep ?? Infinity));
  const found = lines.find(({ step, batch }) => {
    const other = others.get(step);
    return other !== undefined && other.batch !== batch;
  });
  if (found === undefined) return stage(['data_order', 'equal', 'every batch of the chain']);
  const { step } = found;
  return stage(['data_order', 'differs', `the batches up to step ${step}`], { step });
}

function compareResults(
  [a, b]: readonly [RunRecord, RunRecord],
  testExamples: number | null,
): Stage {
  const [resultsA, resultsB] = [a.manifest?.results ?? {}, b.manifest?.results ?? {}];
  const keys = [...new Set([...Object.keys(resultsA), ...Object.keys(resultsB)])];
  const allowed = Math.max(TOLERANCES.accuracy, EXAMPLES / (testExamples ?? Infinity));
  const path = keys.find((key) => {
    const [x, y] = [numberOf(resultsA, key), numberOf(resultsB, key)];
    if (key === 'weights_sha256') return false;
    if (x === null || y === null) return true;
    if (isLoss(key)) return !(lossDistance(x, y) <= TOLERANCES.lateLoss);
    return key.startsWith('accuracy') && !(Math.abs(x - y) <= allowed + Number.EPSILON);
  });
  if (path === undefined)
    return stage(['results', 'close', `accuracies ${percent(allowed)} apart at most`]);
  const difference = { path, a: numberOf(resultsA, path), b: numberOf(resultsB, path) };
  return stage(['results', 'differs', describeDifference(difference)], {
    differences: [difference],
  });
}

function numberOf(results: Readonly<Record<string, unknown>>, key: string): number | null {
  const value = results[key];
  return typeof value === 'number' ? value : null;
}
