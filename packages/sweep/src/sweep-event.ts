import type { TrialOutcome } from './folder/outcome';
import type { SweepFolder } from './folder/sweep-folder';
import type { Parameters } from './strategies/strategy';

/** What happens in a sweep, for whoever shows it. */
export type SweepEvent =
  /** It was begun or resumed. */
  | {
      readonly kind: 'opened';
      readonly folder: SweepFolder;
      readonly isResumed: boolean;
      /** Number of all trials. */
      readonly trials: number;
      /** Of how many of them it is known already what came of them. @default 0 */
      readonly decided?: number;
    }
  /** A trial was proposed; it may have been decided by an earlier process. */
  | { readonly kind: 'proposed'; readonly trial: number; readonly parameters: Parameters }
  /** A process of a trial began, or one that still lives was found. */
  | { readonly kind: 'started'; readonly trial: number }
  /** A process of a trial ended, or vanished. */
  | { readonly kind: 'ended'; readonly trial: number }
  /** A trial came to where halving compares it. */
  | {
      readonly kind: 'compared';
      readonly trial: number;
      readonly steps: number;
      readonly value: number;
    }
  /** It is known what came of a trial. */
  | { readonly kind: 'decided'; readonly outcome: TrialOutcome; readonly isEarlier: boolean }
  /** The process of a trial vanished, and the trial is started again. */
  | { readonly kind: 'lost'; readonly trial: number }
  | { readonly kind: 'warning'; readonly message: string };

/** Is told what happens in a sweep. */
export type SweepListener = (event: SweepEvent) => void;
