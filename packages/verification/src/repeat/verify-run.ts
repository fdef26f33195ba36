import { dirname } from 'node:path';
import type { RunAudit } from '@pixelis/artifacts';
import { UsageError } from '@pixelis/core';
import { captureEnvironment, type EnvironmentDifference } from '@pixelis/reproducibility';
import { z } from 'zod';
import { compareCode } from '../compare/compare-code';
import { compareEnvironment, environmentDifferences } from '../compare/compare-environment';
import { classify } from '../compare/classify';
import { compareRuns, type RunComparison } from '../compare/compare-runs';
import { commonCheckpoints } from '../compare/compare-weights';
import { firstNumericDifference } from '../compare/first-difference-of-runs';
import { isNumeric, type Stage } from '../compare/stage';
import { withinTolerances } from '../compare/within-tolerances';
import { environmentFactsSchema } from '../record/environment-facts';
import { requireIntact } from '../record/require-intact';
import { readRunRecord, type RunRecord } from '../record/run-record';
import { checkConfiguration } from './check-configuration';
import { checkData, type CheckDataOptions } from './check-data';
import { type CheckoutSource, withCheckout } from './checkout';
import { compareExtent, lastWeightsStep, type RecordAndRepetition } from './compare-extent';
import { type ComparisonBasis, comparisonBasis } from './comparison-basis';
import { Findings, type Verification } from './findings';
import { withTemporaryFolder } from './temporary-folder';
import { trainAgain } from './train-program';

const testSchema = z.object({ training: z.object({ test_examples: z.int() }) });
const stepsSchema = z.object({ training: z.object({ steps: z.int() }) });

/** The job whose runs can be trained again. */
export const VERIFIABLE_JOB = 'train:sft';

/** Options of {@link verifyRun}. */
export interface VerifyRunOptions extends CheckDataOptions {
  /** The built program `train` of the present code. */
  readonly main: string;
  /** Check the first steps only. @default all of them */
  readonly steps?: number | undefined;
  /** Threads to train with. @default as recorded */
  readonly threads?: number | undefined;
  /** Train by the recorded commit, in a work tree of this repository, instead of by the present code. */
  readonly checkout?: CheckoutSource | undefined;
  /** Whether what was trained stays. @default false */
  readonly isKept?: boolean | undefined;
  /** Stops it at once; nothing is left behind. */
  readonly signal?: AbortSignal | undefined;
  /** Told once the record was found intact. */
  readonly onRecord?: ((audit: RunAudit) => void) | undefined;
  /**
   * Told, before anything is trained, in what the present environment is not the recorded one; nothing is trained if it
   * throws.
   */
  readonly onEnvironment?: ((differences: readonly EnvironmentDifference[]) => void) | undefined;
  /** Told of each stage as soon as it is known. */
  readonly onStage?: ((stage: Stage) => void) | undefined;
  /** Told what the repetition is asked for. */
  readonly onBasis?: ((basis: ComparisonBasis) => void) | undefined;
  /** Told what it does meanwhile. */
  readonly onProgress?: ((message: string) => void) | undefined;
  /** Told what should be known beside the result. */
  readonly onNote?: ((message: string) => void) | undefined;
}

/**
 * Proves a recorded training run: trains it again from its own record in an empty folder and compares stage by stage. Code
 * and environment may differ as long as every number is the same, bit for bit; for a run on a native backend, on another
 * machine or library, as long as losses and weights are within `TOLERANCES`.
 *
 * @param directory Folder of a complete run.
 * @throws {IntegrityError} `RECORD_BROKEN` if the record itself is damaged.
 * @throws {UsageError} If the run is of another job, not complete, or has fewer steps than are to be checked.
 * @throws {DataError} If a data file is missing.
 */
