import fc from 'fast-check';
import { collate, NONE } from './reasoning-batch';
import { createExample } from './reasoning-example';
import { ReasoningSequence } from './reasoning-sequence';
import { LEVELS } from './scene';
import { isActionToken, TOKENS } from './vocabulary';

const sequence = fc
  .record({ level: fc.constantFrom(...LEVELS), index: fc.nat(9999) })
  .map((key) =>
    ReasoningSequence.ofDemonstration(createExample({ ...key, split: 'test', seed: 0 })),
  );
const sequences = fc.array(sequence, { minLength: 1, maxLength: 6 });

describe('collate()', () => {
  it('gives every emitted token as the target of the position before it, once and in order', () => {
    fc.assert(
      fc.property(sequences, fc.double({ min: 0, max: 2, noNaN: true }), (list, weight) => {
        const { length, targets, weights } = collate(list, { actionTokenWeight: weight });
        list.forEach((one, row) => {
          const expected = one.entries.flatMap((e) =>
            e.type === 'token' && e.isEmitted ? [e.token] : [],
          );
          const at = range(row * length, (row + 1) * length).filter((i) => targets[i] !== NONE);
          const found = at.map((i) => targets[i]!);
          expect(found).toEqual([...expected, TOKENS.end]);
          expect(at.map((i) => weights[i])).toEqual(
            found.map((token) => (isActionToken(token) ? Math.fround(weight) : 1)),
          );
        });
        const isWeighed = weights.every((w, at) => targets[at] !== NONE || w === 0);
        expect(isWeighed).toBe(true);
      }),
    );
  });

  it('lets a target stand as the token of the next position, unless it is END', () => {
    fc.assert(
      fc.property(sequences, (list) => {
        const { tokens, targets } = collate(list);
        targets.forEach((target, at) => {
          if (target !== NONE && target !== TOKENS.end) expect(tokens[at + 1]).toBe(target);
        });
      }),
    );
  });

  it('fills each position of a sequence with a token or a patch, each patch once, and pads the rest', () => {
    fc.assert(
      fc.property(sequences, (list) => {
        const result = collate(list);
        const { length, lengths, tokens, patches, targets, imageCount, patchCount } = result;
        const isRight = range(0, tokens.length).every((at) => {
          const isInside = at % length < lengths[Math.floor(at / length)]!;
          const filled = Number(tokens[at] !== NONE) + Number(patches[at] !== NONE);
          return isInside ? filled === 1 : filled === 0 && targets[at] === NONE;
        });
        expect(isRight).toBe(true);
        expect([...patches].filter((patch) => patch !== NONE)).toEqual(
          range(0, imageCount * patchCount),
        );
        expect(Math.max(...lengths)).toBe(length);
      }),
    );
  });

  it('lays a sequence out the same in any company, up to padding and the number of its pictures', () => {
    fc.assert(
      fc.property(sequence, sequence, (one, other) => {
        const alone = collate([one]);
        const second = collate([other, one]);
        const start = second.length;
        const end = start + alone.length;
        expect(second.tokens.slice(start, end)).toEqual(alone.tokens);
        expect(second.targets.slice(start, end)).toEqual(alone.targets);
        expect(second.images.slice(-alone.images.length)).toEqual(alone.images);
      }),
    );
  });
});

function range(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, at) => first + at);
}
