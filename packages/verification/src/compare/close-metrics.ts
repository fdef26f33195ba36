import type { StepLimit } from './compare-chains';
import { type Line, readLines } from './compare-metrics';
import type { RunFolders } from './first-difference-of-runs';
import { type Stage, stage } from './stage';
import { isLoss, lossDistance, percent, TOLERANCES } from './tolerances';
import { describeDifference, type ValueDifference } from './value-difference';

const WINDOW_STEPS = 100;

/** What a step is made from is the same on every machine. */
const EXACT = new Set(['step', 'stage', 'learning_rate']);

/** Whether two runs measured the same losses within `TOLERANCES`, at the same steps of the same plan. */
export function closeMetrics([a, b]: RunFolders, { lastStep }: StepLimit): Stage {
  const [linesA, linesB] = [readLines(a, lastStep), readLines(b, lastStep)];
  for (let index = 0; index < Math.max(linesA.length, linesB.length); index++) {
    const [lineA, lineB] = [linesA[index], linesB[index]];
    const step = lineA?.['step'] ?? lineB?.['step'] ?? 0;
    if (lineA === undefined || lineB === undefined)
      return stage(['metrics', 'differs', `step ${step}: only one has it`], { step });
    const difference = differenceOfLines(lineA, lineB, step);
    if (difference !== undefined) {
      const details = { step, differences: [difference] };
      return stage(
        ['metrics', 'differs', `step ${step}: ${describeDifference(difference)}`],
        details,
      );
    }
  }
  return compareMeans(linesA, linesB);
}

/** Later lines, a hundred steps at a time; those before them are close already. */
function compareMeans(linesA: readonly Line[], linesB: readonly Line[]): Stage {
  const { earlySteps, lateLoss } = TOLERANCES;
  const early = linesA.filter((line) => stepOf(line) <= earlySteps).length;
  const apart = largestDistance(linesA.slice(0, early), linesB.slice(0, early));
  const count = `${linesA.length} lines, losses ${percent(apart)} apart`;
  if (early === linesA.length) return stage(['metrics', 'close', `${count} at most`]);
  let largest = 0;
  for (let start = early; start < linesA.length; start += WINDOW_STEPS) {
    const [a, b] = [linesA, linesB].map((lines) =>
      meansOf(lines.slice(start, start + WINDOW_STEPS)),
    );
    if (a === undefined || b === undefined) continue;
    const distances = Object.keys(a).map((key) => lossDistance(a[key], b[key]));
    largest = Math.max(largest, ...distances);
    if (distances.every((one) => one <= lateLoss)) continue;
    const step = stepOf(linesA[start]);
    const summary = `from step ${step}: means of ${WINDOW_STEPS} losses are ${percent(largest)} apart, ${percent(lateLoss)} are allowed`;
    return stage(['metrics', 'differs', summary], { step });
  }
  const late = `then means of ${WINDOW_STEPS} ${percent(largest)}`;
  return stage(['metrics', 'close', `${count} up to step ${earlySteps}, ${late}`]);
}

function meansOf(lines: readonly Line[]): Line {
  const keys = new Set(lines.flatMap((line) => Object.keys(line).filter(isLoss)));
  return Object.fromEntries(
    [...keys].map((key) => {
      const values = lines.flatMap((line) => line[key] ?? []);
      return [key, values.reduce((sum, value) => sum + value, 0) / values.length];
    }),
  );
}

function largestDistance(linesA: readonly Line[], linesB: readonly Line[]): number {
  const distances = linesA.flatMap((line, index) =>
    Object.keys(line)
      .filter(isLoss)
      .map((key) => lossDistance(line[key], linesB[index]?.[key])),
  );
  return distances.reduce((largest, one) => Math.max(largest, one), 0);
}

function stepOf(line: Line | undefined): number {
  return line?.['step'] ?? 0;
}

/** Single losses are compared in early steps alone. What is measured beside them follows from the weights, and is judged with the results. */
function differenceOfLines(a: Line, b: Line, step: number): ValueDifference | undefined {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const path = keys.find((key) => {
    if (a[key] === undefined || b[key] === undefined) return true;
    if (EXACT.has(key)) return a[key] !== b[key];
    const isJudged = isLoss(key) && step <= TOLERANCES.earlySteps;
    return isJudged && !(lossDistance(a[key], b[key]) <= TOLERANCES.loss);
  });
  return path === undefined ? undefined : { path, a: a[path] ?? null, b: b[path] ?? null };
}
