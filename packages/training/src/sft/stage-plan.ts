import type { TrainingConfig } from '@pixelis/config';
import { nearestName, UsageError } from '@pixelis/core';
import {
  type CurriculumOptions,
  resolveCurriculumConfig,
  trackedMetrics,
} from '@pixelis/curriculum';
import { type Level, LEVELS, type LevelWeights } from '@pixelis/data';

/** A configuration's curriculum, checked against the levels that there are. */
export interface StagePlan {
  readonly options: CurriculumOptions;
  /** What a stage trains on. */
  mixtureOf(stage: string): LevelWeights;
  /** The levels that a stage trains on. */
  trainedLevelsOf(stage: string): readonly Level[];
  /** What is measured while a stage lasts: the levels that it trains on and those that the curriculum looks at. */
  levelsOf(stage: string): readonly Level[];
}

/**
 * @throws {UsageError} `LEVEL_UNKNOWN` or `METRIC_UNKNOWN` if a mixture or a criterion names what there is not, or the
 * curriculum itself is wrong.
 */
export function planStages({ curriculum }: TrainingConfig): StagePlan {
  const options: CurriculumOptions = {
    stages: curriculum.stages.map(({ name, exit }) => ({ name, exit })),
    smoothingWindowSize: curriculum.smoothing_window_size,
    patienceCycles: curriculum.patience_cycles,
    cooldownCycles: curriculum.cooldown_cycles,
    rollbackThreshold: curriculum.rollback_threshold,
  };
  const mixtures = new Map(
    curriculum.stages.map(({ name, mixture }) => [name, checkMixture(name, mixture)]),
  );
  const tracked = trackedMetrics(resolveCurriculumConfig(options)).flatMap(levelsOfMetric);
  const mixtureOf = (stage: string): LevelWeights => mixtures.get(stage) ?? {};
  const isTrained = (level: Level, stage: string): boolean => (mixtureOf(stage)[level] ?? 0) > 0;
  return {
    options,
    mixtureOf,
    trainedLevelsOf: (stage) => LEVELS.filter((level) => isTrained(level, stage)),
    levelsOf: (stage) =>
      LEVELS.filter((level) => tracked.includes(level) || isTrained(level, stage)),
  };
}

function checkMixture(stage: string, mixture: Readonly<Record<string, number>>): LevelWeights {
  return Object.fromEntries(
    Object.entries(mixture).map(([name, weight]) => {
      const level = LEVELS.find((known) => known === name);
      if (level !== undefined) return [level, weight];
      throw new UsageError(
        `Stage "${stage}" of the curriculum mixes level "${name}", which does not exist`,
        {
          code: 'LEVEL_UNKNOWN',
          remedy: `Did you mean "${nearestName(name, LEVELS) ?? LEVELS[0]}"? Levels: ${LEVELS.join(', ')}`,
        },
      );
    }),
  );
}

/** The levels that must be measured to know a metric: one for an accuracy, none more for the loss. */
function levelsOfMetric(metric: string): Level[] {
  const known = ['loss/val', ...LEVELS.map((name) => `accuracy/${name}`)];
  if (known.includes(metric)) return LEVELS.filter((level) => metric === `accuracy/${level}`);
  throw new UsageError(`The curriculum looks at metric "${metric}", which is not measured`, {
    code: 'METRIC_UNKNOWN',
    remedy: `Did you mean "${nearestName(metric, known) ?? 'accuracy/simple'}"? Metrics: ${known.join(', ')}`,
  });
}
