import { IntegrityError } from '@pixelis/core';

import { type CurriculumConfig, trackedMetrics } from './config';

/**
 * Everything that a curriculum remembers between two calls: plain, frozen data that goes through JSON unchanged. Its
 * shape is its version: {@link restoreCurriculumState} refuses any other.
 */
export interface CurriculumState {
  /** Name of the current stage. */
  readonly stage: string;
  /** The latest values of each tracked metric, oldest first, at most `smoothingWindowSize` and equally many of each. */
  readonly history: Readonly<Record<string, readonly number[]>>;
  /** Calls still to come in which nothing is decided, from 0 to `cooldownCycles`. */
  readonly cooldown: number;
  /** Passes in a row so far, from 0 to `patienceCycles` - 1. */
  readonly patience: number;
  /** The stage's first full-window mean of each metric of its exit; null until there is one. */
  readonly entry: Readonly<Record<string, number>> | null;
}

/** The state before the first call: the first stage, nothing measured. */
export function initialCurriculumState(config: CurriculumConfig): CurriculumState {
  const [first] = config.stages;
  if (first === undefined) throw new RangeError('Cannot begin a curriculum: it has no stage');
  const history = Object.fromEntries(trackedMetrics(config).map((metric) => [metric, []]));
  return freezeState({ stage: first.name, history, cooldown: 0, patience: 0, entry: null });
}

/** Freezes `state` and all that it holds. */
export function freezeState(state: CurriculumState): CurriculumState {
  for (const values of Object.values(state.history)) Object.freeze(values);
  Object.freeze(state.history);
  Object.freeze(state.entry);
  return Object.freeze(state);
}

/**
 * Checks that `value`, such as what `JSON.parse` gave, is a state of this configuration, and returns it as one.
 *
 * @throws {IntegrityError} `CURRICULUM_STATE_INVALID`, naming the wrong value: another shape, a stage or metric that the
 * configuration does not know or lacks, a counter or a history out of range.
 */
export function restoreCurriculumState(value: unknown, config: CurriculumConfig): CurriculumState {
  const source = readRecord(value, 'state', ['stage', 'history', 'cooldown', 'patience', 'entry']);
  const stage = config.stages.find(({ name }) => name === source['stage']);
  if (stage === undefined) {
    const names = config.stages.map(({ name }) => `'${name}'`).join(', ');
    throw invalidState(`stage must be one of ${names}: current value is ${show(source['stage'])}`);
  }
  const metrics = stage.exit.map(({ metric }) => metric);
  return freezeState({
    stage: stage.name,
    history: readHistory(source['history'], config),
    cooldown: readCount(source['cooldown'], 'cooldown', config.cooldownCycles),
    patience: readCount(source['patience'], 'patience', config.patienceCycles - 1),
    entry: source['entry'] === null ? null : readEntry(source['entry'], metrics),
  });
}

function readHistory(value: unknown, config: CurriculumConfig): CurriculumState['history'] {
  const metrics = trackedMetrics(config);
  const source = readRecord(value, 'history', metrics);
  const history = metrics.map((metric) => [metric, readValues(source[metric], metric)] as const);
  const length = history[0]?.[1].length ?? 0;
  for (const [metric, values] of history) {
    if (values.length > config.smoothingWindowSize) {
      throw invalidState(
        `history of '${metric}' must hold at most ${config.smoothingWindowSize} values: it holds ${values.length}`,
      );
    }
    if (values.length !== length) {
      throw invalidState(
        `history must hold equally many values of each metric: '${metric}' has ${values.length}, '${metrics[0] ?? ''}' ${length}`,
      );
    }
  }
  return Object.fromEntries(history);
}

function readValues(value: unknown, metric: string): readonly number[] {
  if (!Array.isArray(value)) {
    throw invalidState(`history of '${metric}' must be an array: current value is ${show(value)}`);
  }
  return value.map((item, index) => readNumber(item, `history of '${metric}' at index ${index}`));
}

function readEntry(value: unknown, metrics: readonly string[]): Record<string, number> {
  const source = readRecord(value, 'entry', metrics);
  return Object.fromEntries(
    metrics.map((metric) => [metric, readNumber(source[metric], `entry of '${metric}'`)]),
  );
}

function readCount(value: unknown, name: string, most: number): number {
  const count = readNumber(value, name);
  if (Number.isInteger(count) && count >= 0 && count <= most) return count;
  throw invalidState(
    `${name} must be an integer from 0 to ${most}: current value is ${show(value)}`,
  );
}

function readNumber(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw invalidState(`${name} must be a finite number: current value is ${show(value)}`);
}

/** Reads an object whose own keys are exactly `keys`. */
function readRecord(
  value: unknown,
  name: string,
  keys: readonly string[],
): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) {
    throw invalidState(`${name} must be an object: current value is ${show(value)}`);
  }
  const missing = keys.find((key) => !Object.hasOwn(value, key));
  if (missing !== undefined) throw invalidState(`${name} lacks '${missing}'`);
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) throw invalidState(`${name} holds '${unknown}', which is not known`);
  return value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Writes a value of any kind, NaN and undefined included, into a message. */
function show(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}

function invalidState(detail: string): IntegrityError {
  return new IntegrityError(`Cannot restore a curriculum: ${detail}`, {
    code: 'CURRICULUM_STATE_INVALID',
    remedy: 'Restore it under the configuration that it was saved under, or begin a new curriculum',
  });
}
