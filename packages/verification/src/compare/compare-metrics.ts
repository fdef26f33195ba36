import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainSystemError, IntegrityError } from '@pixelis/core';
import { z } from 'zod';
import type { StepLimit } from './compare-chains';
import { type Stage, stage } from './stage';
import { describeDifference, valueDifferences } from './value-difference';

const METRICS_FILE = 'metrics.jsonl';
const lineSchema = z.record(z.string(), z.number());

/** A line of metrics by their keys. */
export type Line = z.output<typeof lineSchema>;

/**
 * Whether two runs measured the same, line by line.
 *
 * @throws {IntegrityError} `METRICS_BROKEN` if a line that differs is damaged.
 */
export function compareMetrics(a: string, b: string, { lastStep }: StepLimit): Stage {
  const missing = [a, b].findIndex((run) => !existsSync(join(run, METRICS_FILE)));
  if (missing >= 0)
    return stage(['metrics', 'unknown', `${missing === 0 ? 'A' : 'B'} has no metrics.jsonl`]);
  const [linesA, linesB] = [linesOf(a), linesOf(b)];
  const silent = [linesA, linesB].findIndex((lines) => lines.length === 0);
  if (silent >= 0)
    return stage(['metrics', 'unknown', `${silent === 0 ? 'A' : 'B'} has measured nothing`]);
  const count = Math.max(linesA.length, linesB.length);
  for (let index = 0; index < count; index++) {
    const [textA, textB] = [linesA[index], linesB[index]];
    if (textA === textB && lastStep === null) continue;
    const [lineA, lineB] = [parse(a, index, textA), parse(b, index, textB)];
    const step = Math.min(stepOf(lineA), stepOf(lineB));
    if (lastStep !== null && step > lastStep)
      return stage(['metrics', 'equal', `${index} lines, up to step ${lastStep}`]);
    if (textA !== textB) return differing([lineA, lineB], step);
  }
  return stage(['metrics', 'equal', `${count} lines`]);
}

/**
 * The lines of `metrics.jsonl` up to a step.
 *
 * @throws {IntegrityError} `METRICS_BROKEN` if one is damaged.
 */
export function readLines(run: string, lastStep: StepLimit['lastStep']): Line[] {
  return linesOf(run)
    .map((text, index) => parse(run, index, text))
    .filter((line) => line !== null)
    .filter((line) => stepOf(line) <= (lastStep ?? Infinity));
}

function differing([a, b]: readonly [Line | null, Line | null], step: number): Stage {
  if (a === null || b === null) {
    const summary = `step ${step}: only ${a === null ? 'B' : 'A'} has it`;
    return stage(['metrics', 'differs', summary], { step });
  }
  const differences = valueDifferences(a, b);
  const [first] = differences;
  const summary = `step ${step}: ${first === undefined ? 'written otherwise' : describeDifference(first)}`;
  return stage(['metrics', 'differs', summary], { step, differences });
}

/** Without a last line that was not written to its end. */
function linesOf(run: string): string[] {
  const path = join(run, METRICS_FILE);
  try {
    return readFileSync(path, 'utf8').split('\n').slice(0, -1);
  } catch (error) {
    throw explainSystemError(error, { path }) ?? error;
  }
}

function stepOf(line: Line | null): number {
  return line?.['step'] ?? Infinity;
}

function parse(run: string, index: number, text: string | undefined): Line | null {
  if (text === undefined) return null;
  try {
    return lineSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new IntegrityError(`Line ${index + 1} of ${join(run, METRICS_FILE)} is damaged`, {
      code: 'METRICS_BROKEN',
      remedy: 'restore the file from a copy; pixelis runs audit shows what else is damaged',
      cause,
    });
  }
}
