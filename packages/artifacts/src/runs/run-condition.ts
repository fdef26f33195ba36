import { canonicalJson, type JsonValue, UsageError } from '@pixelis/core';
import { z } from 'zod';

/** A comparison such as `accuracy/hard>0.8` or `training.seed=42`. */
export interface RunCondition {
  key: string;
  /** Whether a value meets it. A value that is missing meets none, not even `!=`. */
  isMetBy: (value: JsonValue | undefined) => boolean;
}

const scalarSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const CONDITION = /^([^<>=!]+)(>=|<=|!=|=|>|<)(.*)$/s;

/**
 * Reads a comparison: a key, one of `= != < <= > >=`, and a value in JSON or, if it is none, a text. Order is defined for
 * numbers alone.
 *
 * @throws {UsageError} `RUN_FILTER_INVALID` if it is none.
 */
export function parseCondition(text: string): RunCondition {
  const [, name = '', operator = '', right = ''] = CONDITION.exec(text) ?? [];
  const key = name.trim();
  if (key === '') throw invalidError(text, 'is no comparison');
  const expected = readValue(right.trim());
  if (operator === '=') return { key, isMetBy: (value) => isEqual(value, expected) };
  if (operator === '!=')
    return { key, isMetBy: (value) => value !== undefined && !isEqual(value, expected) };
  if (typeof expected !== 'number') throw invalidError(text, 'compares with what is no number');
  return {
    key,
    isMetBy: (value) => typeof value === 'number' && isOrdered(value, operator, expected),
  };
}

function invalidError(text: string, fault: string): UsageError {
  return new UsageError(`The filter ${JSON.stringify(text)} ${fault}`, {
    code: 'RUN_FILTER_INVALID',
    remedy:
      'Write a key, one of = != < <= > >= and a value, such as "accuracy/hard>0.8" or "training.seed=42".',
  });
}

/** A list or an object stays the text that it is, and is compared with the canonical JSON of what a run holds. */
function readValue(text: string): JsonValue {
  try {
    return scalarSchema.parse(JSON.parse(text));
  } catch {
    return text;
  }
}

function isEqual(value: JsonValue | undefined, expected: JsonValue): boolean {
  if (value === undefined) return false;
  if (typeof value !== 'object' || value === null) return value === expected;
  return canonicalJson(value) === expected;
}

function isOrdered(value: number, operator: string, expected: number): boolean {
  if (operator === '>') return value > expected;
  if (operator === '>=') return value >= expected;
  return operator === '<' ? value < expected : value <= expected;
}