export async function verifyRun(
  directory: string,
  options: VerifyRunOptions,
): Promise<Verification> {
  const audit = await requireIntact(directory);
  const record = readRunRecord(directory);
  const lastStep = requireVerifiable(record, options.steps);
  options.onRecord?.(audit);
  const { limits } = audit;
  const findings = new Findings(record.runId, { limits, onStage: options.onStage });
  return await withCheckout(record, options, async (main) => {
    const present = presentEnvironment(record, main);
    findings.add(
      compareCode(record.environment, present.environment),
      compareEnvironment(record, present),
    );
    options.onEnvironment?.(environmentDifferences(record, present));
    const configuration = checkConfiguration(record);
    findings.add(configuration.stage, await checkData(record, options));
    if (findings.hasDifferentInput()) return findings.report();
    const { isKept } = options;
    return await withTemporaryFolder(
      async (folder) => {
        const again = await trainAgain({
          ...options,
          main,
          folder,
          config: record.config,
          captureLevel: record.environment?.level ?? 'standard',
          lastStep,
        });
        const { directory: recorded, config } = record;
        const runs = { record: recorded, again, config, lastStep: lastStep ?? null };
        const { basis, comparison } = compareRepetition(record, runs);
        options.onBasis?.(basis);
        findings.compare(comparison, {
          doubts: configuration.doubts,
          gaps: compareExtent({ ...runs, isExact: comparison.isExact }),
        });
        return findings.report({
          basis,
          steps: lastStep ?? recordedSteps(record),
          checkpoints: commonCheckpoints(recorded, again).length,
          weightsStep: lastStep === undefined ? recordedSteps(record) : lastWeightsStep(runs),
          weightsSha256:
            lastStep === undefined ? (record.manifest?.results.weights_sha256 ?? null) : null,
          keptIn: isKept === true ? again : null,
        });
      },
      { isKept },
    );
  });
}

interface RepetitionComparison extends RunComparison {
  /** Whether bits were compared. */
  readonly isExact: boolean;
}

/** By bits; where these differ and need not be equal, by tolerances. */
function compareRepetition(
  record: RunRecord,
  { again, lastStep }: RecordAndRepetition,
): { basis: ComparisonBasis; comparison: RepetitionComparison } {
  const folders = [record.directory, again] as const;
  const repetition = readRunRecord(again);
  const basis = comparisonBasis(record, repetition);
  const exact = compareRuns(folders, lastStep === null ? {} : { lastStep });
  if (basis.kind === 'bits' || exact.verdict !== 'differs')
    return { basis, comparison: { ...exact, isExact: true } };
  const testExamples = testSchema.safeParse(record.config).data?.training.test_examples ?? null;
  const { stages: found } = exact;
  const stages = withinTolerances([record, repetition], { stages: found, lastStep, testExamples });
  const isEqual = !stages.some(({ name, status }) => isNumeric(name) && status === 'differs');
  const first = firstNumericDifference(folders, { stages, chain: null });
  const comparison: RepetitionComparison = {
    ...exact,
    isExact: false,
    stages,
    verdict: isEqual ? 'equal' : 'differs',
    first,
    cause: isEqual ? null : classify(stages),
  };
  return { basis, comparison };
}

/** @returns The step to stop after, if that is not the last. */
function requireVerifiable(record: RunRecord, steps: number | undefined): number | undefined {
  const { runId, job, manifest } = record;
  if (job !== VERIFIABLE_JOB)
    throw new UsageError(`Run ${runId} is of the job ${job ?? 'unknown'}`, {
      code: 'JOB_UNVERIFIABLE',
      remedy: `only runs of ${VERIFIABLE_JOB} can be trained again: pixelis lineage show ${runId} names those it came from`,
    });
  if (manifest === null)
    throw new UsageError(`Run ${runId} is not complete, so nothing says what it came to`, {
      code: 'RUN_INCOMPLETE',
      remedy: `complete it with --run-id ${runId}, or compare two runs with pixelis diff`,
    });
  const recorded = recordedSteps(record);
  if (steps === undefined || steps === recorded) return undefined;
  if (steps < recorded) return steps;
  throw new UsageError(`Run ${runId} has ${recorded} steps, fewer than ${steps}`, {
    code: 'STEP_MISSING',
    remedy: `use --steps from 1 to ${recorded}, or leave it out to check them all`,
  });
}

function recordedSteps({ config }: RunRecord): number {
  return stepsSchema.safeParse(config).data?.training.steps ?? 0;
}

/** Where the code stands that would train now; what it computes on is not known yet. */
function presentEnvironment({ environment }: RunRecord, main: string) {
  const level = environment?.level ?? 'basic';
  const captured = captureEnvironment({ level, folder: dirname(main) });
  return { environment: environmentFactsSchema.parse(captured), manifest: null };
}
