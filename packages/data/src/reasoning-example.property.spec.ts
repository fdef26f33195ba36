import fc from 'fast-check';
import { loadMnist, type Split, SPLIT_SIZES } from './mnist';
import {
  createExample,
  DIGIT_COUNTS,
  type ExampleKey,
  KIND_WEIGHTS,
  type QuestionKind,
  type ReasoningExample,
} from './reasoning-example';
import { type Level, LEVELS } from './scene';
import { properties, zoom } from './scene-operations';
import { cellOfToken, numberOfToken, tokenName, TOKENS } from './vocabulary';

const level = fc.constantFrom(...LEVELS);
const key: fc.Arbitrary<ExampleKey> = fc
  .record({
    level,
    split: fc.constantFrom<Split>('train', 'val', 'test'),
    part: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    seed: fc.maxSafeNat(),
    epoch: fc.nat(5),
  })
  .map(({ part, ...rest }) => ({ ...rest, index: Math.floor(part * SPLIT_SIZES[rest.split]) }));

describe('createExample()', () => {
  it('makes the same example of the same key', () => {
    fc.assert(fc.property(key, (k) => expect(createExample(k)).toEqual(createExample(k))));
  });

  it('asks about the digit of its index, and answers right', () => {
    fc.assert(
      fc.property(key, (k) => {
        const { kind, demonstration, answer, scene } = createExample(k);
        const label = loadMnist(k.split).labels[k.index];
        const notes = demonstration.flatMap((s) =>
          s.type === 'note' ? [numberOfToken(s.token)!] : [],
        );
        const [first, second] = notes;
        switch (kind) {
          case 'digit':
            expect(numberOfToken(answer)).toBe(label);
            expect(notes).toEqual(k.level === 'simple' ? [] : [label]);
            break;
          case 'count': {
            const cells = Array.from({ length: scene.grid ** 2 }, (_, cell) => cell);
            const occupied = cells.filter((cell) => properties(scene, cell) !== TOKENS.empty);
            expect(numberOfToken(answer)).toBe(occupied.length);
            break;
          }
          case 'compare':
            expect(first).toBe(label);
            expect(second).not.toBe(first);
            expect(answer).toBe(first! > second! ? TOKENS.yes : TOKENS.no);
            break;
          case 'sum':
            expect(first).toBe(label);
            expect(numberOfToken(answer)).toBe(first! + second!);
        }
        expect(demonstration.at(-1)).toEqual({ type: 'answer', token: answer });
      }),
    );
  });

  it('zooms into the cells of the question, in its order, and they hold digits', () => {
    fc.assert(
      fc.property(key, (k) => {
        const example = createExample(k);
        const { demonstration, question, scene } = example;
        const zooms = demonstration.flatMap((s) => (s.type === 'zoom' ? [s] : []));
        const cells = question.slice(1).map((token) => cellOfToken(token));
        expect(zooms.map((z) => z.cell)).toEqual(k.level === 'simple' ? [] : cells);
        for (const cell of cells) expect(properties(scene, cell!)).not.toBe(TOKENS.empty);
        for (const { cell, crop } of zooms) expect(crop).toEqual(zoom(scene, cell));
      }),
    );
  });

  it('draws as many digits as the level allows, in cells of their own', () => {
    fc.assert(
      fc.property(key, (k) => {
        const { scene } = createExample(k);
        const cells = Array.from({ length: scene.grid ** 2 }, (_, cell) => properties(scene, cell));
        const count = cells.filter((token) => token !== TOKENS.empty).length;
        const [fewest, most] = DIGIT_COUNTS[k.level];
        expect(count).toBeGreaterThanOrEqual(fewest);
        expect(count).toBeLessThanOrEqual(most);
      }),
    );
  });

  it('keeps val and test the same for every seed and epoch, and varies train with both', () => {
    const base = { level: 'hard', index: 7, seed: 1, epoch: 0 } as const;
    for (const split of ['val', 'test'] as const) {
      expect(createExample({ ...base, split, seed: 2, epoch: 3 })).toEqual(
        createExample({ ...base, split }),
      );
    }
    const train = createExample({ ...base, split: 'train' });
    expect(createExample({ ...base, split: 'train', seed: 2 }).scene).not.toEqual(train.scene);
    expect(createExample({ ...base, split: 'train', epoch: 1 }).scene).not.toEqual(train.scene);
  });

  it.each(LEVELS)('asks every kind of question as often as it says, level %s', (of) => {
    const count = 500;
    const found: Record<QuestionKind, number> = { digit: 0, count: 0, compare: 0, sum: 0 };
    for (const { kind } of examples(of, count)) found[kind]++;
    for (const kind of ['digit', 'count', 'compare', 'sum'] as const) {
      const p = KIND_WEIGHTS[of][kind];
      const deviation = Math.sqrt(count * p * (1 - p));
      expect(Math.abs(found[kind] - count * p)).toBeLessThanOrEqual(4 * deviation);
    }
  });

  it('draws the second digit of a comparison from all that differ, each equally likely', () => {
    // Of those that differ from 1, the test digits hold 980 zeros in 8865.
    const { labels } = loadMnist('test');
    const seconds = [...labels.keys()]
      .filter((index) => labels[index] === 1)
      .map((index) => createExample({ level: 'medium', split: 'test', index, seed: 0 }))
      .filter((e) => e.kind === 'compare')
      .map((e) => e.demonstration.flatMap((s) => (s.type === 'note' ? [tokenName(s.token)] : [])))
      .map(([, second]) => second);
    const zeros = seconds.filter((second) => second === 'NUM_0').length / seconds.length;
    expect(seconds.length).toBeGreaterThan(100);
    expect(zeros).toBeCloseTo(980 / 8865, 1);
    expect(new Set(seconds)).toEqual(
      new Set([0, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => `NUM_${digit}`)),
    );
  });

  it.each([-1, 10_000, 0.5, Number.NaN])('refuses index %p of the test split', (index) => {
    expect(() => createExample({ level: 'simple', split: 'test', index, seed: 1 })).toThrow(
      RangeError,
    );
  });
});

function examples(of: Level, count: number): ReasoningExample[] {
  return Array.from({ length: count }, (_, index) =>
    createExample({ level: of, split: 'test', index, seed: 0 }),
  );
}
