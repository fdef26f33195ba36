import { createExample, type Level, ReasoningEpisode, type ReasoningExample, TOKENS, tokenName } from '@pixelis/data'; // prettier-ignore
import type { LevelScore } from '@pixelis/training';
import { levelResult, predictionsOf, resultsOf } from './benchmark-result';

const COUNT = 20;
const medium = scoreOf('medium', (example, index) =>
  index % 4 === 0 ? example.answer : undefined,
);

describe('levelResult', () => {
  it('counts what is right, in all and by the kind of question', () => {
    const { correct, count, accuracy, low, high, level, kinds } = levelResult(medium);
    expect({ level, correct, count, accuracy }).toEqual({
      level: 'medium',
      correct: 5,
      count: COUNT,
      accuracy: 0.25,
    });
    expect(low).toBeGreaterThan(0);
    expect(low).toBeLessThan(0.25);
    expect(high).toBeGreaterThan(0.25);
    const ofKinds = Object.values(kinds);
    expect(ofKinds.reduce((sum, kind) => sum + kind.count, 0)).toBe(COUNT);
    expect(ofKinds.reduce((sum, kind) => sum + kind.correct, 0)).toBe(5);
    expect(Object.keys(kinds)).toEqual(Object.keys(kinds).sort());
  });

  it('says what is right without looking', () => {
    expect(levelResult(scoreOf('simple', () => undefined))).toMatchObject({ accuracy: 0, low: 0 });
    const { chance } = levelResult(scoreOf('simple', ({ answer }) => answer));
    expect(chance).toBe(0.1135);
  });
});

describe('resultsOf', () => {
  it('names levels and kinds of questions', () => {
    const result = levelResult(medium);
    const results = resultsOf([result]);
    expect(results['accuracy/medium']).toBe(0.25);
    expect(Object.keys(results).sort()).toEqual(
      ['accuracy/medium', ...Object.keys(result.kinds).map((kind) => `accuracy/medium/${kind}`)].sort(),
    );
  }); // prettier-ignore
});

describe('predictionsOf', () => {
  it('gives a line a question, with what was answered and what is right', () => {
    const lines = predictionsOf(medium);
    expect(lines).toHaveLength(COUNT);
    const { answer, kind } = medium.examples[0]!;
    expect(lines[0]).toMatchObject({
      level: 'medium',
      index: 0,
      kind,
      status: 'answered',
      answer: tokenName(answer),
      expected_answer: tokenName(answer),
      is_correct: true,
      operations: 0,
    });
    expect(lines[1]).toMatchObject({ index: 1, status: 'open', answer: null, is_correct: false });
  });
});

// Helpers

/** Questions of the test split, answered as given; what is not answered stays open. */
function scoreOf(
  level: Level,
  answerOf: (example: ReasoningExample, index: number) => number | undefined,
): LevelScore {
  const examples = Array.from({ length: COUNT }, (_, index) =>
    createExample({ level, split: 'test', index, seed: 42 }),
  );
  const episodes = examples.map((example, index) => {
    const episode = new ReasoningEpisode(example);
    const answer = answerOf(example, index);
    if (answer !== undefined)
      for (const token of [TOKENS.answer, answer, TOKENS.end]) episode.emit(token);
    return episode;
  });
  const correct = episodes.filter(({ answer }, index) => answer === examples[index]?.answer).length;
  return { level, accuracy: correct / COUNT, examples, episodes };
}
