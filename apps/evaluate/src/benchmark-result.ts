import type { JsonValue } from '@pixelis/core';
import { canvasChance, type QuestionKind, type ReasoningExample, tokenName } from '@pixelis/data';
import { wilsonInterval } from '@pixelis/metrics';
import type { LevelScore } from '@pixelis/training';

/** How a model did on some questions. */
export interface Accuracy {
  readonly correct: number;
  readonly count: number;
  /** In per one. */
  readonly accuracy: number;
  /** Bounds of the 95 % interval (Wilson 1927). */
  readonly low: number;
  readonly high: number;
}

/** How a model did on a level, in all and by the kind of question. */
export interface LevelResult extends Accuracy {
  readonly level: LevelScore['level'];
  /** What the best answer without looking closer is right in, in per one. */
  readonly chance: number;
  readonly kinds: Readonly<Partial<Record<QuestionKind, Accuracy>>>;
}

/** What a level's episodes come to. */
export function levelResult({ level, examples, episodes }: LevelScore): LevelResult {
  const isCorrect = examples.map(({ answer }, index) => episodes[index]?.answer === answer);
  const kinds = [...new Set(examples.map(({ kind }) => kind))].sort();
  return {
    level,
    chance: canvasChance(level),
    ...accuracyOf(isCorrect),
    kinds: Object.fromEntries(
      kinds.map((kind) => [
        kind,
        accuracyOf(isCorrect.filter((_, at) => examples[at]?.kind === kind)),
      ]),
    ),
  };
}

/** The results of a manifest: `accuracy/<level>` and `accuracy/<level>/<kind>`. */
export function resultsOf(levels: readonly LevelResult[]): Record<string, number> {
  return Object.fromEntries(
    levels.flatMap(({ level, accuracy, kinds }): [string, number][] => [
      [`accuracy/${level}`, accuracy],
      ...Object.entries(kinds).map(([kind, score]): [string, number] => [
        `accuracy/${level}/${kind}`,
        score.accuracy,
      ]),
    ]),
  );
}

/** What a model did on each question, for `predictions.jsonl`. */
export function predictionsOf({ level, examples, episodes }: LevelScore): JsonValue[] {
  return examples.map((example, index) => {
    const episode = episodes[index];
    const answer = episode?.answer;
    return {
      level,
      index,
      kind: example.kind,
      question: questionText(example),
      status: episode?.status ?? 'open',
      answer: answer === undefined ? null : tokenName(answer),
      expected_answer: tokenName(example.answer),
      is_correct: answer === example.answer,
      operations: (episode?.steps ?? []).filter(
        ({ type }) => type === 'zoom' || type === 'properties',
      ).length,
    };
  });
}

function questionText({ question }: ReasoningExample): string {
  return question.map(tokenName).join(' ');
}

function accuracyOf(isCorrect: readonly boolean[]): Accuracy {
  const correct = isCorrect.filter(Boolean).length;
  const count = isCorrect.length;
  return { correct, count, accuracy: correct / count, ...wilsonInterval(correct, count) };
}
