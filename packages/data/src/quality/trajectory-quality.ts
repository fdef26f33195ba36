import { combineQuality, type QualityScore } from './quality-score';
import type { TrajectoryRecord, TrajectoryStep } from './trajectory';

/** What the quality of a trajectory is made of. */
export type TrajectoryComponent =
  'completeness' | 'correctness' | 'validity' | 'variety' | 'concision';

/** A wrong answer spoils a demonstration; a little repetition does not. */
const WEIGHTS: Readonly<Record<TrajectoryComponent, number>> = {
  completeness: 2,
  correctness: 3,
  validity: 2,
  variety: 1,
  concision: 1,
};

/** Length of the word sequences whose repetition is counted, as in the filters of MassiveText (Rae et al. 2021, A.1). */
const WORDS = 4;

/** Lengths beyond the quartiles by more than this many interquartile ranges are outliers (Tukey 1977). */
const FENCE = 1.5;

/** The usual number of steps in a data set, which {@link scoreTrajectory} measures concision against. */
export interface StepCounts {
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
}

/** Quartiles of the numbers of steps of a data set; both 0 for an empty one. */
export function stepCountsOf(trajectories: readonly TrajectoryRecord[]): StepCounts {
  const counts = trajectories.map(({ steps }) => steps.length).sort((a, b) => a - b);
  return { lowerQuartile: quantile(counts, 0.25), upperQuartile: quantile(counts, 0.75) };
}

/**
 * How fit a trajectory is to be learned from, from 0 to 1, without a model's judgement: the weighted geometric mean of
 *
 * - `completeness` (weight 2): share of the three parts, question, steps and answer, that are there;
 * - `correctness` (3): whether the answer is the reference, up to case, spaces and a final full stop; numbers by value;
 *   not measured without a reference;
 * - `validity` (2): share of the steps that say something and are not marked as failed;
 * - `variety` (1): share of the steps, and of the sequences of four words, that are not repetitions of earlier ones;
 * - `concision` (1): 1 up to the data set's upper Tukey fence of the number of steps, beyond it fence / steps.
 */
export function scoreTrajectory(trajectory: TrajectoryRecord, counts: StepCounts): QualityScore {
  const { question, steps, answer, reference } = trajectory;
  const parts = [question !== '', steps.length > 0, answer !== ''];
  return combineQuality(
    {
      completeness: parts.filter(Boolean).length / parts.length,
      correctness: reference === undefined ? undefined : Number(isSameAnswer(answer, reference)),
      validity: steps.length === 0 ? undefined : share(steps, isValid),
      variety: varietyOf(steps),
      concision: concisionOf(steps.length, counts),
    },
    WEIGHTS,
  );
}

function isValid({ text, hasFailed }: TrajectoryStep): boolean {
  return text !== '' && !hasFailed;
}

function isSameAnswer(answer: string, reference: string): boolean {
  const [a, b] = [normalise(answer), normalise(reference)];
  if (a === b) return true;
  return a !== '' && b !== '' && Number(a) === Number(b);
}

function normalise(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim().replace(/\.$/, '');
}

/** The smaller of two shares of distinct items; undefined where there is nothing to repeat. */
function varietyOf(steps: readonly TrajectoryStep[]): number | undefined {
  if (steps.length === 0) return undefined;
  const texts = steps.map(({ text }) => normalise(text));
  const sequences = texts.flatMap(wordSequences);
  return Math.min(distinctShare(texts), sequences.length === 0 ? 1 : distinctShare(sequences));
}

function wordSequences(text: string): string[] {
  const words = text.split(' ');
  const count = Math.max(0, words.length - WORDS + 1);
  return Array.from({ length: count }, (_, start) => words.slice(start, start + WORDS).join(' '));
}

function concisionOf(steps: number, { lowerQuartile, upperQuartile }: StepCounts): number {
  const fence = Math.max(1, upperQuartile + FENCE * (upperQuartile - lowerQuartile));
  return steps <= fence ? 1 : fence / steps;
}

function share<Item>(items: readonly Item[], isCounted: (item: Item) => boolean): number {
  return items.filter(isCounted).length / items.length;
}

function distinctShare(texts: readonly string[]): number {
  return new Set(texts).size / texts.length;
}

/** Quantile by linear interpolation between the nearest ranks (Hyndman & Fan 1996, type 7). */
function quantile(sorted: readonly number[], probability: number): number {
  const position = probability * Math.max(0, sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? 0;
  const above = sorted[Math.ceil(position)] ?? below;
  return below + (position - Math.floor(position)) * (above - below);
}
