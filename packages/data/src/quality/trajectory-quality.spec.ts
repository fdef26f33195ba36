import type { JsonValue } from '@pixelis/core';
import fc from 'fast-check';
import { scoreTrajectories, summariseQuality } from './filter-by-quality';
import { readTrajectory } from './trajectory';
import { scoreTrajectory, stepCountsOf } from './trajectory-quality';

const GOOD = {
  question: 'How many red cubes?',
  trajectory: [
    'Look at the left half: two.',
    { action: 'zoom', cell: 3 },
    'One more on the right.',
  ],
  answer: '3',
  expected_answer: 3,
};

describe('readTrajectory()', () => {
  it('readTrajectory() reads named fields and keeps actions with their arguments', () => {
    expect(readTrajectory(GOOD)).toEqual({
      question: 'How many red cubes?',
      steps: [
        { text: 'Look at the left half: two.', hasFailed: false },
        { text: '{"action":"zoom","cell":3}', hasFailed: false },
        { text: 'One more on the right.', hasFailed: false },
      ],
      answer: '3',
      reference: '3',
    });
  });

  it('readTrajectory() reads a chat: the first question, the last answer, what is between', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Two plus two?' },
      { role: 'assistant', content: 'Let me count.' },
      { role: 'tool', content: '4', status: 'error' },
      { role: 'assistant', content: 'Four' },
    ];
    expect(readTrajectory({ messages, label: 'four' })).toEqual({
      question: 'Two plus two?',
      steps: [
        { text: 'Let me count.', hasFailed: false },
        { text: '4', hasFailed: true },
      ],
      answer: 'Four',
      reference: 'four',
    });
  });

  it('readTrajectory() takes a text of several lines for steps', () => {
    expect(
      readTrajectory({ reasoning: 'first\n\n second ' }).steps.map(({ text }) => text),
    ).toEqual(['first', 'second']);
  });

  it('readTrajectory() reads any JSON object', () => {
    const record = fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<JsonValue>);
    fc.assert(fc.property(record, (value) => Array.isArray(readTrajectory(value).steps)));
  });
});

describe('scoreTrajectory()', () => {
  it('scoreTrajectory() gives 1 to a complete, right, varied and concise trajectory', () => {
    expect(scoreOf(GOOD)).toEqual({
      score: 1,
      components: { completeness: 1, correctness: 1, validity: 1, variety: 1, concision: 1 },
    });
  });

  it.each([['3.0'], ['3.'], [' 3 '], [3]])('scoreTrajectory() takes %j for 3', (answer) => {
    expect(scoreOf({ ...GOOD, answer }).components['correctness']).toBe(1);
  });

  it.each([['4'], [''], ['three']])(
    'scoreTrajectory() gives 0 for the wrong answer %j',
    (answer) => {
      expect(scoreOf({ ...GOOD, answer }).score).toBe(0);
    },
  );

  it('scoreTrajectory() leaves out what cannot be measured', () => {
    const { question, trajectory, answer } = GOOD;
    expect(scoreOf({ question, trajectory, answer })).toEqual({
      score: 1,
      components: { completeness: 1, validity: 1, variety: 1, concision: 1 },
    });
  });

  it('scoreTrajectory() takes the weighted geometric mean: (2/3)^(2/9) without a question', () => {
    expect(scoreOf({ ...GOOD, question: '' }).score).toBeCloseTo((2 / 3) ** (2 / 9), 12);
  });

  it('scoreTrajectory() counts failed and empty steps, and repetitions', () => {
    const trajectory = ['a', 'A ', { tool: 'x', error: 'no such tool' }, ''];
    const { components } = scoreOf({ ...GOOD, trajectory });
    expect(components).toMatchObject({ validity: 0.5, variety: 0.75 });
  });

  it('scoreTrajectory() counts repeated sequences of four words within a step', () => {
    const trajectory = ['so we look again so we look again'];
    expect(scoreOf({ ...GOOD, trajectory }).components['variety']).toBe(4 / 5);
  });

  it('scoreTrajectory() finds a trajectory beyond the upper fence too long', () => {
    const counts = { lowerQuartile: 2, upperQuartile: 4 };
    const steps = Array.from({ length: 14 }, (_, index) => `step ${index}`);
    const long = readTrajectory({ ...GOOD, trajectory: steps });
    expect(scoreTrajectory(long, counts).components['concision']).toBe(0.5);
  });

  it('scoreTrajectory() gives scores from 0 to 1, and never more for a step that failed', () => {
    const step = fc.record({ text: fc.string(), hasFailed: fc.boolean() });
    const steps = fc.array(step, { minLength: 1, maxLength: 6 });
    const counts = { lowerQuartile: 1, upperQuartile: 3 };
    fc.assert(
      fc.property(fc.string(), steps, fc.string(), (question, list, answer) => {
        const record = { question, steps: list, answer, reference: undefined };
        const failed = list.map((item, index) =>
          index === 0 ? { ...item, hasFailed: true } : item,
        );
        const { score } = scoreTrajectory(record, counts);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
        expect(scoreTrajectory({ ...record, steps: failed }, counts).score).toBeLessThanOrEqual(
          score,
        );
      }),
    );
  });
});

describe('stepCountsOf()', () => {
  it('stepCountsOf() gives the quartiles that NumPy gives', () => {
    const records = [1, 2, 3, 4, 9, 12].map((count) =>
      readTrajectory({ steps: Array.from({ length: count }, (_, index) => `${index}`) }),
    );
    expect(stepCountsOf(records)).toEqual({ lowerQuartile: 2.25, upperQuartile: 7.75 });
    expect(stepCountsOf([])).toEqual({ lowerQuartile: 0, upperQuartile: 0 });
  });
});

describe('scoreTrajectories()', () => {
  it('scoreTrajectories() keeps the first of equal trajectories, whatever else the record says', () => {
    const scored = scoreTrajectories([GOOD, { ...GOOD, id: 7 }, { ...GOOD, question: 'Other?' }]);
    expect(scored.map(({ duplicateOf }) => duplicateOf)).toEqual([null, 0, null]);
    expect(scored.map(({ quality }) => quality.score)).toEqual([1, 0, 1]);
    expect(summariseQuality(scored, 0.7)).toEqual({
      count: 3,
      kept: 2,
      duplicates: 1,
      minimumScore: 0.7,
      meanScore: 2 / 3,
      histogram: [1, 0, 0, 0, 0, 0, 0, 0, 0, 2],
    });
  });

  it('summariseQuality() has no mean without examples', () => {
    expect(summariseQuality([], 0.5)).toMatchObject({ count: 0, kept: 0, meanScore: null });
  });
});

// Helpers

function scoreOf(record: Readonly<Record<string, JsonValue>>) {
  const trajectory = readTrajectory(record);
  return scoreTrajectory(trajectory, stepCountsOf([trajectory]));
}
