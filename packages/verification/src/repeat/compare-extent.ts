import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FINAL_WEIGHTS_FILE, readChain } from '@pixelis/artifacts';
import type { JsonValue } from '@pixelis/core';
import { z } from 'zod';
import type { StepLimit } from '../compare/compare-chains';
import { checkpointSteps, commonCheckpoints } from '../compare/compare-weights';
import { type Stage, stage } from '../compare/stage';

const METRICS_FILE = 'metrics.jsonl';
const EPOCHS_FILE = 'epochs.csv';
const chainedSchema = z.object({ training: z.object({ hash_every: z.int().min(1) }) });

/** A record and the repetition by its configuration. */
export interface RecordAndRepetition extends StepLimit {
  /** Folder of the record. */
  readonly record: string;
  /** Folder of the repetition. */
  readonly again: string;
  /** The resolved configuration of the record. */
  readonly config: JsonValue;
  /** Whether epochs must be equal in every bit. @default true */
  readonly isExact?: boolean;
}

/**
 * Where a record holds less than its repetition, or tells of other steps or epochs. Two runs need not record alike, so that
 * a comparison passes over it; a run and its repetition do, and a record that lacks something was changed.
 *
 * @returns A stage that differs for each kind of thing.
 */
export function compareExtent(runs: RecordAndRepetition): Stage[] {
  return [chainStage(runs), checkpointStage(runs), ...fileStages(runs)].filter(
    (one) => one !== null,
  );
}

function chainStage({ record, again, config, lastStep }: RecordAndRepetition): Stage | null {
  if (!chainedSchema.safeParse(config).success) return null;
  const stepsOf = (run: string) =>
    readChain(run).flatMap(({ step }) => (step <= (lastStep ?? Infinity) ? [step] : []));
  const [inA, inB] = [new Set(stepsOf(record)), new Set(stepsOf(again))];
  if (inB.size === 0) return null;
  const [step] = [...inA, ...inB]
    .filter((one) => !inA.has(one) || !inB.has(one))
    .sort((x, y) => x - y);
  if (step === undefined) return null;
  const side = inA.has(step) ? 'A' : 'B';
  return stage(['chain', 'differs', `step ${step}: only ${side} has a line`], { step });
}

/** A checkpoint that the record alone has may be that of an interruption, and one after the limit that of the end. */
function checkpointStage({ record, again, lastStep }: RecordAndRepetition): Stage | null {
  const recorded = new Set(checkpointSteps(record));
  const step = checkpointSteps(again).find(
    (one) => !recorded.has(one) && one < (lastStep ?? Infinity),
  );
  if (step === undefined) return null;
  return stage(['checkpoints', 'differs', `step ${step}: only B has it`], { step });
}

function fileStages({
  record,
  again,
  lastStep,
  isExact = true,
}: RecordAndRepetition): (Stage | null)[] {
  const sizeOf = (run: string, path: string) =>
    statSync(join(run, path), { throwIfNoEntry: false })?.size ?? -1;
  const lacks = (path: string) => sizeOf(record, path) < Math.min(1, sizeOf(again, path));
  const missing = [METRICS_FILE, EPOCHS_FILE].find(lacks);
  if (missing !== undefined) return [stage(['metrics', 'differs', `A has no ${missing}`])];
  if (lastStep !== null) return [];
  const hasOtherEpochs =
    isExact &&
    existsSync(join(again, EPOCHS_FILE)) &&
    !readFileSync(join(record, EPOCHS_FILE)).equals(readFileSync(join(again, EPOCHS_FILE)));
  return [
    hasOtherEpochs ? stage(['metrics', 'differs', `${EPOCHS_FILE} is another one`]) : null,
    lacks(FINAL_WEIGHTS_FILE)
      ? stage(['final_weights', 'differs', `A has no ${FINAL_WEIGHTS_FILE}`])
      : null,
  ];
}

/**
 * The last step after which a record and its repetition both tell of the weights, by a line of the chain or by a
 * checkpoint: 0 for the initial ones, null if none up to the limit does.
 */
export function lastWeightsStep({ record, again, lastStep }: RecordAndRepetition): number | null {
  const chained = new Set(readChain(again).map(({ step }) => step));
  const steps = readChain(record).flatMap(({ step }) => (chained.has(step) ? [step] : []));
  return (
    [...steps, ...commonCheckpoints(record, again)]
      .filter((step) => step <= (lastStep ?? Infinity))
      .sort((x, y) => x - y)
      .at(-1) ?? null
  );
}
