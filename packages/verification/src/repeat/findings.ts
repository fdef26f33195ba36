import type { RunAudit } from '@pixelis/artifacts';
import { type Classification, classify } from '../compare/classify';
import type { RunComparison } from '../compare/compare-runs';
import type { NumericDifference } from '../compare/first-difference-of-runs';
import { isNumeric, type Stage, type StageName } from '../compare/stage';
import type { ValueDifference } from '../compare/value-difference';
import type { ComparisonBasis } from './comparison-basis';

/** What `verifyRun` found. */
export interface Verification {
  readonly runId: string;
  readonly verdict: 'verified' | 'differs';
  /** Whether bits or tolerances were asked for, and why; null if a difference was found before training. */
  readonly basis: ComparisonBasis | null;
  /** How many steps were compared; 0 if a difference was found before training. */
  readonly steps: number;
  /** How many checkpoints were compared. */
  readonly checkpoints: number;
  /** The last step whose weights were compared: 0 for the initial ones, null if none were recorded, or nothing was trained. */
  readonly weightsStep: number | null;
  /** The SHA-256 of the final weights, now proved; null if it is not, or only a prefix was checked. */
  readonly weightsSha256: string | null;
  /** A is the record, B the repetition. */
  readonly stages: readonly Stage[];
  readonly first: NumericDifference | null;
  readonly cause: Classification | null;
  /** What an audit of the record cannot know. */
  readonly limits: RunAudit['limits'];
  /** The folder of the repetition, if it was kept. */
  readonly keptIn: string | null;
}

/** What only a repetition gives. */
export type RepetitionFacts = Pick<
  Verification,
  'basis' | 'steps' | 'checkpoints' | 'weightsStep' | 'weightsSha256' | 'keptIn'
>;

/** What speaks against a record beside the numbers that it shares with its repetition. */
export interface RepetitionDoubts {
  /** Values of the configuration that nobody is known to have asked for. */
  readonly doubts: readonly ValueDifference[];
  /** What the record lacks, see `compareExtent`. */
  readonly gaps: readonly Stage[];
}

/** What is known besides the stages. */
export interface FindingsOptions {
  readonly limits: RunAudit['limits'];
  readonly onStage?: ((stage: Stage) => void) | undefined;
}

const INPUTS: readonly StageName[] = ['configuration', 'data'];

/** Values that only a newer code knows may make the configuration of the repetition another one. */
function isRefuting({ name, status }: Stage): boolean {
  return status === 'differs' && (isNumeric(name) || name === 'data');
}

/** Gathers the stages of a verification, telling of each as it comes. */
export class Findings {
  readonly #runId: string;
  readonly #options: FindingsOptions;
  #stages: readonly Stage[] = [];
  #comparison: RunComparison | null = null;
  #doubts: readonly ValueDifference[] = [];

  constructor(runId: string, options: FindingsOptions) {
    this.#runId = runId;
    this.#options = options;
  }

  add(...stages: readonly Stage[]): void {
    for (const one of stages) {
      this.#stages = [...this.#stages.filter(({ name }) => name !== one.name), one];
      this.#options.onStage?.(one);
    }
  }

  /** Whether the record contradicts itself, or the data is not what it was: then nothing need be trained. */
  hasDifferentInput(): boolean {
    return this.#stages.some(({ name, status }) => INPUTS.includes(name) && status === 'differs');
  }

  /** Adds what the repetition shows. */
  compare(comparison: RunComparison, { doubts, gaps }: RepetitionDoubts): void {
    this.#comparison = comparison;
    this.#doubts = doubts;
    const isNews = ({ name, status }: Stage) =>
      isNumeric(name) || (INPUTS.includes(name) && status === 'differs');
    const news = comparison.stages.filter(isNews).map((one) => {
      const gap = gaps.find(({ name }) => name === one.name);
      return one.status === 'differs' ? one : (gap ?? one);
    });
    this.add(...news);
  }

  report(facts: Partial<RepetitionFacts> = {}): Verification {
    const isVerified = this.#comparison?.verdict === 'equal' && !this.#stages.some(isRefuting);
    const { basis = null, steps = 0, checkpoints = 0, weightsStep = null } = facts;
    const { weightsSha256 = null, keptIn = null } = facts;
    return {
      runId: this.#runId,
      verdict: isVerified ? 'verified' : 'differs',
      basis,
      steps,
      checkpoints,
      weightsStep,
      weightsSha256: isVerified && !this.#isApproximate() ? weightsSha256 : null,
      stages: this.#stages,
      first: this.#comparison?.first ?? null,
      cause: isVerified ? null : this.#cause(),
      limits: this.#options.limits,
      keptIn,
    };
  }

  #isApproximate(): boolean {
    return this.#stages.some(({ status }) => status === 'close');
  }

  #cause(): Classification {
    const found = classify(this.#stages);
    const [doubt] = this.#doubts;
    // Other code may have had another default.
    if (found.class === 'config' || found.class === 'code' || doubt === undefined) return found;
    const { path, a, b } = doubt;
    const reason = `configuration: ${path} is ${JSON.stringify(b)}, though nobody asked for it and the default is ${JSON.stringify(a)}`;
    return { class: 'config', reasons: [reason, ...found.reasons] };
  }
}
