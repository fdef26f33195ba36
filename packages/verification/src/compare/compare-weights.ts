import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FINAL_WEIGHTS_FILE } from '@pixelis/artifacts';
import { explainSystemError, type JsonValue } from '@pixelis/core';
import { z } from 'zod';
import type { StepLimit } from './compare-chains';
import {
  compareTensorFiles,
  type TensorComparison,
  type TensorDifference,
} from './compare-tensors';
import { type Stage, stage } from './stage';
import { describeDifference, type ValueDifference, valueDifferences } from './value-difference';

const FOLDER = 'checkpoints';
const CHECKPOINT = /^step-(\d{8,})\.safetensors$/;
const STATE = 'pixelis.state';
/** Parts of the state that say how far the recording had got: one of the files holds clocks. */
const RECORDING = new Set(['files', 'chain']);

const stateSchema = z.record(z.string(), z.json());

/** The file of a checkpoint by its step, relative to the run. */
export function checkpointFile(step: number): string {
  return `${FOLDER}/step-${String(step).padStart(8, '0')}.safetensors`;
}

/** The steps after which a run has a checkpoint, ascending. */
export function checkpointSteps(run: string): number[] {
  const folder = join(run, FOLDER);
  try {
    if (!existsSync(folder)) return [];
    const steps = readdirSync(folder).flatMap((name) => CHECKPOINT.exec(name)?.[1] ?? []);
    return steps.map(Number).sort((x, y) => x - y);
  } catch (error) {
    throw explainSystemError(error, { path: folder }) ?? error;
  }
}

/** The steps after which both runs have a checkpoint, ascending. */
export function commonCheckpoints(a: string, b: string): number[] {
  const steps = new Set(checkpointSteps(b));
  return checkpointSteps(a).filter((step) => steps.has(step));
}

/**
 * Compares the checkpoints that both runs have, oldest first, up to the first that differs: every tensor, those of the
 * optimizer too, and where data and curriculum stood.
 *
 * @throws {IntegrityError} `TENSOR_FILE_BROKEN` if one is damaged.
 */
export function compareCheckpoints(a: string, b: string, { lastStep }: StepLimit): Stage {
  const steps = commonCheckpoints(a, b).filter((step) => lastStep === null || step <= lastStep);
  if (steps.length === 0)
    return stage(['checkpoints', 'unknown', 'there is no step after which both have one']);
  for (const [index, step] of steps.entries()) {
    const found = compareCheckpoint(a, b, step);
    const [tensor] = found.differing;
    const [value] = found.values;
    if (tensor === undefined && value === undefined) continue;
    const what = tensor === undefined ? value && describeDifference(value) : describeTensor(tensor);
    const summary = `step ${step}: ${what ?? ''} (${index} before it equal)`;
    const details = { step, tensors: found.differing, differences: found.values };
    return stage(['checkpoints', 'differs', summary], details);
  }
  const others = [a, b].map((run, index) => {
    const alone = checkpointSteps(run).filter(
      (step) => !steps.includes(step) && (lastStep === null || step <= lastStep),
    );
    return alone.length === 0 ? '' : `; ${index === 0 ? 'A' : 'B'} alone has ${alone.join(', ')}`;
  });
  const until = `${steps.length}, up to step ${steps.at(-1) ?? 0}`;
  return stage(['checkpoints', 'equal', `${until}${others.join('')}`]);
}

/** What differs in the checkpoints that two runs have after one step. */
export function compareCheckpoint(
  a: string,
  b: string,
  step: number,
): Pick<TensorComparison, 'differing'> & { values: ValueDifference[] } {
  const path = checkpointFile(step);
  const { differing, metadata } = compareTensorFiles(join(a, path), join(b, path));
  const [stateA, stateB] = metadata.map(stateOf);
  return { differing, values: valueDifferences(stateA, stateB) };
}

function stateOf(metadata: Readonly<Record<string, string>>): JsonValue {
  try {
    const state = stateSchema.parse(JSON.parse(metadata[STATE] ?? '{}'));
    return Object.fromEntries(Object.entries(state).filter(([key]) => !RECORDING.has(key)));
  } catch {
    return null;
  }
}

/**
 * Whether two runs came to the same weights.
 *
 * @throws {IntegrityError} `TENSOR_FILE_BROKEN` if one of the files is damaged.
 */
export function compareFinalWeights(a: string, b: string): Stage {
  const [pathA, pathB] = [join(a, FINAL_WEIGHTS_FILE), join(b, FINAL_WEIGHTS_FILE)];
  const missing = [pathA, pathB].findIndex((path) => !existsSync(path));
  if (missing >= 0)
    return stage(['final_weights', 'unknown', `${missing === 0 ? 'A' : 'B'} is not complete`]);
  const { count, differing } = compareTensorFiles(pathA, pathB);
  const [first] = differing;
  if (first === undefined) return stage(['final_weights', 'equal', `${count} tensors`]);
  const summary = `${differing.length} of ${count} tensors; ${describeTensor(first)}`;
  return stage(['final_weights', 'differs', summary], { tensors: differing });
}

/** `w: 2 values differ, most at [3]: 1 in A and 2 in B (1 ULP)`. */
export function describeTensor({ tensor, problem, count, largest }: TensorDifference): string {
  if (problem !== null || largest === null) return `${tensor}: ${problem ?? 'differs'}`;
  const { index, values, ulps } = largest;
  const distance = ulps === null ? '' : ` (${ulps} ULP)`;
  const counted = count === 1 ? '1 value differs' : `${count} values differ, most`;
  const place = index.length === 0 ? '' : ` at [${index.join(', ')}]`;
  return `${tensor}: ${counted}${place}: ${values[0]} in A, ${values[1]} in B${distance}`;
}
