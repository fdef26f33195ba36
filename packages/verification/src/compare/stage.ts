import type { TensorDifference } from './compare-tensors';
import type { ValueDifference } from './value-difference';

/** What is compared, in the order in which one follows from the other. */
export type StageName =
  | 'code'
  | 'environment'
  | 'configuration'
  | 'data'
  | 'initial_weights'
  | 'data_order'
  | 'checkpoints'
  | 'metrics'
  | 'chain'
  | 'final_weights'
  | 'results';

/** One stage of two runs, side by side. */
export interface Stage {
  readonly name: StageName;
  /**
   * `unknown` where at least one of the runs did not record it; `close` where it is within the tolerances of a comparison
   * that does not ask for bits.
   */
  readonly status: 'equal' | 'close' | 'differs' | 'unknown';
  /** One line: what is equal, what differs first, or why it is not known. */
  readonly summary: string;
  /** The optimizer step after which the first difference was recorded; null where it belongs to none. */
  readonly step: number | null;
  /** All values that differ; for metrics those of the first differing line. */
  readonly differences: readonly ValueDifference[];
  /** Tensors that differ: those of the first differing checkpoint, or of the final weights. */
  readonly tensors: readonly TensorDifference[];
}

/** What {@link stage} is told beyond name and summary. */
export interface StageDetails {
  /** @default null */
  readonly step?: number | null;
  /** @default [] */
  readonly differences?: readonly ValueDifference[];
  /** @default [] */
  readonly tensors?: readonly TensorDifference[];
}

/** Makes a stage; what is not given is empty. */
export function stage(
  [name, status, summary]: readonly [StageName, Stage['status'], string],
  { step = null, differences = [], tensors = [] }: StageDetails = {},
): Stage {
  return { name, status, summary, step, differences, tensors };
}

const INPUTS: ReadonlySet<StageName> = new Set(['code', 'environment', 'configuration', 'data']);

/** Whether a stage is of the numbers themselves, not of what they were made from. */
export function isNumeric(name: StageName): boolean {
  return !INPUTS.has(name);
}
