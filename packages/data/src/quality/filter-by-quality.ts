import { canonicalJson, type JsonValue, sha256 } from '@pixelis/core';
import type { QualityScore } from './quality-score';
import { readTrajectory, type TrajectoryRecord } from './trajectory';
import { scoreTrajectory, stepCountsOf } from './trajectory-quality';

/** A record of a data set, one JSON object. */
export type DataRecord = Readonly<Record<string, JsonValue>>;

/** An example that was scored. */
export interface ScoredRecord<Item> {
  readonly item: Item;
  readonly quality: QualityScore;
  /** Place of the earlier example that says the same, from 0; a duplicate has the score 0. */
  readonly duplicateOf: number | null;
}

/** What {@link summariseQuality} says of a data set. */
export interface QualitySummary {
  readonly count: number;
  readonly kept: number;
  readonly duplicates: number;
  readonly minimumScore: number;
  /** Mean score of all examples; null without any. */
  readonly meanScore: number | null;
  /** Number of examples by score: ten bins of a tenth each, the last with 1 in it. */
  readonly histogram: readonly number[];
}

/** Scores the trajectories of a data set by `scoreTrajectory`; of equal ones only the first counts. */
export function scoreTrajectories(records: readonly DataRecord[]): ScoredRecord<DataRecord>[] {
  const trajectories = records.map(readTrajectory);
  const counts = stepCountsOf(trajectories);
  return markDuplicates(
    records.map((item, index) => {
      const trajectory = trajectories[index] ?? readTrajectory(item);
      return {
        item,
        identity: identityOf(trajectory),
        quality: scoreTrajectory(trajectory, counts),
      };
    }),
  );
}

/** Gives the score 0 to whatever has the identity of an earlier example. */
export function markDuplicates<Item>(
  scored: readonly { item: Item; identity: string; quality: QualityScore }[],
): ScoredRecord<Item>[] {
  const seen = new Map<string, number>();
  return scored.map(({ item, identity, quality }, index) => {
    const duplicateOf = seen.get(identity) ?? null;
    if (duplicateOf === null) seen.set(identity, index);
    return {
      item,
      quality: duplicateOf === null ? quality : { ...quality, score: 0 },
      duplicateOf,
    };
  });
}

/** Counts what stays of a data set if only scores of at least `minimumScore` are kept. */
export function summariseQuality(
  scored: readonly ScoredRecord<unknown>[],
  minimumScore: number,
): QualitySummary {
  const scores = scored.map(({ quality }) => quality.score);
  const histogram = new Array<number>(10).fill(0);
  for (const score of scores) {
    const bin = Math.min(9, Math.floor(score * 10));
    histogram[bin] = (histogram[bin] ?? 0) + 1;
  }
  return {
    count: scores.length,
    kept: scores.filter((score) => score >= minimumScore).length,
    duplicates: scored.filter(({ duplicateOf }) => duplicateOf !== null).length,
    minimumScore,
    meanScore:
      scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length,
    histogram,
  };
}

function identityOf({ question, steps, answer }: TrajectoryRecord): string {
  return sha256(canonicalJson([question, steps.map(({ text }) => text), answer]));
}
