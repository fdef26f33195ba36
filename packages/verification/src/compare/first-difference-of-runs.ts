import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FINAL_WEIGHTS_FILE } from '@pixelis/artifacts';
import type { ChainDifference, ChainPart } from '../chain/first-difference';
import type { TensorDifference } from './compare-tensors';
import {
  checkpointFile,
  commonCheckpoints,
  compareCheckpoint,
  compareFinalWeights,
} from './compare-weights';
import { isNumeric, type Stage } from './stage';
import { TensorFile } from './tensor-file';

/** The first place at which the numbers of two runs part. */
export interface NumericDifference {
  /** The stage that shows it. */
  readonly stage: Stage['name'];
  /** The optimizer step; null for what comes after the last. */
  readonly step: number | null;
  /** The last step that is known to be equal; null if none is, or none is known. */
  readonly sharedStep: number | null;
  /** What differs in that step, as far as the chain tells; empty where it does not. */
  readonly parts: readonly ChainPart[];
  /** The first tensor that differs there, by name; null where only a checkpoint could tell, and there is none. */
  readonly tensor: string | null;
  /** The values of that tensor, or of the first that differs in the checkpoints looked at. */
  readonly values: TensorValues | null;
}

/** Where the values of a differing tensor were found. */
export interface TensorValues {
  /** The step of the checkpoints; null for the final weights. */
  readonly step: number | null;
  readonly difference: TensorDifference;
}

const MODEL = 'model.';

/** The folders of the two runs. */
export type RunFolders = readonly [string, string];

/** What {@link firstNumericDifference} starts from. */
export interface FoundDifferences {
  readonly stages: readonly Stage[];
  readonly chain: ChainDifference | null;
}

/** The earliest of what differs; of one step what the chain says, since it says most. Null if no number differs. */
export function firstNumericDifference(
  runs: RunFolders,
  { stages, chain }: FoundDifferences,
): NumericDifference | null {
  const differing = stages.filter(({ name, status }) => isNumeric(name) && status === 'differs');
  const earliest = Math.min(...differing.map(({ step }) => step ?? Infinity));
  const atStep = differing.filter(({ step }) => (step ?? Infinity) === earliest);
  if (chain !== null && chain.step === earliest) return chainDifference(runs, chain);
  const [first] = atStep;
  if (first === undefined) return null;
  const [tensor] = first.tensors;
  return {
    stage: first.name,
    step: first.step,
    sharedStep: null,
    parts: [],
    tensor: tensor?.tensor ?? null,
    values: tensor === undefined ? null : { step: first.step, difference: tensor },
  };
}

function chainDifference(runs: RunFolders, chain: ChainDifference): NumericDifference {
  const { step, sharedStep, parts, ended, gradientTensors, weightTensors } = chain;
  const names = parameterNames(runs);
  const tensor = nameOf((gradientTensors.length > 0 ? gradientTensors : weightTensors)[0], names);
  const stage = step === 0 ? 'initial_weights' : parts.includes('batch') ? 'data_order' : 'chain';
  const weight = nameOf(weightTensors[0], names);
  const values = ended === null ? tensorValues(runs, { fromStep: step, tensor: weight }) : null;
  return { stage, step, sharedStep, parts, tensor, values };
}

/** A difference in the values of two runs' checkpoints. */
export interface TensorSearch {
  readonly fromStep: number;
  /** The tensor to look at; any, where it is null or equal there. */
  readonly tensor: string | null;
}

/** What differs in the weights of the first checkpoints that both runs have after a step or later, or in the final weights. */
export function tensorValues(
  [a, b]: RunFolders,
  { fromStep, tensor }: TensorSearch,
): TensorValues | null {
  for (const step of commonCheckpoints(a, b).filter((one) => one >= fromStep)) {
    const weights = compareCheckpoint(a, b, step)
      .differing.filter((found) => found.tensor.startsWith(MODEL))
      .map((found) => ({ ...found, tensor: found.tensor.slice(MODEL.length) }));
    const difference = weights.find((found) => found.tensor === tensor) ?? weights[0];
    if (difference !== undefined) return { step, difference };
  }
  const difference = compareFinalWeights(a, b).tensors;
  const found = difference.find((one) => one.tensor === tensor) ?? difference[0];
  return found === undefined ? null : { step: null, difference: found };
}

/** The names of the parameters, in the order of a chain's short digests; none where no file tells them. */
function parameterNames([a, b]: RunFolders): string[] {
  const [step] = commonCheckpoints(a, b);
  const checkpoint = step === undefined ? [] : [join(a, checkpointFile(step))];
  const path = [join(a, FINAL_WEIGHTS_FILE), join(b, FINAL_WEIGHTS_FILE), ...checkpoint].find(
    (one) => existsSync(one),
  );
  if (path === undefined) return [];
  const file = new TensorFile(path);
  try {
    const names = [...file.tensors.keys()];
    return path === checkpoint[0]
      ? names.filter((name) => name.startsWith(MODEL)).map((name) => name.slice(MODEL.length))
      : names;
  } finally {
    file.close();
  }
}

function nameOf(place: number | undefined, names: readonly string[]): string | null {
  if (place === undefined) return null;
  return names[place] ?? `tensor ${place + 1}`;
}
