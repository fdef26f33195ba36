import { UsageError } from '@pixelis/core';

/** Whether a metric gets better by growing (`max`, such as an accuracy) or by shrinking (`min`, such as a loss). */
export type CriterionDirection = 'max' | 'min';

/** A bound that the smoothed value of one metric must reach before a stage is left. */
export interface ExitCriterionOptions {
  /** The metric's key, such as `accuracy/simple`. */
  readonly metric: string;
  /** Finite bound, itself a pass: smoothed >= threshold for `max`, smoothed <= threshold for `min`. */
  readonly threshold: number;
  /** @default 'max' */
  readonly direction?: CriterionDirection;
}

/** One stage, and what must hold before the next begins. */
export interface CurriculumStageOptions {
  /** Unique among the stages. */
  readonly name: string;
  /** Criteria that must all pass, on different metrics; at least one, except at the last stage, where it may be empty. */
  readonly exit: readonly ExitCriterionOptions[];
}

/** What a curriculum is made from; {@link resolveCurriculumConfig} checks it and fills in the defaults. */
export interface CurriculumOptions {
  /** From the first stage to the last; at least one. */
  readonly stages: readonly CurriculumStageOptions[];
  /** Number of latest values that are averaged, at least 1. @default 3 */
  readonly smoothingWindowSize?: number;
  /** Number of passes in a row that an advancement needs, at least 1. @default 2 */
  readonly patienceCycles?: number;
  /** Number of calls after a change of stage in which nothing is decided, at least 0. @default 3 */
  readonly cooldownCycles?: number;
  /** Change of a smoothed metric since the stage's entry, at most 0, below which the stage is given up. @default -0.05 */
  readonly rollbackThreshold?: number;
}

/** An exit criterion with its direction filled in. */
export type ExitCriterion = Required<ExitCriterionOptions>;

/** A stage with its criteria filled in. */
export interface CurriculumStage {
  readonly name: string;
  readonly exit: readonly ExitCriterion[];
}

/** A checked and frozen configuration, as {@link resolveCurriculumConfig} returns it. */
export interface CurriculumConfig extends Required<Omit<CurriculumOptions, 'stages'>> {
  readonly stages: readonly CurriculumStage[];
}

/**
 * Checks `options` and fills in the defaults. A resolved configuration may be given again and comes back equal.
 *
 * @throws {UsageError} `CURRICULUM_CONFIG_INVALID`, naming the wrong value.
 */
export function resolveCurriculumConfig(options: CurriculumOptions): CurriculumConfig {
  const config: CurriculumConfig = {
    stages: Object.freeze(options.stages.map(resolveStage)),
    smoothingWindowSize: options.smoothingWindowSize ?? 3,
    patienceCycles: options.patienceCycles ?? 2,
    cooldownCycles: options.cooldownCycles ?? 3,
    rollbackThreshold: options.rollbackThreshold ?? -0.05,
  };
  checkStages(config.stages);
  checkInteger('smoothingWindowSize', config.smoothingWindowSize, { least: 1 });
  checkInteger('patienceCycles', config.patienceCycles, { least: 1 });
  checkInteger('cooldownCycles', config.cooldownCycles, { least: 0 });
  const { rollbackThreshold } = config;
  if (!Number.isFinite(rollbackThreshold) || rollbackThreshold > 0) {
    throw invalidConfig(
      `rollbackThreshold must be a finite number <= 0: current value is ${rollbackThreshold}`,
      'Give the change that is still bearable as a negative number, such as -0.05',
    );
  }
  return Object.freeze(config);
}

/** The metrics that every call must bring: those of all stages' exit criteria, each once, in order of appearance. */
export function trackedMetrics(config: CurriculumConfig): readonly string[] {
  return [...new Set(config.stages.flatMap(({ exit }) => exit.map(({ metric }) => metric)))];
}

function resolveStage({ name, exit }: CurriculumStageOptions): CurriculumStage {
  const criteria = exit.map(({ metric, threshold, direction = 'max' }) =>
    Object.freeze({ metric, threshold, direction }),
  );
  return Object.freeze({ name, exit: Object.freeze(criteria) });
}

function checkStages(stages: readonly CurriculumStage[]): void {
  if (stages.length === 0) {
    throw invalidConfig('stages must hold at least one stage: it is empty', 'Name a first stage');
  }
  const names = new Set<string>();
  for (const [index, stage] of stages.entries()) {
    if (stage.name === '') {
      throw invalidConfig(`stages[${index}].name must not be empty`, 'Give the stage a name');
    }
    if (names.has(stage.name)) {
      throw invalidConfig(
        `stages[${index}].name must be unique: '${stage.name}' occurs twice`,
        'Give every stage a name of its own',
      );
    }
    names.add(stage.name);
    if (stage.exit.length === 0 && index < stages.length - 1) {
      throw invalidConfig(
        `stages[${index}].exit must hold at least one criterion: that of '${stage.name}' is empty`,
        'Say what must hold before the next stage; only the last stage may have no exit',
      );
    }
    checkCriteria(stage, `stages[${index}].exit`);
  }
}

function checkCriteria(stage: CurriculumStage, path: string): void {
  const metrics = new Set<string>();
  for (const [index, { metric, threshold, direction }] of stage.exit.entries()) {
    if (metric === '') {
      throw invalidConfig(`${path}[${index}].metric must not be empty`, 'Name a metric');
    }
    if (metrics.has(metric)) {
      throw invalidConfig(
        `${path}[${index}].metric must be unique within its stage: '${metric}' occurs twice`,
        'Keep one criterion for each metric',
      );
    }
    metrics.add(metric);
    if (!Number.isFinite(threshold)) {
      throw invalidConfig(
        `${path}[${index}].threshold must be a finite number: current value is ${threshold}`,
        `Give the bound that ${metric} has to reach`,
      );
    }
    if (!isDirection(direction)) {
      throw invalidConfig(
        `${path}[${index}].direction must be 'max' or 'min': current value is '${String(direction)}'`,
        "Write 'max' where more is better, 'min' where less is",
      );
    }
  }
}

/** Types promise a direction; a configuration read from a file may still hold something else. */
function isDirection(direction: unknown): direction is CriterionDirection {
  return direction === 'max' || direction === 'min';
}

function checkInteger(name: string, value: number, { least }: { least: number }): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw invalidConfig(
    `${name} must be an integer >= ${least}: current value is ${value}`,
    `Give ${name} a whole number from ${least}`,
  );
}

function invalidConfig(detail: string, remedy: string): UsageError {
  return new UsageError(`Wrong curriculum: ${detail}`, {
    code: 'CURRICULUM_CONFIG_INVALID',
    remedy,
  });
}
