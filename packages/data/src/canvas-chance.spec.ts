import { canvasChance } from './canvas-chance';
import { createExample, type QuestionKind } from './reasoning-example';
import { LEVELS } from './scene';

describe('canvasChance()', () => {
  it.each(LEVELS)(
    'is what the best constants reach on level %s, within four standard errors',
    (level) => {
      const count = 1000;
      const answers = new Map<QuestionKind, Map<number, number>>();
      for (let index = 0; index < count; index++) {
        const { kind, answer } = createExample({ level, split: 'test', index, seed: 0 });
        const counts = answers.get(kind) ?? new Map<number, number>();
        answers.set(kind, counts.set(answer, (counts.get(answer) ?? 0) + 1));
      }
      const right = [...answers.values()].map((counts) => Math.max(...counts.values()));
      const measured = right.reduce((a, b) => a + b) / count;
      const chance = canvasChance(level);
      const error = Math.sqrt((chance * (1 - chance)) / count);
      expect(Math.abs(measured - chance)).toBeLessThan(4 * error);
    },
  );

  it('is the share of ones where a single digit is asked for', () => {
    expect(canvasChance('simple')).toBe(0.1135);
    expect(canvasChance('simple', { split: 'val' })).toBeCloseTo(0.11, 2);
  });
});
