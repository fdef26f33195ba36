import { canonicalJson, type JsonValue } from '@pixelis/core';

/** A question, what was thought and done about it, and the answer: one example of a data set of demonstrations. */
export interface TrajectoryRecord {
  readonly question: string;
  readonly steps: readonly TrajectoryStep[];
  readonly answer: string;
  /** The right answer, where the record has it. */
  readonly reference: string | undefined;
}

/** One thought, action or observation. */
export interface TrajectoryStep {
  /** What it says or does, with its arguments. */
  readonly text: string;
  /** Whether the record itself says that it failed. */
  readonly hasFailed: boolean;
}

const QUESTION_KEYS = ['question', 'prompt', 'instruction', 'input', 'problem'];
const STEPS_KEYS = ['trajectory', 'steps', 'reasoning', 'chain_of_thought', 'actions'];
const ANSWER_KEYS = ['answer', 'final_answer', 'prediction', 'response', 'output', 'completion'];
const REFERENCE_KEYS = ['expected_answer', 'ground_truth', 'reference', 'label', 'solution'];
const FAILURE_STATUS = new Set(['error', 'failed', 'failure', 'invalid']);

/**
 * Reads a record of any of the usual shapes: named fields (`question`, `trajectory` or `steps`, `answer`, and their
 * common synonyms), or a chat (`messages` or `conversations` with roles), whose first user message is the question and
 * whose last assistant message the answer. What is missing is empty.
 */
export function readTrajectory(record: Readonly<Record<string, JsonValue>>): TrajectoryRecord {
  const messages = record['messages'] ?? record['conversations'];
  const reference = firstOf(record, REFERENCE_KEYS);
  const base = isList(messages) ? readChat(messages) : readFields(record);
  return { ...base, reference: reference === undefined ? undefined : textOf(reference) };
}

function readFields(
  record: Readonly<Record<string, JsonValue>>,
): Omit<TrajectoryRecord, 'reference'> {
  const steps = firstOf(record, STEPS_KEYS);
  return {
    question: textOf(firstOf(record, QUESTION_KEYS)),
    steps: stepsOf(steps),
    answer: textOf(firstOf(record, ANSWER_KEYS)),
  };
}

function readChat(messages: readonly JsonValue[]): Omit<TrajectoryRecord, 'reference'> {
  const turns = messages.filter(isObject).map((message) => ({
    role: textOf(message['role'] ?? message['from']),
    step: stepOf(message),
  }));
  const isUser = (role: string) => role === 'user' || role === 'human';
  const question = turns.find(({ role }) => isUser(role));
  const after = turns.slice(question === undefined ? 0 : turns.indexOf(question) + 1);
  const last = after.at(-1);
  const isAnswered = last !== undefined && !isUser(last.role);
  return {
    question: question?.step.text ?? '',
    steps: (isAnswered ? after.slice(0, -1) : after).map(({ step }) => step),
    answer: isAnswered ? last.step.text : '',
  };
}

function stepsOf(value: JsonValue | undefined): TrajectoryStep[] {
  if (isList(value)) return value.map(stepOf);
  const lines = textOf(value).split('\n');
  return lines.filter((line) => line.trim() !== '').map(stepOf);
}

function stepOf(value: JsonValue): TrajectoryStep {
  if (!isObject(value)) return { text: textOf(value), hasFailed: false };
  const { status, error, ...said } = value;
  const content = Object.fromEntries(
    Object.entries(said).filter(([key]) => key !== 'role' && key !== 'from'),
  );
  const hasFailed =
    (error !== undefined && error !== null && error !== false && error !== '') ||
    (typeof status === 'string' && FAILURE_STATUS.has(status.toLowerCase()));
  const only = content['content'] ?? content['value'] ?? content['text'] ?? content['thought'];
  const isPlain = Object.keys(content).length === 1 && typeof only === 'string';
  return { text: isPlain ? only.trim() : canonicalTextOf(content), hasFailed };
}

function canonicalTextOf(content: Readonly<Record<string, JsonValue>>): string {
  return Object.values(content).some((value) => textOf(value) !== '') ? canonicalJson(content) : '';
}

function firstOf(
  record: Readonly<Record<string, JsonValue>>,
  keys: readonly string[],
): JsonValue | undefined {
  const key = keys.find((name) => Object.hasOwn(record, name) && record[name] !== null);
  return key === undefined ? undefined : record[key];
}

function textOf(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value.trim();
  return isEmpty(value) ? '' : canonicalJson(value);
}

function isEmpty(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue): value is Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
