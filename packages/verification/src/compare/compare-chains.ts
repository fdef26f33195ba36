import { statSync } from 'node:fs';
import { join } from 'node:path';
import { CHAIN_FILE, type ChainLine, parseChainLine, readChain } from '@pixelis/artifacts';
import { FileSource } from '../chain/byte-source';
import { CHAIN_PARTS, type ChainDifference, firstDifference } from '../chain/first-difference';
import { LineReader } from '../chain/line-reader';
import { type Stage, stage } from './stage';

/** What the chains of two runs say. */
export interface ChainComparison {
  /** Null if the chains are equal, or cannot be compared. */
  readonly difference: ChainDifference | null;
  readonly stages: {
    readonly initialWeights: Stage;
    readonly dataOrder: Stage;
    readonly chain: Stage;
  };
}

/** How far runs are compared. */
export interface StepLimit {
  /** Compare up to this step only; that a run goes on or stops after it is no difference. */
  readonly lastStep: number | null;
}

/**
 * Compares the chains of two runs, in logarithmic time where both have lines for the same steps.
 *
 * @throws {IntegrityError} `CHAIN_BROKEN` if a line is damaged.
 */
export function compareChains(a: string, b: string, { lastStep }: StepLimit): ChainComparison {
  const missing = [a, b].findIndex((run) => !hasChain(run));
  if (missing >= 0) return unknownChains(`${missing === 0 ? 'A' : 'B'} kept no chain of digests`);
  const { hasOtherSteps, firstBatchStep, ...found } = differenceOfFiles(a, b);
  const isBeyond = (found.difference?.step ?? 0) > (lastStep ?? Infinity);
  const difference = isBeyond ? null : found.difference;
  const until = lastStep === null ? '' : ` up to step ${lastStep}`;
  const stages = difference === null ? equalStages(until) : stagesOf(difference);
  if (stages.dataOrder.status !== 'equal') return { difference, stages };
  const doubt = hasOtherSteps
    ? 'the chains have lines for other steps'
    : firstBatchStep > (lastStep ?? Infinity) && `the chain has no line from step 1${until}`;
  if (doubt === false) return { difference, stages };
  const dataOrder = stage(['data_order', 'unknown', doubt]);
  const known = hasOtherSteps ? COMMON_STEPS : FIRST_LINE;
  const chain = difference === null ? known : stages.chain;
  return { difference, stages: { ...stages, dataOrder, chain } };
}

const COMMON_STEPS = stage(['chain', 'equal', 'at every step for which both have a line']);
const FIRST_LINE = stage(['chain', 'equal', 'the line of step 0, the only one up to there']);

/** A run that keeps none, by `training.hash_every=0`, has an empty file. */
function hasChain(run: string): boolean {
  return (statSync(join(run, CHAIN_FILE), { throwIfNoEntry: false })?.size ?? 0) > 0;
}

interface FoundDifference {
  readonly difference: ChainDifference | null;
  /** Whether the chains were recorded at different steps. */
  readonly hasOtherSteps: boolean;
  /** The step of the first line of A that tells of a batch. */
  readonly firstBatchStep: number;
}

function differenceOfFiles(a: string, b: string): FoundDifference {
  const files: FileSource[] = [];
  try {
    const open = (run: string): FileSource => {
      const file = new FileSource(join(run, CHAIN_FILE));
      files.push(file);
      return file;
    };
    const [fileA, fileB] = [open(a), open(b)];
    const difference = firstDifference(fileA, fileB);
    const [lineA, lineB] = difference?.lines ?? [];
    const hasOtherSteps = Boolean(lineA && lineB && lineA.step !== lineB.step);
    return {
      difference: hasOtherSteps ? differenceOfCommonSteps(readChain(a), readChain(b)) : difference,
      hasOtherSteps,
      firstBatchStep: secondStep(fileA),
    };
  } finally {
    for (const file of files) file.close();
  }
}

function secondStep(file: FileSource): number {
  const reader = new LineReader(file);
  const second = reader.lineAt(reader.lineAt(0)?.end ?? 0)?.text ?? '';
  return parseChainLine(second.slice(0, -1))?.step ?? Infinity;
}

/** Chains that were recorded at different steps: what both know of the steps that they share, read from end to end. */
function differenceOfCommonSteps(
  a: readonly ChainLine[],
  b: readonly ChainLine[],
): ChainDifference | null {
  const others = new Map(b.map((line) => [line.step, line]));
  let sharedStep: number | null = null;
  for (const line of a) {
    const other = others.get(line.step);
    if (other === undefined) continue;
    // A batch digest stands for all batches since the line before, which are not the same here.
    const parts = CHAIN_PARTS.filter((part) => part !== 'batch' && line[part] !== other[part]);
    if (parts.length > 0)
      return {
        step: line.step,
        sharedStep,
        parts,
        ended: null,
        gradientTensors: [],
        weightTensors: [],
        lines: [line, other],
      };
    sharedStep = line.step;
  }
  return null;
}

function unknownChains(why: string): ChainComparison {
  return {
    difference: null,
    stages: {
      initialWeights: stage(['initial_weights', 'unknown', why]),
      dataOrder: stage(['data_order', 'unknown', why]),
      chain: stage(['chain', 'unknown', why]),
    },
  };
}

function equalStages(until: string): ChainComparison['stages'] {
  return {
    initialWeights: stage(['initial_weights', 'equal', 'step 0 of the chain']),
    dataOrder: stage(['data_order', 'equal', `every batch of the chain${until}`]),
    chain: stage(['chain', 'equal', `every line${until}`]),
  };
}

function stagesOf(difference: ChainDifference): ChainComparison['stages'] {
  const { step, sharedStep, parts, ended } = difference;
  const isInitial = step === 0;
  const shared = sharedStep === null ? 'nothing is shared' : `equal up to step ${sharedStep}`;
  const isOrder = parts.includes('batch');
  const differs =
    ended === null ? `step ${step}: ${parts.join(', ')}` : `${ended.toUpperCase()} ends there`;
  return {
    initialWeights: isInitial
      ? stage(['initial_weights', 'differs', 'step 0 of the chain'], { step })
      : stage(['initial_weights', 'equal', 'step 0 of the chain']),
    dataOrder: isOrder
      ? stage(['data_order', 'differs', `the batch of step ${step}; ${shared}`], { step })
      : isInitial
        ? stage(['data_order', 'unknown', 'the chains differ before the first batch'])
        : stage(['data_order', 'equal', shared]),
    chain: stage(['chain', 'differs', `${shared}, ${differs}`], { step }),
  };
}
